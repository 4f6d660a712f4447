"""Numbers that are closed in an emergency (紧急关闭)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ccc.store.base import Base, utc_now


class NumberClosure(Base):
    """Why and until when a number is closed, and what its callers hear. No row: it is open."""

    __tablename__ = "number_closures"
    number_id: Mapped[int] = mapped_column(ForeignKey("numbers.id", ondelete="CASCADE"), primary_key=True)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    reason: Mapped[str] = mapped_column(String(500))
    until: Mapped[datetime | None]
    """From then on the row counts for nothing: the number is open again."""
    says: Mapped[str] = mapped_column(String(16))
    """``default`` (our own text), ``text``, ``audio``, or ``flow``: calls run that flow."""
    text: Mapped[str] = mapped_column(Text, default="")
    voice: Mapped[str] = mapped_column(String(64), default="")
    audio: Mapped[str] = mapped_column(String(128), default="")
    flow: Mapped[str] = mapped_column(String(128), default="")
