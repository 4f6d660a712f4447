"""Keys of the REST API."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ccc.store.base import Base, utc_now
from ccc.store.models.people import User


class ApiKey(Base):
    """A user's key: ``hash`` is the SHA-256 (hex) of the whole key, which is 256 random bits and shown once."""

    __tablename__ = "api_keys"
    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    """The part of the key that is no secret."""
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime | None]
    """None: never."""
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    """Right to a minute."""
    used_from: Mapped[str] = mapped_column(String(64), default="")

    user: Mapped[User] = relationship()
