"""Call records: stored in batches with the journal offset, listed by keyset paging."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Row, Select, Table, func, insert, literal_column, select, tuple_, update
from sqlalchemy import delete as sql_delete
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from ccc.errors import InvalidError
from ccc.store.models import AgentStateChange, Call, CallTag, JournalOffset, PendingWrapUp
from ccc.store.records import CallFilter, CallRecord, CallSummary, Page

_SUMMARY = tuple(getattr(Call, field.name) for field in fields(CallSummary))
_WHOLE = tuple(getattr(Call, field.name) for field in fields(CallRecord))
_CALLS = cast(Table, Call.__table__)
_OFFSETS = cast(Table, JournalOffset.__table__)
_NO_NOTE = {"note": "", "disposition": ""}
_EQUAL = ("caller", "callee", "agent", "cause", "flow", "skill_group", "disposition")


def add_calls(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Store closing records; one that is there already stays as it is. Notes that came before are put in."""
    if not rows:
        return
    early = _early_notes(session, [row["id"] for row in rows])
    filled = [{**row, **early.get(row["id"], _NO_NOTE)} for row in rows]
    # the table, not the class: the ORM's bookkeeping for rows nobody looks at costs more than SQLite's own work
    session.connection().execute(_upsert(session)(_CALLS).on_conflict_do_nothing(index_elements=["id"]), filled)


