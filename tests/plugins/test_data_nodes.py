"""Working hours, lookup, blacklist, split, queue state and notify in the test kit."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccc.api import Problem
from ccc.flow.check import check_flow
from ccc.flow.compile import compile_flow
from ccc.flow.document import parse_document
from ccc.flow.simulator import run_test
from ccc.loader import load
from tests.plugins.data_nodes import lines, node_type, run

HOURS, LOOKUP, BLACKLIST, SPLIT, QUEUE_STATE, NOTIFY = (
    node_type(name) for name in ("hours", "lookup", "blacklist", "ab_split", "queue_state", "notify")
)
TABLE = {"customers": {"13800138000": {"等级": "vip"}, "+8675522345678": {"等级": "b"}, "10086": {"等级": "c"}}}


@pytest.mark.parametrize(
    ("at", "way", "name"),
    [
        ("2026-11-20T10:00", "open", ""),
        ("2026-11-20T20:00", "closed", ""),
        ("2026-10-01T10:00", "holiday", "国庆节"),
        ("2026-10-10T10:00", "open", "国庆节"),
        ("2026-11-20T01:30+00:00", "open", ""),  # 09:30 in Shanghai
    ],
)
def test_hours(at: str, way: str, name: str) -> None:
    found, call = run(HOURS, {"timezone": "Asia/Shanghai", "variable": "day"}, at=at)
    assert (found, call.variables["day"]) == (way, name)


def test_hours_in_another_zone_and_in_a_year_nobody_knows() -> None:
    assert run(HOURS, {"timezone": "America/New_York"}, at="2026-11-20T10:00")[0] == "closed"
    way, call = run(HOURS, {}, at="2999-11-22T10:00")
    assert way == "open"
    assert "no public holidays are known for 2999" in lines(call, "trace")[0]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "Asia"])
def test_hours_refuse_what_is_no_zone(zone: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        HOURS.Config.model_validate({"timezone": zone})


@pytest.mark.parametrize(
    ("caller", "way", "level"),
    [
        ("13800138000", "found", "vip"),
        ("+86 138 0013 8000", "found", "vip"),
        ("0755-22345678", "found", "b"),
        ("10086", "found", "c"),
        ("13900139000", "not_found", "普通"),
        ("anonymous", "not_found", "普通"),
    ],
)
def test_lookup(caller: str, way: str, level: str) -> None:
    columns = [{"column": "等级", "variable": "level", "default": '"普通"'}]
    config = {"table": "customers", "columns": columns, "row_variable": "row"}
    found, call = run(LOOKUP, config, caller=caller, tables=TABLE)
    assert (found, call.variables["level"]) == (way, level)
    assert call.variables["row"] == ({"等级": level} if way == "found" else None)


def test_lookup_takes_a_key_as_it_is() -> None:
    config = {"table": "customers", "is_number": False}
    assert run(LOOKUP, {**config, "key": '"+8613800138000"'}, tables=TABLE)[0] == "not_found"
    assert run(LOOKUP, {**config, "key": "10000 + 86"}, tables=TABLE)[0] == "found"
    assert run(LOOKUP, {**config, "key": "null"}, tables=TABLE)[0] == "not_found"
    assert run(LOOKUP, config)[0].startswith("error: there is no table 'customers'")


def test_blacklist() -> None:
    listed = {"blacklist": ["13800138000", "0755*", "anonymous"]}
    assert run(BLACKLIST, {}, caller="+8613800138000", **listed)[0] == "hit"
    assert run(BLACKLIST, {}, caller="0755 2234 5678", **listed)[0] == "hit"
    assert run(BLACKLIST, {}, caller="anonymous", **listed)[0] == "hit"
    assert run(BLACKLIST, {}, caller="13800138001", **listed)[0] == "miss"
    assert run(BLACKLIST, {"number": "sys.callee"}, callee="0755 2234 5678", **listed)[0] == "hit"
    assert run(BLACKLIST, {})[0] == "miss"


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True).filter(str.isascii), st.sampled_from(["", "+86", "0086", "0"]))
def test_a_caller_always_goes_the_same_way(number: str, written: str) -> None:
    assert run(SPLIT, {}, caller=number)[0] == run(SPLIT, {}, caller=written + number)[0]


def test_shares_are_kept_and_trials_are_independent() -> None:
    config = {"shares": [{"exit": "x", "percent": 10}, {"exit": "y", "percent": 30}, {"exit": "z", "percent": 60}]}
    callers = [f"138{n:08}" for n in range(4000)]
    drawn = [run(SPLIT, config, caller=caller)[0] for caller in callers]
    counts = Counter(drawn)
    assert [round(counts[way] / 4000, 1) for way in "xyz"] == [0.1, 0.3, 0.6]
    other = [run(SPLIT, {**config, "name": "second"}, caller=caller)[0] for caller in callers]
    both = sum(one == two == "z" for one, two in zip(drawn, other, strict=True)) / 4000
    assert both == pytest.approx(0.36, abs=0.04)


def test_a_share_of_nothing_is_never_drawn() -> None:
    config = {"shares": [{"exit": "all", "percent": 100}, {"exit": "none", "percent": 0}]}
    assert {run(SPLIT, config, caller=f"138{n:08}")[0] for n in range(500)} == {"all"}


def test_shares_must_add_up() -> None:
    config = SPLIT.Config.model_validate({"shares": [{"exit": "a", "percent": 50}, {"exit": "b", "percent": 49}]})
    (problem,) = SPLIT.check(config, None)  # type: ignore[arg-type]
    assert isinstance(problem, Problem) and "99%" in problem.message


@pytest.mark.parametrize(
    ("config", "case", "way"),
    [
        ({}, {}, "ok"),
        ({}, {"agents": {"s": "none"}, "waiting": {"s": 3}}, "nobody"),
        ({"busy_waiting": 3}, {"waiting": {"s": 3}}, "busy"),
        ({"busy_waiting": 4}, {"waiting": {"s": 3}}, "ok"),
        ({"busy_wait_s": 360}, {"agents": {"s": "busy"}, "waiting": {"s": 1}}, "busy"),
        ({"busy_wait_s": 361}, {"agents": {"s": "busy"}, "waiting": {"s": 1}}, "ok"),
        ({"busy_no_ready": True}, {"agents": {"s": "busy"}}, "busy"),
        ({"busy_no_ready": True}, {}, "ok"),
    ],
)
def test_queue_state(config: dict[str, Any], case: dict[str, Any], way: str) -> None:
    names = {"waiting_variable": "n", "ready_variable": "r", "wait_variable": "w"}
    found, call = run(QUEUE_STATE, {"skill_group": "s", **names, **config}, **case)
    assert found == way
    agents = case.get("agents", {}).get("s", "ready")
    assert call.variables["n"] == case.get("waiting", {}).get("s", 0)
    assert call.variables["r"] == (1 if agents == "ready" else 0)
    assert (call.variables["w"] is None) is (agents == "none")


def test_notify() -> None:
    way, call = run(NOTIFY, {"text": "您好 ${sys.caller}"}, caller="138 0013 8000")
    assert way == "next" and call.monotonic() == 0 and not call.answered
    assert lines(call, "notifies") == ["sms +8613800138000: 您好 138 0013 8000"]
    mail = {"channel": "mail", "to": "${v}@x.cn", "subject": "a\r\nBcc: b", "text": "t"}
    assert lines(run(NOTIFY, mail, variables={"v": "li"})[1], "notifies") == ["mail li@x.cn: a Bcc: b: t"]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"to": "010-12345678", "text": "x"}, "not a number that gets SMS"),
        ({"to": "anonymous", "text": "x"}, "not a number that gets SMS"),
        ({"to": "", "text": "x"}, "not a number that gets SMS"),
        ({"channel": "mail", "to": "a@b@c.cn", "text": "x"}, "not a mail address"),
        ({"channel": "mail", "to": "a@b.cn,c@d.cn", "text": "x"}, "not a mail address"),
        ({"channel": "mail", "to": "a@b.cn\r\nBcc: c@d.cn", "text": "x"}, "not a mail address"),
        ({"text": "长" * 501}, "sms takes 500"),
    ],
)
def test_notify_refuses_receivers_that_are_none(config: dict[str, Any], words: str) -> None:
    way, call = run(NOTIFY, config)
    assert words in way and lines(call, "notifies") == []


def test_a_whole_flow_is_checked_and_simulated() -> None:
    raw = {
        "format": 1,
        "name": "front",
        "nodes": [
            {"id": "s", "type": "start"},
            {"id": "b", "type": "blacklist"},
            {"id": "h", "type": "hours"},
            {"id": "l", "type": "lookup", "config": {"table": "customers", "row_variable": "c"}},
            {"id": "m", "type": "notify", "config": {"text": "${c.等级}: ${sys.caller}"}},
            {"id": "e", "type": "hangup"},
        ],
        "edges": [
            {"from": one, "exit": way, "to": two}
            for one, way, two in (
                ("s", "next", "b"), ("b", "hit", "e"), ("b", "miss", "h"), ("h", "open", "l"), ("h", "closed", "e"),
                ("h", "holiday", "e"), ("l", "found", "m"), ("l", "not_found", "e"), ("m", "next", "e"),
            )
        ],
        "tests": [
            {"name": "vip", "at": "2026-11-20T10:00", "tables": TABLE,
             "steps": [{"exit": "h.open"}, {"exit": "l.found"}, {"notifies": "vip: 13800138000"}, {"ends": "normal"}]},
            {"name": "unwanted", "blacklist": ["138*"], "steps": [{"exit": "b.hit"}]},
        ],
    }  # fmt: skip
    registry = load(entry_points=False)
    document = parse_document(raw)
    assert [item for item in check_flow(document, registry) if item.severity == "error"] == []
    flow = compile_flow(document, registry)
    assert [run_test(flow, case).failure for case in document.tests] == [None, None]
