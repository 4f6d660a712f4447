"""Working hours (工作时间) of an instance: kept by name, used by flows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from ccc.errors import ConflictError, InvalidError, NotFoundError, say
from ccc.hours import Schedule, china_day, decide, known_until
from ccc.hours.decide import no_calendar
from ccc.hours.text import HoursTextError, read_exceptions, read_week
from ccc.loader import Registry
from ccc.services import flow_uses
from ccc.services.actor import Actor
from ccc.services.flow_uses import Use
from ccc.services.groups import NAME
from ccc.services.log import note
from ccc.services.revisions import require_unchanged
from ccc.services.snapshot import export_snapshot
from ccc.store import Store
from ccc.store.repos import hours, instances
from ccc.store.repos.hours import HoursRecord

MAX_HOURS, MAX_LINES, MAX_EXCEPTIONS = 100, 50, 400
AHEAD_DAYS = 120


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that is not as its weekday says. ``kind``: ``holiday``, ``workday`` (调休) or ``own``."""

    day: date
    kind: str
    name: str
    closed: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """What working hours mean: the state now, days ahead that are special, and until when holidays are known."""

    state: str
    name: str
    special: tuple[SpecialDay, ...]
    known_until: date | None


def list_hours(store: Store, actor: Actor, instance: str) -> list[HoursRecord]:
    """The instance's working hours by name."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        return hours.find(session, instance)


def get_hours(store: Store, actor: Actor, instance: str, name: str) -> HoursRecord:
    """Those of one name. NotFoundError when there are none."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        return _existing(session, instance, name)


def create_hours(store: Store, actor: Actor, wanted: HoursRecord) -> HoursRecord:
    """Make them. InvalidError, ConflictError at the field."""
    actor.require(wanted.instance, "admin")
    if not NAME.fullmatch(wanted.name):
        raise InvalidError(
            say(
                "A name has 1 to 64 letters, digits, Chinese characters, spaces, - and _; "
                "the first is none of the last three."
            ),
            field="name",
        )
    _check(wanted)
    with store.write() as session:
        if hours.get(session, wanted.instance, wanted.name) is not None:
            raise ConflictError(say("There are working hours of this name already; choose another."), field="name")
        if len(hours.find(session, wanted.instance)) >= MAX_HOURS:
            raise ConflictError(say("At most %(count)s working hours."), values={"count": MAX_HOURS})
        made = hours.put(session, wanted, actor.user)
        note(session, actor, "hours.add", made.name, instance=made.instance, after=_told(made))
    export_snapshot(store)
    return made


def change_hours(store: Store, actor: Actor, wanted: HoursRecord, revision: int) -> HoursRecord:
    """Save them: they hold for the next call. StaleError when somebody saved since ``revision``."""
    actor.require(wanted.instance, "admin")
    _check(wanted)
    with store.write() as session:
        old = _existing(session, wanted.instance, wanted.name)
        require_unchanged(old.revision, revision)
        new = hours.put(session, wanted, actor.user)
        note(session, actor, "hours.change", new.name, instance=new.instance, before=_told(old), after=_told(new))
    export_snapshot(store)
    return new


def hours_uses(store: Store, registry: Registry, actor: Actor, instance: str, name: str) -> list[Use]:
    """Nodes of drafts and live versions that ask them."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        _existing(session, instance, name)
        return list(flow_uses.uses(session, registry, instance, "hours", name))


def delete_hours(store: Store, registry: Registry, actor: Actor, instance: str, name: str) -> None:
    """Delete them. ConflictError while a flow uses them."""
    actor.require(instance, "admin")
    with store.write() as session:
        old = _existing(session, instance, name)
        if uses := flow_uses.uses(session, registry, instance, "hours", name):
            raise ConflictError(
                say("The working hours %(name)s are used by the flow %(flow)s; change that flow first."),
                values={"name": name, "flow": uses[0].title},
            )
        hours.remove(session, instance, name)
        note(session, actor, "hours.delete", name, instance=instance, before=_told(old))
    export_snapshot(store)


def read_schedule(days: Sequence[str], exceptions: str, makeup_like: int) -> Schedule:
    """From what people write. InvalidError at ``days`` or ``exceptions`` names what cannot be read."""
    try:
        week = read_week(days)
    except HoursTextError as error:
        raise InvalidError(
            say("%(text)s: write hours like 09:00-12:00 13:30-18:00."), field="days", values={"text": error.part}
        ) from error
    try:
        own = read_exceptions(exceptions)
    except HoursTextError as error:
        raise InvalidError(
            say("%(text)s: write a day like 2027-02-05, or 2027-02-05 ~ 2027-02-12, then hours and a name."),
            field="exceptions",
            values={"text": error.part},
        ) from error
    if len(week) > MAX_LINES or len(own) > MAX_EXCEPTIONS:
        field, most = ("days", MAX_LINES) if len(week) > MAX_LINES else ("exceptions", MAX_EXCEPTIONS)
        raise InvalidError(say("At most %(count)s lines."), field=field, values={"count": most})
    return Schedule(hours=week, exceptions=own, makeup_like=makeup_like)


def outlook(store: Store, actor: Actor, record: HoursRecord, now: datetime) -> Outlook:
    """What they mean at ``now`` (aware) and in the months after it."""
    actor.require(record.instance, "admin", "supervisor")
    with store.read() as session:
        found = instances.get(session, record.instance)
    zone = ZoneInfo(record.timezone or (found.timezone if found is not None else "UTC"))
    moment = now.astimezone(zone)
    calendar = china_day if record.holidays == "china" else no_calendar
    decision = decide(record.schedule, moment, calendar)
    special = []
    for ahead in range(AHEAD_DAYS):
        day = moment.date() + timedelta(days=ahead)
        own = next((item for item in reversed(record.schedule.exceptions) if item.holds_on(day)), None)
        says = calendar(day)
        if own is not None:
            special.append(SpecialDay(day, "own", own.name, not own.hours))
        elif says.kind in ("holiday", "workday"):
            special.append(SpecialDay(day, says.kind, says.name, says.kind == "holiday"))
    until = known_until() if record.holidays == "china" else None
    return Outlook(decision.state, decision.name, tuple(special), until)


def _check(wanted: HoursRecord) -> None:
    if wanted.timezone:
        try:
            ZoneInfo(wanted.timezone)
        except (KeyError, ValueError, OSError):
            raise InvalidError(say("This time zone is not known."), field="timezone") from None
    if wanted.holidays not in ("china", "none"):
        raise InvalidError(say("Choose one of the list."), field="holidays")


def _existing(session: Session, instance: str, name: str) -> HoursRecord:
    found = hours.get(session, instance, name)
    if found is None:
        raise NotFoundError(say("There are no working hours %(name)s."), values={"name": name})
    return found


def _told(item: HoursRecord) -> dict[str, object]:
    shape = item.schedule.model_dump(mode="json")
    return {**shape, "holidays": item.holidays, "timezone": item.timezone}
