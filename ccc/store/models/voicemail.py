"""Messages callers left, as the journal delivers them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from ccc.store.base import Base

_NEW = text("heard_at IS NULL AND done_at IS NULL AND deleted_at IS NULL")
"""Those the menu counts: an index of their own, however many old ones there are."""


class Voicemail(Base):
    """A message for a skill group. ``instance`` and ``skill_group`` are names: what was deleted loses no message."""

    __tablename__ = "voicemails"
    __table_args__ = (
        Index(None, "instance", "at", "id"),
        Index(None, "instance", "skill_group", "at", "id"),
        Index("ix_voicemails_new", "instance", "skill_group", sqlite_where=_NEW, postgresql_where=_NEW),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(String(64), index=True)
    instance: Mapped[str] = mapped_column(String(64))
    skill_group: Mapped[str] = mapped_column(String(64))
    caller: Mapped[str] = mapped_column(String(128), default="")
    callee: Mapped[str] = mapped_column(String(128), default="")
    path: Mapped[str] = mapped_column(String(255), unique=True)
    """Relative to the recordings folder."""
    seconds: Mapped[float] = mapped_column(default=0.0)
    at: Mapped[datetime]
    heard_by: Mapped[str] = mapped_column(String(64), default="")
    heard_at: Mapped[datetime | None]
    done_by: Mapped[str] = mapped_column(String(64), default="", server_default="")
    done_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    deleted_by: Mapped[str] = mapped_column(String(64), default="", server_default="")
    deleted_at: Mapped[datetime | None]
    """Deleted for the list; the row and its file go in a later night, until then it can be taken back."""
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
