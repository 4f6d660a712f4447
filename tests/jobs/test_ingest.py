"""Closing records to rows: whatever a runtime writes is stored or refused with a reason, never half."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.jobs.ingest import Rows, call_row

CDR = {
    "id": "c1",
    "instance": "demo",
    "account": None,
    "direction": "inbound",
    "started_at": 1767225600.25,
    "answered_at": None,
    "ended_at": 1767225605,
    "cause": "normal",
    "flow": None,
    "flow_version": None,
    "agent": None,
    "keys": "12#",
    "steps": [{"n": 0}],
    "media": {"rx": 5},
}
anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers(), max_size=2)


def test_values_and_defaults() -> None:
    row = call_row(CDR)
    assert row["started_at"] == datetime(2026, 1, 1, 0, 0, 0, 250000, tzinfo=UTC)
    assert row["ended_at"] == datetime(2026, 1, 1, 0, 0, 5, tzinfo=UTC)
    assert (row["answered_at"], row["flow"], row["flow_version"], row["agent"], row["waited_s"]) == (
        None,
        "",
        None,
        "",
        0.0,
    )
    assert (row["keys"], row["steps"], row["media"]) == ("12#", [{"n": 0}], {"rx": 5})


def test_texts_fit_their_columns() -> None:
    row = call_row({**CDR, "caller": "9" * 1000, "cause_detail": "a\x00b" * 1000})
    assert len(row["caller"]) == 128
    assert row["cause_detail"] == "ab" * 1000


@pytest.mark.parametrize(
    "change", [{"id": None}, {"id": ""}, {"id": "x" * 65}, {"started_at": None}, {"ended_at": "now"}, {"id": 5}]
)
def test_what_cannot_be_a_call_is_refused(change: dict) -> None:
    with pytest.raises(ValueError, match=r"id|started_at|ended_at"):
        call_row({**CDR, **change})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, "5", None])
def test_a_strange_duration_is_no_reason_to_refuse_a_call(value: object) -> None:
    assert call_row({**CDR, "waited_s": value})["waited_s"] == 0.0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, -(10**400), True])
def test_a_strange_time_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"time|NaN|nan"):
        call_row({**CDR, "ended_at": value})


@settings(max_examples=500)
@given(
    st.sampled_from(["close", "wrap-up", "agent-state", "step", "open", "?"]),
    st.dictionaries(st.sampled_from([*CDR, "at", "note", "disposition", "state", "reason", "cdr"]), anything),
    st.dictionaries(st.sampled_from(list(CDR)), anything),
)
def test_any_record_is_taken_or_refused(kind: str, fields: dict, cdr: dict) -> None:
    rows = Rows()
    try:
        taken = rows.add({"cdr": cdr, **fields, "k": kind})
    except ValueError:
        assert not rows
        return
    assert taken == bool(rows) == (kind in ("close", "wrap-up", "agent-state"))
