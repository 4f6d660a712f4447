"""Where somebody is signed in, and who has forgotten a password."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ccc.store.base import Base, utc_now


class WebSession(Base):
    """A browser somebody signed in with. The cookie carries ``id``; ended ones are kept for longer than a cookie."""

    __tablename__ = "web_sessions"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    began_at: Mapped[datetime] = mapped_column(default=utc_now)
    seen_at: Mapped[datetime] = mapped_column(default=utc_now)
    address: Mapped[str] = mapped_column(String(64), default="")
    browser: Mapped[str] = mapped_column(String(255), default="")
    """As it calls itself (User-Agent)."""
    ended_at: Mapped[datetime | None]


class PasswordReset(Base):
    """A code sent by mail to somebody who forgot the password; deleted when used. Only its hash is kept."""

    __tablename__ = "password_resets"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
