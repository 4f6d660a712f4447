"""Calls that cannot be taken: the telephone network is told why, and so is the record."""

from __future__ import annotations

import pytest

from ccc.bus import request
from tests.calls.callers import dial
from tests.calls.flows import UNBOUND, UNPUBLISHED
from tests.calls.system import System


@pytest.mark.parametrize(
    ("number", "status", "word"),
    [("4999", 404, ""), (UNPUBLISHED, 480, "publish"), (UNBOUND, 480, "")],
    ids=["unknown number", "unpublished flow", "no flow bound"],
)
def test_refusals_carry_status_and_reason(flows: System, number: str, status: int, word: str) -> None:
    report = dial(flows, number).wait()
    assert (report["exit"], report["result"], report["sip_status"]) == (3, "refused", status)
    assert word in report["reason"].lower()
    figures = request(flows.home.socket("runtime"), {"op": "trunks"})["trunks"]["loopback"]
    assert [number, report["reason"]] in [row[:2] for row in figures["vain"]] and figures["last"]


def test_a_closed_port_is_no_answer_and_no_trace_back(system: System) -> None:
    done = system.ccc("call", "4000", "--to", "127.0.0.1:9")
    assert done.returncode == 1
    assert "nobody answers SIP" in done.stderr and "Traceback" not in done.stderr


def test_second_server_in_the_same_home_is_refused(system: System) -> None:
    done = system.ccc("serve", "--demo", "--http", "127.0.0.1:0")
    assert done.returncode == 2
    assert done.stderr.startswith("ccc: ") and done.stderr.count("\n") == 1


def test_port_in_use_is_one_clear_line(system: System, tmp_path: object) -> None:
    arguments = ["serve", "--demo", "--sip", system.sip, "--http", "127.0.0.1:1"]
    done = system.ccc(*arguments)
    assert done.returncode == 2 and "Traceback" not in done.stderr
