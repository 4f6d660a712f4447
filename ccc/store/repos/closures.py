"""Closed numbers. Times are given: the repository has no clock, and a closure that is over is told like the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from ccc.flow.closing import announcement
from ccc.flow.document import content_hash
from ccc.snapshot import model as snap
from ccc.store.models import Flow, Instance, Number, NumberClosure

Says = Literal["default", "text", "audio", "flow"]


@dataclass(frozen=True, slots=True)
class ClosureRecord:
    """Why ``number`` takes no calls and until when (None: until somebody opens it). ``says`` tells what callers hear:
    our own text, ``text`` in ``voice``, the ``audio``, or what the ``flow`` does."""

    instance: str
    number: str
    by: str
    at: datetime
    reason: str
    until: datetime | None
    says: Says = "default"
    text: str = ""
    voice: str = ""
    audio: str = ""
    flow: str = ""
    flow_title: str = ""
    bound_flow: str = ""
    """The flow that takes its calls when it is open."""

    def holds(self, now: datetime) -> bool:
        """Whether the number is closed at ``now``."""
        return self.until is None or now < self.until


def of_instance(session: Session, instance: str) -> list[ClosureRecord]:
    """The closures of the instance's numbers."""
    return _find(session, Instance.name == instance)


def everywhere(session: Session) -> list[ClosureRecord]:
    """All closures; there are never many."""
    return _find(session, true())


def get(session: Session, number: str) -> ClosureRecord | None:
    """The closure of a number."""
    found = _find(session, Number.number == number)
    return found[0] if found else None


def over(session: Session, now: datetime) -> list[ClosureRecord]:
    """Those whose time is over, of every instance."""
    return _find(session, NumberClosure.until <= now)


def snapshot(session: Session) -> dict[str, snap.Closure]:
    """Every closure by number, for the snapshot; the runtime sees by itself when one is over."""
    found = {}
    for item in everywhere(session):
        said = announcement(item.text, item.voice, item.audio)
        until = item.until.timestamp() if item.until is not None else None
        found[item.number] = snap.Closure(
            item.by, item.at.timestamp(), item.reason, said.as_dict(), content_hash(said), item.flow, until
        )
    return found


def put(session: Session, wanted: ClosureRecord) -> None:
    """Close the number, or close it otherwise."""
    number = session.scalars(select(Number).where(Number.number == wanted.number)).one()
    row = session.get(NumberClosure, number.id)
    if row is None:
        row = NumberClosure(number_id=number.id)
        session.add(row)
    for name in ("by", "at", "reason", "until", "says", "text", "voice", "audio", "flow"):
        setattr(row, name, getattr(wanted, name))
    session.flush()


def remove(session: Session, numbers: Sequence[str]) -> None:
    """Open them again."""
    query = select(NumberClosure).join(Number, Number.id == NumberClosure.number_id)
    for row in session.scalars(query.where(Number.number.in_(list(numbers)))):
        session.delete(row)
    session.flush()


def _find(session: Session, condition: object) -> list[ClosureRecord]:
    query = (
        select(NumberClosure, Instance.name, Number.number, Number.flow, Flow.title)
        .join(Number, Number.id == NumberClosure.number_id)
        .join(Instance, Instance.id == Number.instance_id)
        .outerjoin(Flow, (Flow.instance_id == Number.instance_id) & (Flow.name == NumberClosure.flow))
        .where(condition)  # type: ignore[arg-type]
        .order_by(Number.number)
    )
    return [
        ClosureRecord(
            instance, number, row.by, row.at, row.reason, row.until, row.says,  # type: ignore[arg-type]
            row.text, row.voice, row.audio, row.flow, title or row.flow, bound,
        )
        for row, instance, number, bound, title in session.execute(query)
    ]  # fmt: skip
