"""What the jobs process has to do, does and has done: the page 任务 shows these rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ccc.store.base import Base, utc_now


class Job(Base):
    """One piece of work. ``state``: ``waiting``, ``running``, ``done`` or ``failed``.

    A recurring one is a single row that tells of its last run; ``instance`` '' is the whole installation's.
    """

    __tablename__ = "jobs"
    __table_args__ = (Index(None, "created_at", "id"), Index(None, "instance", "created_at", "id"))
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    instance: Mapped[str] = mapped_column(String(64), default="")
    user: Mapped[str] = mapped_column(String(64), default="")
    about: Mapped[str] = mapped_column(String(255), default="")
    """What it works on, as people know it."""
    task: Mapped[list[Any]] = mapped_column(default=list)
    """``[name, *arguments]`` of the queue's task, for another try; empty: it cannot be tried from here."""
    recurring: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    """0: how much there is to do is not known."""
    runs: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(500), default="")
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Counts of what was done, by name."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
