"""Working hours (工作时间) of instances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ccc.hours.model import Holidays, Schedule
from ccc.snapshot import model as snap
from ccc.store.base import utc_now
from ccc.store.models import Instance, WorkingHours


@dataclass(frozen=True, slots=True)
class HoursRecord:
    """Working hours; ``timezone`` '' is the instance's."""

    instance: str
    name: str
    schedule: Schedule = field(default_factory=Schedule)
    holidays: Holidays = "china"
    timezone: str = ""
    revision: int = 0
    changed_by: str = ""
    changed_at: datetime | None = None


def find(session: Session, instance: str) -> list[HoursRecord]:
    """The instance's working hours by name."""
    query = select(WorkingHours).join(Instance).where(Instance.name == instance).order_by(WorkingHours.name)
    return [_record(row, instance) for row in session.scalars(query)]


def get(session: Session, instance: str, name: str) -> HoursRecord | None:
    """Those of one name."""
    row = _row(session, instance, name)
    return None if row is None else _record(row, instance)


def put(session: Session, wanted: HoursRecord, user: str) -> HoursRecord:
    """Make or change them; the revision grows."""
    row = _row(session, wanted.instance, wanted.name)
    if row is None:
        place = session.scalars(select(Instance.id).where(Instance.name == wanted.instance)).one()
        row = WorkingHours(instance_id=place, name=wanted.name, revision=0)
        session.add(row)
    shape: dict[str, Any] = wanted.schedule.model_dump(mode="json")
    row.hours, row.exceptions, row.makeup_like = shape["hours"], shape["exceptions"], shape["makeup_like"]
    row.holidays, row.timezone = wanted.holidays, wanted.timezone
    row.changed_by, row.changed_at = user, utc_now()
    row.revision += 1
    session.flush()
    return _record(row, wanted.instance)


def remove(session: Session, instance: str, name: str) -> None:
    """Forget them."""
    session.delete(_row(session, instance, name))
    session.flush()


def snapshot(session: Session, names: Mapping[int, str]) -> tuple[snap.WorkingHours, ...]:
    """Those of all instances."""
    found = [_record(row, names[row.instance_id]) for row in session.scalars(select(WorkingHours))]
    return tuple(
        snap.WorkingHours(item.name, item.instance, item.schedule, item.holidays, item.timezone) for item in found
    )


def _row(session: Session, instance: str, name: str) -> WorkingHours | None:
    query = select(WorkingHours).join(Instance).where(Instance.name == instance, WorkingHours.name == name)
    return session.scalar(query)


def _record(row: WorkingHours, instance: str) -> HoursRecord:
    shape = {"hours": row.hours, "exceptions": row.exceptions, "makeup_like": row.makeup_like}
    return HoursRecord(
        instance=instance,
        name=row.name,
        schedule=Schedule.model_validate(shape),
        holidays="none" if row.holidays == "none" else "china",
        timezone=row.timezone,
        revision=row.revision,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
    )
