"""Times as people write them: on the wall clock of their instance."""

from __future__ import annotations

from datetime import UTC, datetime

from ccc.errors import InvalidError, NotFoundError, say
from ccc.hours.local import NoSuchTimeError, to_utc
from ccc.store import Store
from ccc.store.repos import centre


def zone_of(store: Store, instance: str) -> str:
    """The instance's time zone. NotFoundError when there is no such instance."""
    with store.read() as session:
        for item in centre.instances(session):
            if item.name == instance:
                return item.timezone
    raise NotFoundError(say("There is no instance %(instance)s."), field="instance", values={"instance": instance})


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
