"""What every child process does first: die with its supervisor, raise its file limit, load its code."""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import resource
import signal
from types import ModuleType

PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int | None = None) -> None:
    """Ask the kernel for SIGTERM when the parent ends (prctl(2)). ``parent``: its pid, to close the race at start."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


def private_files() -> None:
    """What this process makes is for its user alone: the home folder may have been made for everybody."""
    os.umask(0o077)


def raise_file_limit() -> int:
    """Lift RLIMIT_NOFILE to the hard limit; returns it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def load_code(module: str) -> ModuleType:
    """Import a module. Nothing of it becomes garbage; looking for some meanwhile would be a fifth of the start."""
    gc.disable()
    try:
        return importlib.import_module(module)
    finally:
        gc.freeze()
        gc.enable()
