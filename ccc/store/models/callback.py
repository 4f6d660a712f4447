"""Callbacks as the journal tells them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ccc.store.base import Base


class Callback(Base):
    """A customer who asked to be called back. ``instance`` and ``skill_group`` are names: nothing deleted loses one."""

    __tablename__ = "callbacks"
    __table_args__ = (
        Index(None, "instance", "asked_at", "id"),
        Index(None, "instance", "skill_group", "asked_at", "id"),
        Index("ix_callbacks_origin", "origin"),
    )
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    instance: Mapped[str] = mapped_column(String(64))
    skill_group: Mapped[str] = mapped_column(String(64))
    number: Mapped[str] = mapped_column(String(64))
    """What is dialled."""
    caller: Mapped[str] = mapped_column(String(128), default="")
    """Whom the call that asked came from."""
    callee: Mapped[str] = mapped_column(String(128), default="")
    origin: Mapped[str] = mapped_column(String(64), default="")
    """That call."""
    state: Mapped[str] = mapped_column(String(16))
    """``waiting``, ``calling``, ``talking``, or closed: ``done``, ``failed``, ``cancelled``, ``expired``."""
    reason: Mapped[str] = mapped_column(String(32), default="")
    """Why it was closed, or why the last attempt reached nobody."""
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=1)
    agent: Mapped[str] = mapped_column(String(64), default="")
    last_call: Mapped[str] = mapped_column(String(64), default="")
    """The record of the newest attempt."""
    since: Mapped[datetime]
    """When the customer began to wait: his place."""
    asked_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str] = mapped_column(String(64), default="")
