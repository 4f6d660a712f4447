"""Flows: one draft, many immutable versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ForeignKey, LargeBinary, String, Text, UniqueConstraint, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from ccc.store.base import Base, utc_now


class Flow(Base):
    """A flow of an instance: the draft document and which version is live."""

    __tablename__ = "flows"
    __table_args__ = (UniqueConstraint("instance_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(128))
    title: Mapped[str] = mapped_column(String(255), default="")
    document: Mapped[dict[str, Any]]
    revision: Mapped[int] = mapped_column(default=1)
    """Grows with each save of the draft: a second editor notices."""
    edited_by: Mapped[str] = mapped_column(String(64), default="")
    edited_at: Mapped[datetime] = mapped_column(default=utc_now)
    live_version: Mapped[int | None]

    versions: Mapped[list[FlowVersion]] = relationship(back_populates="flow", cascade="all, delete-orphan")


class FlowVersion(Base):
    """A published version. Written once."""

    __tablename__ = "flow_versions"
    __table_args__ = (UniqueConstraint("flow_id", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    flow_id: Mapped[int] = mapped_column(ForeignKey("flows.id", ondelete="CASCADE"))
    version: Mapped[int]
    hash: Mapped[str] = mapped_column(String(128))
    author: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    message: Mapped[str] = mapped_column(Text, default="")
    document: Mapped[dict[str, Any]]

    flow: Mapped[Flow] = relationship(back_populates="versions")


class FlowLock(Base):
    """Who edits the draft of a flow. Old ``seen_at``: the page is gone, the lock counts for nothing."""

    __tablename__ = "flow_locks"
    flow_id: Mapped[int] = mapped_column(ForeignKey("flows.id", ondelete="CASCADE"), primary_key=True)
    token: Mapped[str] = mapped_column(String(64))
    """Names the open page: one user may have two."""
    user: Mapped[str] = mapped_column(String(64))
    shown_name: Mapped[str] = mapped_column(String(255), default="")
    taken_at: Mapped[datetime] = mapped_column(default=utc_now)
    seen_at: Mapped[datetime] = mapped_column(default=utc_now)
    saves: Mapped[int] = mapped_column(default=0)


class FlowChange(Base):
    """A change of a draft. ``state``: the draft on its other side, before it, or after it when it is ``undone``."""

    __tablename__ = "flow_changes"
    __table_args__ = (UniqueConstraint("flow_id", "n"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    flow_id: Mapped[int] = mapped_column(ForeignKey("flows.id", ondelete="CASCADE"))
    n: Mapped[int]
    """Grows with each change of this flow."""
    undone: Mapped[bool] = mapped_column(default=False)
    what: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(255), default="")
    source: Mapped[str] = mapped_column(String(64), default="")
    """The open page that saved; its saves at short intervals are one change."""
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    state: Mapped[bytes] = mapped_column(LargeBinary)
    """The document as JSON, zlib."""


@event.listens_for(FlowVersion, "before_update")
def _immutable(mapper: Mapper[FlowVersion], connection: Connection, target: FlowVersion) -> None:
    raise TypeError(f"version {target.version} of flow {target.flow_id} is published and cannot be changed")
