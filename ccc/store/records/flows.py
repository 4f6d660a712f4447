"""Flows with their versions, and what flows use: audio, tables, blacklist."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class FlowSummary:
    """A flow in a list."""

    instance: str
    name: str
    title: str
    revision: int
    edited_by: str
    edited_at: datetime
    live_version: int | None


@dataclass(frozen=True, slots=True)
class FlowRecord(FlowSummary):
    """A flow with its draft document."""

    document: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """A published, immutable version."""

    instance: str
    flow: str
    version: int
    hash: str
    author: str
    at: datetime
    message: str
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LockRecord:
    """Who edits a flow's draft. ``token`` names the open page, ``saves`` counts what it has saved."""

    token: str
    user: str
    shown_name: str
    taken_at: datetime
    seen_at: datetime
    saves: int


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """A change of a draft that can be taken back, or done again when it is ``undone``.

    ``what`` was done (``outline.add``, ``canvas``, ``import`` ...) to ``subject``, a name for people or ''.
    """

    what: str
    subject: str
    by: str
    at: datetime
    undone: bool


@dataclass(frozen=True, slots=True)
class AudioRecord:
    """An uploaded audio; ``path`` is relative to the uploads folder."""

    instance: str
    name: str
    path: str
    seconds: float
    uploaded_by: str
    uploaded_at: datetime
    text: str = ""
    """Spoken by ``voice`` at ``speed``; '' was uploaded."""
    voice: str = ""
    speed: float = 1.0
    volume: int = 100
    """Per cent."""


@dataclass(frozen=True, slots=True)
class TableRecord:
    """A lookup table; ``path`` is relative to the tables folder, ``columns`` are those beside the key."""

    instance: str
    name: str
    path: str
    key: str
    columns: tuple[str, ...]
    rows: int
    uploaded_by: str
    uploaded_at: datetime
    revision: int = 0


@dataclass(frozen=True, slots=True)
class BlacklistRecord:
    """An entry of an instance's blacklist."""

    instance: str
    entry: str
    reason: str
    added_by: str
    added_at: datetime
    expires_at: datetime | None = None
    """From then on it does not count; None: for good."""
