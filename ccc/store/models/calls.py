"""Call records as the journal delivers them, and how far it has been read.

``instance`` is the name, without a foreign key: a record is never refused because of what was deleted meanwhile.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from ccc.store.base import Base

_TEST = text("direction = 'test'")
"""Test calls are few: an index of their own costs real calls nothing."""
_FOLLOWS = text("origin <> ''")
_CLOSED = text("kind = 'closed'")
"""Calls to numbers that were closed (紧急关闭)."""


class Call(Base):
    """A finished call (CDR). Durations in seconds."""

    __tablename__ = "calls"
    __table_args__ = (
        Index(None, "instance", "started_at", "id"),
        Index(None, "instance", "agent", "started_at", "id"),
        Index(None, "instance", "caller", "started_at", "id"),
        Index(None, "instance", "callee", "started_at", "id"),
        Index(None, "instance", "cause", "started_at", "id"),
        Index(None, "instance", "flow", "started_at", "id"),
        Index(None, "instance", "skill_group", "started_at", "id"),
        Index(None, "instance", "disposition", "started_at", "id"),
        Index(None, "started_at", "id"),
        Index("ix_calls_origin", "origin", sqlite_where=_FOLLOWS, postgresql_where=_FOLLOWS),
        Index("ix_calls_closed", "instance", "started_at", "id", sqlite_where=_CLOSED, postgresql_where=_CLOSED),
        Index("ix_calls_tests", "instance", "started_at", "id", sqlite_where=_TEST, postgresql_where=_TEST),
    )
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    instance: Mapped[str] = mapped_column(String(64), default="")
    account: Mapped[str] = mapped_column(String(64), default="")
    direction: Mapped[str] = mapped_column(String(16))
    caller: Mapped[str] = mapped_column(String(128), default="")
    callee: Mapped[str] = mapped_column(String(128), default="")
    trunk: Mapped[str] = mapped_column(String(64), default="")
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    cause: Mapped[str] = mapped_column(String(32))
    cause_detail: Mapped[str] = mapped_column(Text, default="")
    flow: Mapped[str] = mapped_column(String(128), default="")
    flow_version: Mapped[int | None]
    agent: Mapped[str] = mapped_column(String(64), default="")
    skill_group: Mapped[str] = mapped_column(String(64), default="")
    waited_s: Mapped[float] = mapped_column(default=0.0)
    talk_s: Mapped[float] = mapped_column(default=0.0)
    keys: Mapped[str] = mapped_column(String(255), default="")
    recording: Mapped[str] = mapped_column(String(255), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    disposition: Mapped[str] = mapped_column(String(128), default="")
    kind: Mapped[str] = mapped_column(String(16), default="")
    """``callback``: a customer who had asked to be called back; '' otherwise."""
    origin: Mapped[str] = mapped_column(String(64), default="")
    """The call this one follows from."""
    steps: Mapped[list[Any]] = mapped_column(default=list)
    media: Mapped[dict[str, Any]] = mapped_column(default=dict)


class PendingWrapUp(Base):
    """A note that arrived before its call's closing record."""

    __tablename__ = "pending_wrap_ups"
    call_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    note: Mapped[str] = mapped_column(Text, default="")
    disposition: Mapped[str] = mapped_column(String(128), default="")


class AgentStateChange(Base):
    """An agent changed state (reports are counted from these)."""

    __tablename__ = "agent_states"
    __table_args__ = (Index(None, "instance", "agent", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    instance: Mapped[str] = mapped_column(String(64))
    agent: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(64), default="")
    at: Mapped[datetime]


class JournalOffset(Base):
    """The journal is stored up to here; moves in the same transaction as the records."""

    __tablename__ = "journal_offset"
    id: Mapped[int] = mapped_column(primary_key=True)
    segment: Mapped[int]
    offset: Mapped[int]
