"""From the clock on the wall to UTC: an hour that does not come is told, one that comes twice is asked about."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ccc.errors import InvalidError, say


class NoSuchTimeError(InvalidError):
    """The clock is set forward over that time."""

    code = "no-such-time"


class TwiceError(InvalidError):
    """The clock is set back: the time comes twice, and nobody said which is meant."""

    code = "twice"


def to_utc(wall: datetime, zone: str, which: int | None = None) -> datetime:
    """The UTC moment (aware) at which clocks in ``zone`` show ``wall`` (naive).

    ``which`` 0 or 1 chooses the first or second time where the clock is set back; elsewhere it means nothing.
    NoSuchTimeError, TwiceError.
    """
    place = ZoneInfo(zone)
    first, second = (wall.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(place).replace(tzinfo=None) != wall:
        text = say("This time does not exist there: clocks are set forward over it. Choose another.")
        raise NoSuchTimeError(text, field="at")
    if first == second:
        return first
    if which is None:
        text = say("This time comes twice: clocks are set back. Choose the first or the second.")
        raise TwiceError(text, field="which")
    return second if which else first
