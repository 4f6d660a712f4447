"""The week that is painted and the cells of a table, as the page's own modules work them out (Node.js)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ccc.hours.model import DAY_MINUTES, minutes
from ccc.hours.text import HoursTextError, read_spans
from tests.web.designer.test_commands import node

RUNNER = Path(__file__).parent / "inputs.mjs"
WEEK_MINUTES = 7 * DAY_MINUTES
clocks = st.integers(0, 47).map(lambda half: f"{half // 2:02}:{half % 2 * 30:02}")
spans = st.tuples(clocks, st.one_of(clocks, st.just("24:00"))).filter(lambda span: span[0] != span[1])
days = st.lists(spans, max_size=3).map(lambda found: " ".join(f"{start}-{end}" for start, end in found))
weeks = st.lists(days, min_size=7, max_size=7)
cells = st.one_of(
    st.text(max_size=3), st.integers(-9, 9), st.booleans(), st.none(), st.lists(st.integers(-9, 9), max_size=2)
)
rows = st.dictionaries(st.sampled_from(["level", "name", "等级"]), cells)
texts = st.text(st.sampled_from("0123456789:-~ ，：至ab"), max_size=14)
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    process = subprocess.Popen([node(), str(RUNNER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None

    def run(do: str, **values: Any) -> Any:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps({"do": do, **values}) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    yield run
    process.stdin.close()
    process.wait(10)
    process.stdout.close()


def open_minutes(week: list[str]) -> set[int]:
    """Minutes of the week, Monday 00:00 is 0."""
    found: set[int] = set()
    for day, text in enumerate(week):
        for span in read_spans(text):
            end = minutes(span.end) + (DAY_MINUTES if span.crosses else 0)
            found |= {(day * DAY_MINUTES + at) % WEEK_MINUTES for at in range(minutes(span.start), end)}
    return found


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(week=weeks, day=st.integers(0, 6), first=st.integers(0, 47), length=st.integers(1, 48), opens=st.booleans())
@example(week=["01:30-01:00", "01:00-00:30", "", "", "", "", ""], day=0, first=0, length=48, opens=False)
def test_painting_changes_the_painted_and_nothing_else(
    ask: Ask, week: list[str], day: int, first: int, length: int, opens: bool
) -> None:
    begin, end = first * 30, min(DAY_MINUTES, (first + length) * 30)
    painted = {day * DAY_MINUTES + at for at in range(begin, end)}
    after = open_minutes(ask("paint", days=week, day=day, **{"from": begin, "to": end, "open": opens}))
    before = open_minutes(week)
    assert after == (before | painted if opens else before - painted)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(days, texts))
def test_page_and_server_read_the_same_hours(ask: Ask, text: str) -> None:
    try:
        read = open_minutes([text])
    except HoursTextError:
        read = None
    written = ask("day", text=text)
    assert (written if written is None else open_minutes([written])) == read


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.dictionaries(st.text("ab1等", min_size=1, max_size=3), st.one_of(rows, cells), max_size=4))
def test_a_table_nobody_changes_stays_as_it_is(ask: Ask, table: dict[str, Any]) -> None:
    assert ask("table", table=table) == table