def _early_notes(session: Session, ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """Take the notes that came before their calls' closing records; nearly always there are none at all."""
    if session.scalar(select(PendingWrapUp.call_id).limit(1)) is None:
        return {}
    found = session.scalars(select(PendingWrapUp).where(PendingWrapUp.call_id.in_(ids))).all()
    for item in found:
        session.delete(item)
    return {item.call_id: {"note": item.note, "disposition": item.disposition} for item in found}


def set_note(session: Session, call_id: str, note: str | None, disposition: str | None) -> bool:
    """Change note and disposition (None: leave). False when there is no such call."""
    values = {key: value for key, value in (("note", note), ("disposition", disposition)) if value is not None}
    if not values:
        return session.scalar(select(Call.id).where(Call.id == call_id)) is not None
    result = session.execute(update(Call).where(Call.id == call_id).values(values))
    return bool(result.rowcount)  # type: ignore[attr-defined]


def keep_note(session: Session, call_id: str, note: str | None, disposition: str | None) -> None:
    """A note whose call is not closed yet: kept until the closing record comes."""
    found = session.get(PendingWrapUp, call_id)
    if found is None:
        found = PendingWrapUp(call_id=call_id, note="", disposition="")
        session.add(found)
    found.note = found.note if note is None else note
    found.disposition = found.disposition if disposition is None else disposition


def add_agent_states(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(AgentStateChange), list(rows))


def offset(session: Session) -> tuple[int, int]:
    """(segment, byte offset) up to which the journal is stored; (0, 0) at first."""
    row = session.get(JournalOffset, 1)
    return (0, 0) if row is None else (row.segment, row.offset)


def set_offset(session: Session, segment: int, offset: int) -> None:
    values = {"segment": segment, "offset": offset}
    changed = session.connection().execute(update(_OFFSETS).where(_OFFSETS.c.id == 1).values(values))
    if not changed.rowcount:
        session.connection().execute(insert(_OFFSETS).values(id=1, **values))


def get(session: Session, call_id: str, instance: str | None) -> CallRecord | None:
    """A call of the instance (None: of any)."""
    query = select(*_WHOLE).where(Call.id == call_id)
    if instance is not None:
        query = query.where(Call.instance == instance)
    row = session.execute(query).one_or_none()
    return None if row is None else CallRecord(*row)


def following(session: Session, instance: str, origin: str) -> list[CallSummary]:
    """The calls that follow from another (attempts to call back), the first one first."""
    query = select(*_SUMMARY).where(Call.origin == origin, Call.origin != "", Call.instance == instance)
    return [CallSummary(*row) for row in session.execute(query.order_by(Call.started_at, Call.id))]


def find(
    session: Session,
    instance: str | None,
    wanted: CallFilter,
    *,
    after: str | None = None,
    before: str | None = None,
    oldest: bool = False,
    size: int,
) -> Page[CallSummary]:
    """A page of calls, newest first: the first one, the one ``after`` or ``before`` a cursor, or the ``oldest``.

    InvalidError when a cursor is not one of ours.
    """
    backwards = before is not None or oldest
    wanted_of, number = [wanted], ""
    if wanted.number:  # two indexed lists merged are quick where one list with OR is not
        number, wanted = wanted.number, replace(wanted, number="")
        wanted_of = [replace(wanted, caller=number)] if wanted.caller in ("", number) else []
        wanted_of += [replace(wanted, callee=number)] if wanted.callee in ("", number) else []
    found: dict[str, CallSummary] = {}
    for each in wanted_of:
        if number and not _known(session, instance, each):
            continue
        rows = session.execute(_page_query(instance, each, before if backwards else after, size, backwards=backwards))
        found.update((row[0], CallSummary(*row)) for row in rows)
    items = sorted(found.values(), key=lambda item: (item.started_at, item.id), reverse=not backwards)
    more, items = len(items) > size, items[:size]
    if not items:
        return Page(())
    if backwards:
        items.reverse()
    newer, older = (more, bool(before)) if backwards else (bool(after), more)
    first, last_ = items[0], items[-1]
    return Page(
        tuple(items),
        to_cursor(last_.started_at, last_.id) if older else None,
        to_cursor(first.started_at, first.id) if newer else None,
    )


def _known(session: Session, instance: str | None, wanted: CallFilter) -> bool:
    """Whether the number was ever in a call: one look at its index, before another filter's is read in vain."""
    only = CallFilter(caller=wanted.caller, callee=wanted.callee)
    return session.scalar(_where(select(Call.id), instance, only).limit(1)) is not None


def _page_query(
    instance: str | None, wanted: CallFilter, cursor: str | None, size: int, *, backwards: bool = False
) -> Select[Any]:
    query = _where(select(*_SUMMARY), instance, wanted)
    # a tag's calls are read in the order of the tag's own index: the database need not sort them
    at, key = (CallTag.started_at, CallTag.call_id) if wanted.tag else (Call.started_at, Call.id)
    place = tuple_(at, key)
    if cursor:
        query = query.where(place > from_cursor(cursor) if backwards else place < from_cursor(cursor))
    return query.order_by(*((at, key) if backwards else (at.desc(), key.desc()))).limit(size + 1)


def count(session: Session, instance: str, wanted: CallFilter) -> int:
    """How many calls the filter finds. Reads them all: for jobs, not for pages."""
    if wanted.number:
        number, rest = wanted.number, replace(wanted, number="")
        as_caller = count(session, instance, replace(rest, caller=number)) if rest.caller in ("", number) else 0
        as_callee = count(session, instance, replace(rest, callee=number)) if rest.callee in ("", number) else 0
        return as_caller + as_callee - count(session, instance, replace(rest, caller=number, callee=number))
    return session.scalar(_where(select(func.count()), instance, wanted)) or 0


def agent_talked(session: Session, instances: Sequence[str]) -> bool:
    """Whether an agent has ever taken a call there."""
    query = select(Call.id).where(Call.instance.in_(instances), Call.agent != "").limit(1)
    return session.scalar(query) is not None


def last(session: Session, instance: str | None, count: int) -> list[CallRecord]:
    """The newest ``count`` calls with their steps, newest first."""
    query = _where(select(*_WHOLE), instance, CallFilter())
    query = query.order_by(Call.started_at.desc(), Call.id.desc()).limit(count)
    return [CallRecord(*row) for row in session.execute(query)]


def steps_of_flow(
    session: Session, instance: str, flow: str, *, since: datetime, until: datetime, version: int | None,
    before: tuple[datetime, str] | None, size: int,
) -> list[Row[tuple[str, datetime, datetime | None, list[Any]]]]:  # fmt: skip
    """(id, started_at, ended_at, steps) of a flow's real calls in [since, until), newest first, below a row's place."""
    query = select(Call.id, Call.started_at, Call.ended_at, Call.steps)
    query = _where(query, instance, CallFilter(flow=flow, since=since, until=until, tests="without"))
    if version is not None:
        query = query.where(Call.flow_version == version)
    if before is not None:
        query = query.where(tuple_(Call.started_at, Call.id) < before)
    return list(session.execute(query.order_by(Call.started_at.desc(), Call.id.desc()).limit(size)))


def older_than(
    session: Session, before: datetime, count: int, *, instance: str | None = None, but: Collection[str] = ()
) -> list[tuple[str, str]]:
    """(id, recording) of calls that began before, the oldest first: of one instance, or of all ``but`` some."""
    query = select(Call.id, Call.recording).where(Call.started_at < before).order_by(Call.started_at).limit(count)
    if instance is not None:
        query = query.where(Call.instance == instance)
    elif but:
        query = query.where(Call.instance.not_in(but))
    return [(call_id, recording) for call_id, recording in session.execute(query)]


def delete(session: Session, ids: Sequence[str]) -> None:
    session.execute(sql_delete(Call).where(Call.id.in_(ids)))


def to_cursor(started_at: datetime, call_id: str) -> str:
    """A row's place in a list that is ordered by time and id."""
    text = json.dumps([started_at.isoformat(), call_id])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def from_cursor(text: str) -> tuple[datetime, str]:
    """What :func:`to_cursor` was given. InvalidError when it is none of ours."""
    try:
        started_at, call_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return datetime.fromisoformat(started_at).astimezone(UTC), str(call_id)
    except (ValueError, TypeError, binascii.Error) as error:
        raise InvalidError(
            "the place to continue from is not valid; start again from the first page", field="after"
        ) from error


def _where(query: Select[Any], instance: str | None, wanted: CallFilter) -> Select[Any]:
    if instance is not None:
        query = query.where(Call.instance == instance)
    if wanted.tag:
        query = query.select_from(Call).join(CallTag, CallTag.call_id == Call.id).where(CallTag.tag_id == wanted.tag)
    values = asdict(wanted)
    for name in _EQUAL:
        if values[name]:
            query = query.where(getattr(Call, name) == values[name])
    if wanted.tests:  # a literal: SQLite takes the partial index for nothing less
        is_test = Call.direction == literal_column("'test'")
        query = query.where(is_test if wanted.tests == "only" else ~is_test)
    if wanted.closed:  # likewise
        query = query.where(Call.kind == literal_column("'closed'"))
    begins = CallTag.started_at if wanted.tag else Call.started_at
    if wanted.since:
        query = query.where(begins >= wanted.since)
    if wanted.until:
        query = query.where(begins < wanted.until)
    return query


def _upsert(session: Session) -> Any:
    """The dialect's INSERT that knows ON CONFLICT."""
    return sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert


def from_epoch(seconds: float | None) -> datetime | None:
    """Epoch seconds to aware UTC, rounded to microseconds."""
    return None if seconds is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


def recordings(
    session: Session, instance: str, count: int, before: tuple[datetime, str] | None = None
) -> list[tuple[datetime, str, str]]:
    """``(started_at, id, recording)`` of recorded calls, the newest first, from ``before`` (the first two) on."""
    query = select(Call.started_at, Call.id, Call.recording).where(Call.instance == instance, Call.recording != "")
    if before is not None:
        query = query.where(tuple_(Call.started_at, Call.id) < before)
    query = query.order_by(Call.started_at.desc(), Call.id.desc()).limit(count)
    return [(at, call_id, recording) for at, call_id, recording in session.execute(query)]
