"""Tags of an instance, and which calls carry them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from ccc.store.models import CallTag, Instance, Tag
from ccc.store.records import TagRecord


def find(session: Session, instance: str) -> list[TagRecord]:
    """The instance's tags by name."""
    query = select(Tag).join(Instance).where(Instance.name == instance).order_by(Tag.name)
    return [_record(row, instance) for row in session.scalars(query)]


def get(session: Session, instance: str, tag_id: int) -> TagRecord | None:
    """One tag."""
    row = session.scalar(select(Tag).join(Instance).where(Instance.name == instance, Tag.id == tag_id))
    return None if row is None else _record(row, instance)


def add(session: Session, instance: str, name: str, colour: str) -> TagRecord:
    """Make a tag (the name is free)."""
    owner = session.scalars(select(Instance.id).where(Instance.name == instance)).one()
    row = Tag(instance_id=owner, name=name, colour=colour, revision=1)
    session.add(row)
    session.flush()
    return _record(row, instance)


def change(session: Session, tag_id: int, name: str, colour: str) -> None:
    """Another name or colour."""
    values = {"name": name, "colour": colour, "revision": Tag.revision + 1}
    session.execute(update(Tag).where(Tag.id == tag_id).values(values))


def remove(session: Session, tag_id: int) -> None:
    """Delete the tag; calls lose it."""
    session.execute(delete(CallTag).where(CallTag.tag_id == tag_id))
    session.execute(delete(Tag).where(Tag.id == tag_id))


def count_calls(session: Session, tag_id: int, most: int) -> int:
    """How many calls carry it, counted up to ``most``."""
    return len(session.scalars(select(CallTag.call_id).where(CallTag.tag_id == tag_id).limit(most)).all())


def of_calls(session: Session, ids: Sequence[str]) -> dict[str, list[int]]:
    """Call id -> ids of its tags."""
    found: dict[str, list[int]] = {}
    for call_id, tag_id in session.execute(select(CallTag.call_id, CallTag.tag_id).where(CallTag.call_id.in_(ids))):
        found.setdefault(call_id, []).append(tag_id)
    return found


def set_tags(session: Session, call_id: str, started_at: datetime, wanted: Sequence[int], user: str) -> None:
    """Let the call carry these tags and no other."""
    now = set(of_calls(session, [call_id]).get(call_id, ()))
    gone = now - set(wanted)
    if gone:
        session.execute(delete(CallTag).where(CallTag.call_id == call_id, CallTag.tag_id.in_(gone)))
    for tag_id in set(wanted) - now:
        session.add(CallTag(call_id=call_id, tag_id=tag_id, started_at=started_at, added_by=user))


def count(session: Session, instance: str) -> int:
    """How many tags the instance has."""
    query = select(func.count()).select_from(Tag).join(Instance).where(Instance.name == instance)
    return session.scalar(query) or 0


def _record(row: Tag, instance: str) -> TagRecord:
    return TagRecord(row.id, instance, row.name, row.colour, row.revision)
