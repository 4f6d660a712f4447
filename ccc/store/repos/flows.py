"""Flows: drafts and published versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ccc.store.base import utc_now
from ccc.store.models import Flow, FlowVersion, Instance, Number
from ccc.store.records import FlowRecord, FlowSummary, LockRecord, VersionRecord
from ccc.store.repos import closures, flow_changes, flow_locks, publications
from ccc.store.repos.flow_changes import Change
from ccc.store.repos.publications import PublicationRecord, ScheduleRecord

_COLUMNS = (Flow.name, Flow.title, Flow.revision, Flow.edited_by, Flow.edited_at, Flow.live_version)
IMPORT = Change()


def find(session: Session, instance: str) -> list[FlowSummary]:
    """The instance's flows by name, without documents."""
    query = select(*_COLUMNS).join(Instance).where(Instance.name == instance).order_by(Flow.name)
    return [FlowSummary(instance, *row) for row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class FlowOverview:
    """A flow with its draft and what is live. ``changed``: the draft says something else than the live version."""

    flow: FlowRecord
    live: VersionRecord | None
    versions: int
    numbers: tuple[str, ...]
    lock: LockRecord | None = None
    publication: PublicationRecord | None = None
    """Under way, or failed."""
    plans: tuple[ScheduleRecord, ...] = ()
    """Waiting ones, the next one first."""

    @property
    def changed(self) -> bool:
        return self.live is not None and _content(self.live.document) != _content(self.flow.document)


def overview(session: Session, instance: str) -> list[FlowOverview]:
    """The instance's flows by name, with the numbers bound to them (or sent to them while they are closed)."""
    counts = dict(session.execute(select(FlowVersion.flow_id, func.count()).group_by(FlowVersion.flow_id)).all())
    bound: dict[str, list[str]] = {}
    query_numbers = select(Number.flow, Number.number).join(Instance).where(Instance.name == instance)
    for flow_name, number in session.execute(query_numbers.order_by(Number.number)):
        bound.setdefault(flow_name, []).append(number)
    for closure in closures.of_instance(session, instance):
        if closure.flow:
            bound.setdefault(closure.flow, []).append(closure.number)
    locks, publishing = flow_locks.of_instance(session, instance), publications.of_instance(session, instance)
    planned: dict[str, list[ScheduleRecord]] = {}
    for plan in reversed(publications.planned(session, instance, waiting=True)):
        planned.setdefault(plan.flow, []).append(plan)
    query = (
        select(Flow, FlowVersion)
        .join(Instance)
        .outerjoin(FlowVersion, (FlowVersion.flow_id == Flow.id) & (FlowVersion.version == Flow.live_version))
        .where(Instance.name == instance)
        .order_by(Flow.name)
    )
    return [
        FlowOverview(
            _record(instance, flow),
            None if row is None else _version(instance, flow.name, row),
            counts.get(flow.id, 0),
            tuple(bound.get(flow.name, ())),
            locks.get(flow.name),
            publishing.get(flow.name),
            tuple(planned.get(flow.name, ())),
        )
        for flow, row in session.execute(query)
    ]


def rename(session: Session, instance: str, name: str, new: str) -> None:
    """Give the flow another symbolic name; its versions go with it."""
    flow = _flow(session, instance, name)
    assert flow is not None
    flow.name = new
    session.flush()


def delete(session: Session, instance: str, name: str) -> None:
    """Delete the flow with its versions."""
    session.delete(_flow(session, instance, name))
    session.flush()


def _content(document: dict[str, Any]) -> dict[str, Any]:
    """What a document says, whatever the flow is called now."""
    return {key: value for key, value in document.items() if key != "name"}


def get(session: Session, instance: str, name: str) -> FlowRecord | None:
    """The flow with its draft."""
    flow = _flow(session, instance, name)
    return None if flow is None else _record(instance, flow)


def save_draft(
    session: Session, instance: str, name: str, title: str, document: dict[str, Any], user: str,
    change: Change = IMPORT,
) -> FlowRecord:  # fmt: skip
    """Make the flow or replace its draft; when the document changed the revision grows and ``change`` is kept."""
    flow = _flow(session, instance, name)
    if flow is None:
        instance_id = session.scalars(select(Instance.id).where(Instance.name == instance)).one()
        flow = Flow(instance_id=instance_id, name=name, title=title, document=document, revision=1, edited_by=user)
        session.add(flow)
    elif flow.document != document or flow.title != title:
        flow_changes.add(session, flow, change, user, utc_now())
        flow.title, flow.document, flow.edited_by, flow.edited_at = title, document, user, utc_now()
        flow.revision += 1
    session.flush()
    return _record(instance, flow)


def live(session: Session, instance: str, name: str) -> VersionRecord | None:
    """The published version calls run on."""
    flow = _flow(session, instance, name)
    return None if flow is None or flow.live_version is None else version(session, instance, name, flow.live_version)


def version(session: Session, instance: str, name: str, number: int) -> VersionRecord | None:
    """A published version by its number."""
    query = select(FlowVersion).join(Flow).join(Instance)
    query = query.where(Instance.name == instance, Flow.name == name, FlowVersion.version == number)
    row = session.scalar(query)
    return None if row is None else _version(instance, name, row)


def versions(session: Session, instance: str, name: str) -> list[VersionRecord]:
    """All published versions, newest first."""
    query = select(FlowVersion).join(Flow).join(Instance)
    query = query.where(Instance.name == instance, Flow.name == name).order_by(FlowVersion.version.desc())
    return [_version(instance, name, row) for row in session.scalars(query)]


def publish(
    session: Session, instance: str, name: str, *, hash_: str, document: dict[str, Any], author: str, message: str
) -> VersionRecord:
    """Add the next version and make it the live one."""
    flow = _flow(session, instance, name)
    assert flow is not None
    highest = session.scalar(select(func.max(FlowVersion.version)).where(FlowVersion.flow_id == flow.id)) or 0
    row = FlowVersion(
        flow_id=flow.id, version=highest + 1, hash=hash_, author=author, message=message, document=document
    )
    session.add(row)
    flow.live_version = row.version
    session.flush()
    return _version(instance, name, row)


def set_live(session: Session, instance: str, name: str, number: int | None) -> None:
    """Choose which published version is live; None takes the flow off the air."""
    flow = _flow(session, instance, name)
    assert flow is not None
    flow.live_version = number


def _flow(session: Session, instance: str, name: str) -> Flow | None:
    return session.scalar(select(Flow).join(Instance).where(Instance.name == instance, Flow.name == name))


def _record(instance: str, flow: Flow) -> FlowRecord:
    return FlowRecord(
        instance,
        flow.name,
        flow.title,
        flow.revision,
        flow.edited_by,
        flow.edited_at,
        flow.live_version,
        flow.document,
    )


def _version(instance: str, name: str, row: FlowVersion) -> VersionRecord:
    return VersionRecord(instance, name, row.version, row.hash, row.author, row.at, row.message, row.document)
