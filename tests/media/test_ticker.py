"""The clock: phases, catching up, skipping; under virtual time."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ccc.media.ticker import PERIOD_S, Ticker
from tests.media.conftest import VirtualTime


class Item:
    """Notes when it was ticked; ends after ``life`` ticks."""

    def __init__(self, life: int = 10_000) -> None:
        self.life = life
        self.at: list[float] = []
        self.ends: list[float] = []
        self.skips: list[float] = []

    def tick(self, now: float) -> bool:
        if len(self.at) >= self.life:
            return False
        self.at.append(now)
        return True

    def ended(self, now: float) -> None:
        self.ends.append(now)

    def skip_to(self, now: float) -> None:
        self.skips.append(now)


def gaps_ms(item: Item) -> list[float]:
    return [round((b - a) * 1000, 3) for a, b in pairwise(item.at)]


@pytest.mark.parametrize("delay_ms", [0.0, 1.0, 2.4, 2.6, 5.0, 7.7, 13.0, 19.9])
def test_items_keep_their_own_phase(virtual: VirtualTime, delay_ms: float) -> None:
    ticker, first, second = Ticker(virtual.poller), Item(), Item()
    ticker.join(first, virtual.t, virtual.t + PERIOD_S)
    virtual.run(0.5 + delay_ms / 1000)
    joined = virtual.t
    ticker.join(second, joined, joined + PERIOD_S)
    virtual.run(0.5)
    assert abs((second.at[0] - joined) * 1000 - 20) <= 3.6, "to the nearest phase, and the clock of the test"
    for item in (first, second):
        assert len(item.at) >= 24
        assert all(abs(gap - 20) <= 1.01 for gap in gaps_ms(item))


def test_a_first_tick_up_to_40_ms_away(virtual: VirtualTime) -> None:
    ticker, steady = Ticker(virtual.poller), Item()
    ticker.join(steady, virtual.t, virtual.t + PERIOD_S)
    virtual.run(0.1)
    for wait_ms in (21, 25, 33, 39.5):
        item, joined = Item(), virtual.t
        ticker.join(item, joined, joined + wait_ms / 1000)
        virtual.run(0.2)
        assert abs((item.at[0] - joined) * 1000 - wait_ms) <= 3.6
        assert all(abs(gap - 20) <= 1.01 for gap in gaps_ms(item))


def test_the_clock_stops_when_nothing_is_clocked_and_starts_anew(virtual: VirtualTime) -> None:
    ticker, item = Ticker(virtual.poller), Item(life=3)
    ticker.join(item, virtual.t, virtual.t + PERIOD_S)
    virtual.run(0.2)
    assert (len(item.at), len(item.ends), len(ticker)) == (3, 1, 0)
    virtual.run(1.003)
    again, joined = Item(), virtual.t
    ticker.join(again, joined, joined + PERIOD_S)
    virtual.run(0.1)
    assert abs(again.at[0] - joined - 0.020) < 0.0015


def test_one_that_leaves_is_ticked_no_more(virtual: VirtualTime) -> None:
    ticker, items = Ticker(virtual.poller), [Item() for _ in range(8)]
    for item in items:
        ticker.join(item, virtual.t, virtual.t + PERIOD_S)
        virtual.run(0.003)
    for item in items[::2]:
        ticker.leave(item)
        ticker.leave(item)
    before = [len(item.at) for item in items]
    virtual.run(0.1)
    assert [len(item.at) - count for item, count in zip(items, before, strict=True)] == [0, 5] * 4


def test_a_short_delay_is_made_up(virtual: VirtualTime) -> None:
    ticker, item = Ticker(virtual.poller), Item()
    ticker.join(item, virtual.t, virtual.t + PERIOD_S)
    start = virtual.t
    virtual.run(0.1)
    virtual.t += 0.09
    virtual.run(0.1)
    assert len(item.at) == round((virtual.t - start) / PERIOD_S)
    assert not item.skips


def test_after_a_standstill_there_is_no_burst(virtual: VirtualTime) -> None:
    ticker, item = Ticker(virtual.poller), Item()
    ticker.join(item, virtual.t, virtual.t + PERIOD_S)
    virtual.run(0.1)
    before = len(item.at)
    virtual.t += 5.0
    virtual.run(0.1)
    assert len(item.skips) == 1
    assert 4 <= len(item.at) - before <= 6
    assert ticker.late_s >= 5.0 - PERIOD_S


def test_one_that_fails_does_not_stop_the_others(virtual: VirtualTime, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Item):
        def tick(self, now: float) -> bool:
            raise RuntimeError("broken")

    ticker, good, bad = Ticker(virtual.poller), Item(), Broken()
    for item in (bad, good):
        ticker.join(item, virtual.t, virtual.t + PERIOD_S)
    virtual.run(0.1)
    assert len(good.at) >= 4
    assert len(bad.ends) == 1
    assert "broken" in caplog.text
