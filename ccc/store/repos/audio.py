"""Audio of an instance, by symbolic name."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ccc.store.base import utc_now
from ccc.store.models import Audio, Instance
from ccc.store.records import AudioRecord


def find(session: Session, instance: str) -> list[AudioRecord]:
    """The instance's audio by name."""
    query = select(Audio).join(Instance).where(Instance.name == instance).order_by(Audio.name)
    return [_record(instance, row) for row in session.scalars(query)]


def get(session: Session, instance: str, name: str) -> AudioRecord | None:
    """One audio."""
    row = _audio(session, instance, name)
    return None if row is None else _record(instance, row)


def put(
    session: Session,
    instance: str,
    name: str,
    *,
    path: str,
    seconds: float,
    user: str,
    text: str = "",
    voice: str = "",
    speed: float = 1.0,
    volume: int = 100,
) -> AudioRecord:
    """Add the audio, or let the name stand for another file."""
    row = _audio(session, instance, name)
    if row is None:
        instance_id = session.scalars(select(Instance.id).where(Instance.name == instance)).one()
        row = Audio(instance_id=instance_id, name=name)
        session.add(row)
    row.path, row.seconds, row.uploaded_by, row.uploaded_at = path, seconds, user, utc_now()
    row.text, row.voice, row.speed, row.volume = text, voice, speed, volume
    session.flush()
    return _record(instance, row)


def remove(session: Session, instance: str, name: str) -> bool:
    """Forget the name; False when there is none. The file stays."""
    row = _audio(session, instance, name)
    if row is None:
        return False
    session.delete(row)
    return True


def paths(session: Session) -> set[str]:
    """Every file some name stands for, relative to the uploads folder."""
    return set(session.scalars(select(Audio.path)))


def _audio(session: Session, instance: str, name: str) -> Audio | None:
    return session.scalar(select(Audio).join(Instance).where(Instance.name == instance, Audio.name == name))


def _record(instance: str, row: Audio) -> AudioRecord:
    return AudioRecord(
        instance,
        row.name,
        row.path,
        row.seconds,
        row.uploaded_by,
        row.uploaded_at,
        row.text,
        row.voice,
        row.speed,
        row.volume,
    )
