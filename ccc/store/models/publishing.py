"""Publishing of flows: under way, failed, planned for later (定时发布)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, String, Text, event, inspect
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from ccc.store.base import Base, utc_now


class FlowPublication(Base):
    """The publishing of a flow that is under way, or the last one when it failed. No row: neither (STM-4)."""

    __tablename__ = "flow_publications"
    flow_id: Mapped[int] = mapped_column(ForeignKey("flows.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    """``publishing``, ``announcing`` (the version is stored, the telephone side not yet told), ``failed``."""
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    revision: Mapped[int | None]
    """Of the draft; None: what was planned earlier, whatever the draft says now."""
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    """``[{node, message}]``."""


class FlowSchedule(Base):
    """A draft as it was when somebody planned its publishing. Only time, message and outcome ever change."""

    __tablename__ = "flow_schedules"
    __table_args__ = (Index("ix_flow_schedules_due", "state", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    flow_id: Mapped[int] = mapped_column(ForeignKey("flows.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    """``waiting``, ``published``, ``failed`` or ``cancelled``."""
    at: Mapped[datetime]
    document: Mapped[dict[str, Any]]
    hash: Mapped[str] = mapped_column(String(128))
    revision: Mapped[int]
    by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    message: Mapped[str] = mapped_column(Text, default="")
    override: Mapped[str] = mapped_column(String(200), default="")
    """Why it is published although test cases fail."""
    ended_at: Mapped[datetime | None]
    version: Mapped[int | None]
    """What it has become."""
    reasons: Mapped[list[Any]] = mapped_column(default=list)


@event.listens_for(FlowSchedule, "before_update")
def _immutable(mapper: Mapper[FlowSchedule], connection: Connection, target: FlowSchedule) -> None:
    state = inspect(target)
    if any(state.attrs[name].history.has_changes() for name in ("document", "hash", "revision", "by", "flow_id")):
        raise TypeError(f"what is planned as {target.id} cannot be changed, only when")
