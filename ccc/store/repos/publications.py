"""Publishing under way or failed, and what is planned for later. Times are given: the repository has no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from ccc.store.models import Flow, FlowPublication, FlowSchedule, Instance

Reason = dict[str, str]
"""``{message}``, with ``node`` when one is meant."""


@dataclass(frozen=True, slots=True)
class PublicationRecord:
    """A flow's publishing that is under way, or its last one when it failed. ``revision`` None: it was planned."""

    instance: str
    flow: str
    flow_id: int
    state: Literal["publishing", "announcing", "failed"]
    by: str
    at: datetime
    revision: int | None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class ScheduleRecord:
    """A draft (its ``revision``, which never changes) to be published ``at`` a time, and what became of it."""

    id: int
    instance: str
    flow: str
    state: Literal["waiting", "published", "failed", "cancelled"]
    at: datetime
    hash: str
    revision: int
    by: str
    made_at: datetime
    message: str
    override: str
    ended_at: datetime | None
    version: int | None
    reasons: tuple[Reason, ...]


def get(session: Session, instance: str, flow: str) -> PublicationRecord | None:
    """The flow's publishing under way, or failed."""
    found = _publications(session, Instance.name == instance, Flow.name == flow)
    return found[0] if found else None


def of_instance(session: Session, instance: str) -> dict[str, PublicationRecord]:
    """By flow."""
    return {item.flow: item for item in _publications(session, Instance.name == instance)}


def under_way(session: Session) -> list[PublicationRecord]:
    """All that are, or were when their process died."""
    return _publications(session, FlowPublication.state != "failed")


def put(
    session: Session, flow_id: int, state: str, by: str, at: datetime, revision: int | None,
    reasons: Sequence[Reason] = (),
) -> None:  # fmt: skip
    """Say how far it is."""
    row = session.get(FlowPublication, flow_id)
    if row is None:
        row = FlowPublication(flow_id=flow_id)
        session.add(row)
    row.state, row.by, row.at, row.revision, row.reasons = state, by, at, revision, list(reasons)
    session.flush()


def remove(session: Session, flow_id: int) -> None:
    """It is over, and well; or nobody need be told of its failure any more."""
    row = session.get(FlowPublication, flow_id)
    if row is not None:
        session.delete(row)
        session.flush()


def flow_id(session: Session, instance: str, flow: str) -> int | None:
    """The number of a flow."""
    return session.scalar(select(Flow.id).join(Instance).where(Instance.name == instance, Flow.name == flow))


def plan(
    session: Session, flow_id: int, *, at: datetime, document: dict[str, Any], hash_: str, revision: int, by: str,
    made_at: datetime, message: str, override: str,
) -> int:  # fmt: skip
    """Plan it; returns the plan's id."""
    row = FlowSchedule(
        flow_id=flow_id, state="waiting", at=at, document=document, hash=hash_, revision=revision, by=by,
        made_at=made_at, message=message, override=override, reasons=[],
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def planned(session: Session, instance: str, flow: str = "", *, waiting: bool = False) -> list[ScheduleRecord]:
    """What was planned for the instance's flows or one of them, the latest time first."""
    query = _schedules().where(Instance.name == instance).order_by(FlowSchedule.at.desc(), FlowSchedule.id.desc())
    if flow:
        query = query.where(Flow.name == flow)
    if waiting:
        query = query.where(FlowSchedule.state == "waiting")
    return [_schedule(*row) for row in session.execute(query)]


def schedule(session: Session, instance: str, number: int) -> ScheduleRecord | None:
    """One plan of the instance."""
    row = session.execute(_schedules().where(Instance.name == instance, FlowSchedule.id == number)).one_or_none()
    return None if row is None else _schedule(*row)


def due(session: Session, now: datetime) -> list[ScheduleRecord]:
    """What is to be published by now, the earliest first."""
    query = _schedules().where(FlowSchedule.state == "waiting", FlowSchedule.at <= now)
    return [_schedule(*row) for row in session.execute(query.order_by(FlowSchedule.at, FlowSchedule.id))]


def document(session: Session, number: int) -> dict[str, Any]:
    """What a plan publishes."""
    found: dict[str, Any] = session.scalars(select(FlowSchedule.document).where(FlowSchedule.id == number)).one()
    return found


def move(session: Session, number: int, at: datetime, message: str) -> None:
    """Another time and message."""
    row = session.get_one(FlowSchedule, number)
    row.at, row.message = at, message
    session.flush()


def end(
    session: Session, number: int, state: str, at: datetime, *, version: int | None = None,
    reasons: Sequence[Reason] = (),
) -> bool:  # fmt: skip
    """What became of it; False when it was not waiting any more."""
    row = session.get(FlowSchedule, number)
    if row is None or row.state != "waiting":
        return False
    row.state, row.ended_at, row.version, row.reasons = state, at, version, list(reasons)
    session.flush()
    return True


def count_waiting(session: Session, flow_id: int) -> int:
    """How many plans of the flow are waiting."""
    query = select(func.count()).where(FlowSchedule.flow_id == flow_id, FlowSchedule.state == "waiting")
    return session.scalar(query) or 0


def _publications(session: Session, *conditions: Any) -> list[PublicationRecord]:
    query = select(FlowPublication, Instance.name, Flow.name).join(Flow, Flow.id == FlowPublication.flow_id)
    return [
        PublicationRecord(
            instance, flow, row.flow_id, row.state, row.by, row.at, row.revision, tuple(row.reasons)  # type: ignore[arg-type]
        )
        for row, instance, flow in session.execute(query.join(Instance).where(*conditions))
    ]  # fmt: skip


def _schedules() -> Any:
    query = select(FlowSchedule, Instance.name, Flow.name).join(Flow, Flow.id == FlowSchedule.flow_id).join(Instance)
    return query.options(defer(FlowSchedule.document, raiseload=True))


def _schedule(row: FlowSchedule, instance: str, flow: str) -> ScheduleRecord:
    return ScheduleRecord(
        row.id, instance, flow, row.state, row.at, row.hash, row.revision, row.by, row.made_at, row.message,  # type: ignore[arg-type]
        row.override, row.ended_at, row.version, tuple(row.reasons),
    )  # fmt: skip
