"""Routing of INVITEs: numbers extracted and rewritten per trunk, refusals with their reason."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccc.runtime.config import Index
from ccc.runtime.router import Refusal, Route, called_number, calling_number, rewrite, route
from ccc.snapshot.model import Closure, FlowVersion, Instance, Number, PrefixRule, Snapshot, Trunk


@dataclass
class Invite:
    request_user: str = "4000"
    to_user: str = "02166554433"
    from_user: str = "13800138000"
    pai_user: str = ""
    diversion_user: str = ""


TRUNK = Trunk(id="t1", name="carrier", kind="address")


def index(*, flow: str = "welcome", trunks: tuple[str, ...] = (), published: bool = True) -> Index:
    return Index(
        Snapshot(
            counter=1,
            made_at=0.0,
            instances=(Instance("demo", "Demo", "acme"),),
            trunks=(TRUNK,),
            numbers=(Number("4000", "demo", flow, trunks),),
            flows=(FlowVersion("welcome", "demo", 3, "hash", {}),) if published else (),
            unpublished=() if published else (("demo", "welcome"),),
        )
    )


def test_a_known_number_leads_to_its_flow_version() -> None:
    found = route(index(), "t1", Invite(), 0.0)
    assert isinstance(found, Route)
    assert (found.instance.name, found.flow.version, found.caller, found.callee) == ("demo", 3, "13800138000", "4000")


@pytest.mark.parametrize(
    ("built", "invite", "status", "reason"),
    [
        (index(), Invite(request_user="9999"), 404, "Unknown number"),
        (index(trunks=("other",)), Invite(), 404, "Unknown number"),
        (index(flow=""), Invite(), 480, "No flow bound to this number"),
        (index(published=False), Invite(), 480, "Flow not published"),
        (index(flow="gone"), Invite(), 480, "Flow does not exist"),
    ],
)
def test_refusals_say_why(built: Index, invite: Invite, status: int, reason: str) -> None:
    found = route(built, "t1", invite, 0.0)
    assert isinstance(found, Refusal)
    assert (found.status, found.reason) == (status, reason)


@pytest.mark.parametrize(("owner", "reached"), [("", True), ("acme", True), ("rival", False)])
def test_a_number_takes_no_calls_from_the_line_of_another_account(owner: str, reached: bool) -> None:
    """Anybody may write a number down; the calls of a carrier are for who has the contract with it."""
    snapshot = replace(index().snapshot, trunks=(replace(TRUNK, account=owner),))
    found = route(Index(snapshot), "t1", Invite(), 0.0)
    assert isinstance(found, Route) is reached
    if isinstance(found, Refusal):
        assert (found.status, found.number) == (404, None), "nothing of the rival's comes into the record"


@pytest.mark.parametrize(
    ("source", "expected"), [("request-uri", "4000"), ("to", "02166554433"), ("diversion", "4008001234")]
)
def test_called_number_comes_from_the_header_the_trunk_says(source: str, expected: str) -> None:
    trunk = Trunk(id="t", name="t", kind="address", called_from=source)  # type: ignore[arg-type]
    assert called_number(Invite(diversion_user="4008001234"), trunk) == expected


def test_called_number_falls_back_to_the_request_uri() -> None:
    assert called_number(Invite(), Trunk(id="t", name="t", kind="address", called_from="diversion")) == "4000"


def test_calling_number_prefers_the_asserted_identity() -> None:
    assert calling_number(Invite(pai_user="+8613900000000"), TRUNK) == "+8613900000000"
    assert calling_number(Invite(pai_user=""), TRUNK) == "13800138000"
    assert calling_number(Invite(from_user=""), TRUNK) == "anonymous"
    from_only = Trunk(id="t", name="t", kind="address", caller_from="from")
    assert calling_number(Invite(pai_user="1"), from_only) == "13800138000"


def test_the_longest_prefix_rule_wins_and_is_applied_once() -> None:
    rules = (PrefixRule("+86", "0"), PrefixRule("+8610", "010"), PrefixRule("0", "X"))
    assert rewrite("+861088886666", rules) == "01088886666"
    assert rewrite("+8675588886666", rules) == "075588886666"


@given(st.text("0123456789+", max_size=20), st.text("0123456789+", max_size=6), st.text("0123456789", max_size=6))
def test_rewriting_changes_only_the_prefix(number: str, prefix: str, replacement: str) -> None:
    result = rewrite(number, (PrefixRule(prefix, replacement),))
    assert result == (replacement + number[len(prefix) :] if number.startswith(prefix) else number)


def closed_index(flow: str = "", until: float | None = None) -> Index:
    closure = Closure("zhao", 100.0, "line fault", {"name": "closed-number"}, "said", flow, until)
    numbers = (Number("4000", "demo", "welcome", (), closure), Number("4001", "demo", "", (), closure))
    night = FlowVersion("night", "demo", 7, "hash-night", {})
    built = index()
    return Index(replace(built.snapshot, numbers=numbers, flows=(*built.snapshot.flows, night)))


@pytest.mark.parametrize(
    ("flow", "until", "now", "goes_to"),
    [
        ("", None, 1e12, ("", 0, True)),
        ("night", None, 500.0, ("night", 7, False)),
        ("gone", None, 500.0, ("", 0, True)),
        ("night", 500.0, 499.9, ("night", 7, False)),
        ("night", 500.0, 500.0, ("welcome", 3, False)),
    ],
    ids=["until opened", "another flow", "that flow is not published any more", "until then", "open again"],
)
def test_a_closed_number(flow: str, until: float | None, now: float, goes_to: tuple[str, int, bool]) -> None:
    found = route(closed_index(flow, until), "t1", Invite(), now)
    assert isinstance(found, Route)
    assert (found.flow.name, found.flow.version, found.announced) == goes_to
    assert (found.closure is None) == (found.flow.name == "welcome")


def test_a_closed_number_without_a_flow_tells_its_callers_so() -> None:
    found = route(closed_index(), "t1", Invite(request_user="4001"), 500.0)
    assert isinstance(found, Route) and found.announced
    assert [one.hash for one in closed_index().announcements()] == ["said"]
