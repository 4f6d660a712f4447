"""Exports of call records: asked for in the web, written by jobs, downloaded until they expire."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ccc.store.base import Base, utc_now


class Export(Base):
    """One export. ``state``: ``waiting``, ``running``, ``done``, ``failed`` or ``expired``."""

    __tablename__ = "exports"
    __table_args__ = (Index(None, "instance", "user", "created_at"),)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    instance: Mapped[str] = mapped_column(String(64))
    user: Mapped[str] = mapped_column(String(64))
    format: Mapped[str] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(8), default="zh")
    wanted: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The filter: ``CallFilter`` with times as ISO texts."""
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    rows: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    bytes: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(255), default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime | None]
