"""Work done beside calls: messages, exports, jobs; the operation log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ccc.store.records.calls import CallFilter


@dataclass(frozen=True, slots=True)
class NoticeRecord:
    """A message to send; ``state`` is ``waiting``, ``sent`` or ``failed``."""

    id: str
    instance: str
    call: str
    at: datetime
    channel: str
    to: str
    subject: str
    text: str
    state: str
    tries: int
    next_at: datetime
    notifier: str
    error: str
    expires_at: datetime | None = None
    """Of no use after that; confidential: the text is wiped once it is sent or given up."""


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """An export of call records; ``state``: ``waiting``, ``running``, ``done``, ``failed`` or ``expired``."""

    id: str
    instance: str
    user: str
    format: str
    language: str
    wanted: CallFilter
    state: str
    rows: int
    total: int
    bytes: int
    error: str
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class JobRecord:
    """Work of the jobs process; ``state``: ``waiting``, ``running``, ``done`` or ``failed``; ``total`` 0: unknown."""

    id: str
    kind: str
    instance: str
    user: str
    about: str
    task: list[Any]
    recurring: bool
    state: str
    done: int
    total: int
    runs: int
    error: str
    result: dict[str, Any]
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One act of a user."""

    at: datetime
    user: str
    instance: str
    action: str
    object: str
    detail: dict[str, Any]
    account: str = ""
    address: str = ""
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    id: int = 0
