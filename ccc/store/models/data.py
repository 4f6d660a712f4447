"""What flows look things up in, and what they leave to be sent: lookup tables, blacklist, notifications."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ccc.store.base import Base, utc_now


class LookupTable(Base):
    """A table of an instance. Its rows are in the file ``path`` (relative to the tables folder), never changed."""

    __tablename__ = "lookup_tables"
    __table_args__ = (UniqueConstraint("instance_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))
    path: Mapped[str] = mapped_column(String(255))
    key: Mapped[str] = mapped_column(String(128))
    columns: Mapped[list[str]]
    """Besides the key."""
    rows: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=1)
    uploaded_by: Mapped[str] = mapped_column(String(64), default="")
    uploaded_at: Mapped[datetime] = mapped_column(default=utc_now)


class LookupTableVersion(Base):
    """What a table's name stood for after each change: the newest ten are kept, and their files with them."""

    __tablename__ = "lookup_table_versions"
    __table_args__ = (UniqueConstraint("instance_id", "name", "revision"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))
    revision: Mapped[int]
    path: Mapped[str] = mapped_column(String(255))
    key: Mapped[str] = mapped_column(String(128))
    columns: Mapped[list[str]]
    rows: Mapped[int]
    what: Mapped[str] = mapped_column(String(255))
    """The change in short: ``import``, ``row 13800138000``, ``restore 3``."""
    user: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=utc_now)


class BlacklistEntry(Base):
    """A number, or the beginning of numbers (``0755*``), whose calls an instance does not want."""

    __tablename__ = "blacklist"
    __table_args__ = (UniqueConstraint("instance_id", "entry"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id", ondelete="CASCADE"))
    entry: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(255), default="")
    added_by: Mapped[str] = mapped_column(String(64), default="")
    added_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime | None]
    """From then on its calls are taken again; none: for good."""


class Notification(Base):
    """A message a flow wants sent. ``state``: ``waiting`` until sent, then ``sent``, or ``failed`` for good."""

    __tablename__ = "notifications"
    __table_args__ = (Index(None, "state", "next_at"), Index(None, "instance", "at"))
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    instance: Mapped[str] = mapped_column(String(64))
    call: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    channel: Mapped[str] = mapped_column(String(16))
    to: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255), default="")
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    notifier: Mapped[str] = mapped_column(String(64), default="")
    error: Mapped[str] = mapped_column(String(500), default="")
    expires_at: Mapped[datetime | None]
    """Of no use after that, and confidential: the text is wiped once it is sent or given up."""
