"""A node that fails ends its own call, and no other."""

from __future__ import annotations

from tests.calls.callers import dial
from tests.calls.system import System


def test_the_record_names_the_node_and_other_calls_go_on(flows: System) -> None:
    other = dial(flows, "4003", "--seconds", "6")
    broken = dial(flows, "4190")
    report = broken.wait()
    assert report["ended_by"] != "caller"
    record = flows.record_of(broken.caller)
    assert record["cause"] == "flow-error"
    assert record["steps"][-1]["node"] == "say"
    heard = other.wait()
    assert (heard["ended_by"], heard["lost"]) == ("caller", 0)
