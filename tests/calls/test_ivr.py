"""Callers press keys, wrong keys and none; the record tells the way they took, the recording what was said."""

from __future__ import annotations

import json

import pytest

from tests.calls.callers import dial, new_caller, run_sipp
from tests.calls.sounds import channel, heard_in, path, tones
from tests.calls.system import System

MENU = "4104"


@pytest.mark.parametrize(
    ("keys", "heard", "steps", "pressed"),
    [
        ("1", [440, 1000], ["start.next", "menu.key_1", "one.done", "end.None"], "1"),
        ("#", [440, 1500], ["start.next", "menu.key_hash", "hash.done", "end.None"], "#"),
        ("9,,1", [440, 600, 440, 1000], ["start.next", "menu.key_1", "one.done", "end.None"], "91"),
        ("9,,9", [440, 600, 440, 600, 2000], ["start.next", "menu.wrong", "gone.done", "end.None"], "99"),
        ("", [440, 800, 440, 800, 2000], ["start.next", "menu.timeout", "gone.done", "end.None"], ""),
    ],
    ids=["right key", "hash", "wrong key, then right", "wrong keys only", "no key"],
)
def test_menu(flows: System, keys: str, heard: list[int], steps: list[str], pressed: str) -> None:
    dialled = dial(flows, MENU, "--keys", keys)
    report = dialled.wait()
    assert (report["exit"], report["ended_by"], report["keys"]) == (0, "far-side", pressed)
    assert tones(report) == heard
    assert (report["lost"], report["duplicates"], report["sources"]) == (0, 0, 1)
    record = flows.record_of(dialled.caller)
    assert path(record) == steps
    assert (record["cause"], record["flow"], record["callee"], record["direction"]) == (
        "normal", "t-menu", MENU, "inbound")  # fmt: skip
    times = [record["started_at"], record["answered_at"], record["ended_at"]]
    assert times == sorted(times)


def test_key_by_info(flows: System) -> None:
    caller = new_caller()
    result = run_sipp(flows, "info", MENU, "-d", "500", caller=caller)
    assert (result.code, result.ok) == (0, 1), result.errors
    assert path(flows.record_of(f"{caller}1"))[1] == "menu.key_1"


def test_self_service_speaks_the_answer(flows: System) -> None:
    dialled = dial(flows, "4002", "--keys", "10001#")
    report = dialled.wait()
    assert (report["exit"], report["ended_by"]) == (0, "far-side")
    assert any(stretch["kind"] == "sound" for stretch in report["heard"])
    record = flows.record_of(dialled.caller)
    assert path(record) == ["start.next", "ask.ok", "find.next", "known.else", "tell.done", "bye.done", "end.None"]


def test_recording_has_each_side_on_its_channel(flows: System) -> None:
    dialled = dial(flows, MENU, "--keys", "1", "--tone", "330")
    dialled.wait()
    record = flows.record_of(dialled.caller)
    file = flows.home.recordings / record["recording"]
    assert {round(stretch.hz, -1) for stretch in heard_in(channel(file, 0)) if stretch.kind == "tone"} == {330}
    assert [round(s.hz, -1) for s in heard_in(channel(file, 1)) if s.kind == "tone"] == [440, 1000]


def test_the_command_lists_the_call(flows: System) -> None:
    dialled = dial(flows, MENU, "--keys", "1")
    dialled.wait()
    expected = flows.record_of(dialled.caller)
    done = flows.ccc("calls", "--json", "--last", "1000")
    assert done.returncode == 0, done.stderr
    assert expected in [json.loads(line) for line in done.stdout.splitlines()]
