"""Working hours of an instance, used by flows by name; and instances that are no more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ccc.store.base import Base, utc_now


class WorkingHours(Base):
    """A calendar (工作时间). ``hours`` and ``exceptions`` are the JSON of :mod:`ccc.hours.model`."""

    __tablename__ = "calendars"
    __table_args__ = (UniqueConstraint("instance_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))
    timezone: Mapped[str] = mapped_column(String(64), default="")
    hours: Mapped[list[Any]] = mapped_column(default=list)
    exceptions: Mapped[list[Any]] = mapped_column(default=list)
    holidays: Mapped[str] = mapped_column(String(16), default="china")
    makeup_like: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=1)
    changed_by: Mapped[str] = mapped_column(String(64), default="")
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)


class DeletedInstance(Base):
    """An access address is never used again: call records of the deleted instance carry it."""

    __tablename__ = "deleted_instances"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(255), default="")
    timezone: Mapped[str] = mapped_column(String(64), default="Asia/Shanghai")
    deleted_by: Mapped[str] = mapped_column(String(64), default="")
    deleted_at: Mapped[datetime] = mapped_column(default=utc_now)
