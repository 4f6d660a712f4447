"""Logging of a process: everything to ``instance/logs/NAME.log``, warnings also to the terminal."""

from __future__ import annotations

import logging
import logging.handlers
import sys

from ccc.home import Home

FORMAT = "%(asctime)s %(levelname)-7s %(process_name)s %(name)s: %(message)s"


def set_up(home: Home, process_name: str, level: str) -> None:
    """Configure the root logger of this process. Files rotate at 5 MB, three are kept."""
    root = logging.getLogger()
    root.setLevel(level.upper())
    formatter = logging.Formatter(FORMAT, defaults={"process_name": process_name})
    file = logging.handlers.RotatingFileHandler(home.logs / f"{process_name}.log", maxBytes=5_000_000, backupCount=3)
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel(logging.WARNING)
    for handler in (file, terminal):
        handler.setFormatter(formatter)
        root.addHandler(handler)
