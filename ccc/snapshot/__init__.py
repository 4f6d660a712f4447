"""The immutable configuration file the runtime lives on: model, load, write."""

from ccc.snapshot.file import load, write
from ccc.snapshot.model import Snapshot

__all__ = ["Snapshot", "load", "write"]
