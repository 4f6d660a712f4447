"""Wall clock to UTC, over the days clocks are set."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccc.hours.local import NoSuchTimeError, TwiceError, to_utc

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(ZONES),
)
def test_every_moment_is_reached_from_what_clocks_show_then(moment: datetime, zone: str) -> None:
    shown = moment.astimezone(ZoneInfo(zone))
    assert to_utc(shown.replace(tzinfo=None), zone, shown.fold) == moment


def test_the_hour_that_does_not_come_and_the_one_that_comes_twice() -> None:
    with pytest.raises(NoSuchTimeError):
        to_utc(datetime(2027, 3, 28, 2, 30), "Europe/Berlin")
    with pytest.raises(TwiceError):
        to_utc(datetime(2027, 10, 31, 2, 30), "Europe/Berlin")
    times = [to_utc(datetime(2027, 10, 31, 2, 30), "Europe/Berlin", which) for which in (0, 1)]
    assert times == [datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 1, 30, tzinfo=UTC)]
    assert to_utc(datetime(2026, 11, 22, 9, 0), "Asia/Shanghai", 1) == datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
