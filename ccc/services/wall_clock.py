"""Times as people write them: on the wall clock of their instance."""

from __future__ import annotations

from datetime import UTC, datetime

from ccc.errors import InvalidError, say
from ccc.hours.local import NoSuchTimeError, to_utc
from ccc.services import checks
from ccc.store import Store


def zone_of(store: Store, instance: str) -> str:
    """The instance's time zone. NotFoundError when there is no such instance."""
    with store.read() as session:
        return checks.instance(session, instance).timezone


def moment(store: Store, instance: str, text: str, which: str = "", field: str = "at") -> datetime:
    """``2026-11-22 09:00`` (with or without ``T``, seconds, offset) as UTC; ``which`` ``0`` or ``1``: of an hour that
    comes twice the first or second. InvalidError at ``field`` (nonsense, a time that does not exist), TwiceError."""
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        text = say("This is not a date with a time, such as 2026-11-22 09:00.")
        raise InvalidError(text, field=field) from None
    if read.tzinfo is not None:
        return read.astimezone(UTC)
    try:
        return to_utc(read, zone_of(store, instance), int(which) if which in ("0", "1") else None)
    except NoSuchTimeError as error:
        error.field = field
        raise
    except OverflowError:
        raise InvalidError(say("This time is out of reach."), field=field) from None
