"""A real ``ccc serve --demo`` in a temporary home on free ports, always stopped by its process ids."""

from __future__ import annotations

import fcntl
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ccc.commands.calls import as_dict
from ccc.home import Home
from ccc.services.actor import SYSTEM
from ccc.services.calls import last_calls
from ccc.store import open_store

ROOT = Path(__file__).resolve().parent.parent.parent
CCC = [sys.executable, "-m", "ccc.cli"]
SEEDED = "TESTS_SEEDED_DEMO"
"""The environment variable that names the folder of the seeded demo; set for the length of a test run."""
Record = dict[str, Any]


def free_port(kind: int) -> int:
    """A port nobody uses at the moment."""
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def wait_for(what: str, check: Callable[[], Any], timeout_s: float = 30.0, every_s: float = 0.1) -> Any:
    """The first true result of ``check``; AssertionError that names ``what`` when none comes in time."""
    end = time.monotonic() + timeout_s
    while True:
        result = check()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {timeout_s:.0f} s (last: {result!r})")
        time.sleep(every_s)


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _part_name(pid: int) -> str:
    """``runtime``, ``web``, ``jobs``, ``media-0`` ... of a child of ``ccc serve``; '' when it is none."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return ""
    if "ccc.cli" not in words:
        return ""
    name, number = words[words.index("ccc.cli") + 1 :][:2]
    return f"media-{number}" if name == "media" else name


@dataclass
class System:
    """Handles on one running installation."""

    home: Home
    http_port: int
    sip_port: int
    arguments: list[str]
    process: subprocess.Popen[bytes] | None = None
    output: Path = field(default_factory=Path)
    started_s: float = 0.0
    """How long the newest start took until ``/healthz`` said 200."""

    @property
    def sip(self) -> str:
        return f"127.0.0.1:{self.sip_port}"

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    def start(self, timeout_s: float = 100.0) -> float:
        """Start it and wait for ``/healthz`` 200; returns the seconds that took."""
        began = time.monotonic()
        with self.output.open("ab") as out:
            self.process = subprocess.Popen(
                [*CCC, "serve", "--demo", *self.arguments], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        end = began + timeout_s
        while self.healthz()[0] != 200:
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"ccc serve did not come up:\n{self.text()[-4000:]}")
            time.sleep(0.05)
        self.started_s = time.monotonic() - began
        return self.started_s

    def healthz(self) -> tuple[int, Record]:
        """Status and body of ``/healthz``; (0, {}) when nobody answers."""
        try:
            with urllib.request.urlopen(f"{self.http}/healthz", timeout=2) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")
        except OSError:
            return 0, {}

    def text(self) -> str:
        """Everything the processes printed."""
        return self.output.read_text(errors="replace")

    def password(self, user: str) -> str:
        """The demo password, as printed at the first start."""
        found = re.search(rf"\b{user}\b\W+(?:password\W+)?(\S{{8,}})", self.text())
        assert found, f"no password of {user} was printed:\n{self.text()[-2000:]}"
        return found[1]

    def parts(self) -> dict[str, int]:
        """Process ids of the children by name."""
        assert self.process is not None
        return {name: pid for pid in _children(self.process.pid) if (name := _part_name(pid))}

    def pids(self) -> list[int]:
        """The supervisor and everything below it."""
        found, todo = [], [self.process.pid] if self.process else []
        while todo:
            pid = todo.pop()
            found.append(pid)
            todo += _children(pid)
        return found

    def kill(self, part: str) -> int:
        """SIGKILL to one child; returns its id."""
        pid = self.parts()[part]
        os.kill(pid, signal.SIGKILL)
        return pid

    @contextmanager
    def nobody_restarts(self) -> Iterator[None]:
        """The supervisor stands still: a part that dies inside stays dead until the end."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.process.pid, signal.SIGCONT)

    def kill_all(self) -> None:
        """SIGKILL to every process of the installation at once: stopped first, so that none sees another one die."""
        pids = self.pids()
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in pids:
                os.kill(pid, number)
        assert self.process is not None
        self.process.wait()
        wait_for("every process gone", lambda: not any(map(_alive, pids)))

    def stop(self) -> int:
        """SIGTERM, and SIGKILL to whatever is left after 15 s; returns the exit code."""
        if self.process is None:
            return 0
        pids = self.pids()
        self.process.terminate()
        try:
            code = self.process.wait(15)
        except subprocess.TimeoutExpired:
            code = -1
        for pid in pids:
            if _alive(pid):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        return code

    def rss_mb(self) -> float:
        """Resident memory of all processes."""
        total = 0
        for pid in self.pids():
            match = re.search(r"VmRSS:\s+(\d+)", _read(f"/proc/{pid}/status"))
            total += int(match[1]) if match else 0
        return total / 1024

    def ccc(self, *arguments: str, timeout_s: float = 60.0) -> subprocess.CompletedProcess[str]:
        """Run ``ccc ARGUMENTS --home ...``."""
        command = [*CCC, *arguments, "--home", str(self.home.root)]
        return subprocess.run(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout_s
        )

    def calls(self, last: int = 1000) -> list[Record]:
        """Records as ``ccc calls --json`` prints them (in this process: the command costs a second each time)."""
        store = open_store(self.home)
        try:
            return [as_dict(call) for call in last_calls(store, SYSTEM, last)]
        finally:
            store.close()

    def record_of(self, caller: str, timeout_s: float = 30.0) -> Record:
        """The (newest) record of the call from ``caller``, once it has arrived in the store."""

        def find() -> Record | None:
            return next((record for record in self.calls() if record["caller"] == caller), None)

        found: Record = wait_for(f"the record of the call from {caller}", find, timeout_s, 0.2)
        return found


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def _new(folder: Path, *extra: str) -> System:
    """A system that is not started yet, on free ports."""
    first = random.randrange(20000, 28000, 2)
    system = System(Home(folder / "i"), free_port(socket.SOCK_STREAM), free_port(socket.SOCK_DGRAM), [])
    system.output = folder / "output.txt"
    system.arguments = [
        "--home", str(system.home.root), "--http", f"127.0.0.1:{system.http_port}", "--sip", system.sip,
        "--rtp-ports", f"{first}-{first + 1999}", "--webrtc-port", str(free_port(socket.SOCK_DGRAM)),
        "--drain-s", "1", *extra,
    ]  # fmt: skip
    return system


def _copy_of_the_seeded(folder: Path) -> None:
    """Put a demo that was started once and stopped, and what it printed, into ``folder``: creating database, users
    and prompts is most of the work of a first start. The first test of a run that needs it makes it."""
    seeded = Path(os.environ[SEEDED])
    with (seeded / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (seeded / "made").exists():
            system = _new(seeded)
            try:
                system.start()
            finally:
                system.stop()
            (seeded / "made").touch()
    shutil.copytree(seeded / "i", folder / "i", ignore=shutil.ignore_patterns("*.sock"))
    shutil.copy(seeded / "output.txt", folder / "output.txt")


@contextmanager
def running(*extra: str) -> Iterator[System]:
    """A started system; removed with its folder at the end. Outside of test runs (benchmarks) it is a first start."""
    folder = Path(tempfile.mkdtemp(prefix="ccc-", dir="/tmp"))
    try:
        if SEEDED in os.environ:
            _copy_of_the_seeded(folder)
        system = _new(folder, *extra)
        try:
            system.start()
            yield system
        finally:
            system.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
