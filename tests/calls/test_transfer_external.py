"""转外线: every exit with a real far side, whisper, recording, hang-up at each stage."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from ccc.bus import request
from ccc.loader import load
from ccc.services import flows
from ccc.services.actor import SYSTEM
from ccc.services.snapshot import export_snapshot
from ccc.snapshot.model import Trunk
from ccc.store import open_store
from ccc.store.repos import centre as repo
from tests.calls.callers import Dialled, dial, settle
from tests.calls.far_side import CALLEE_HZ, RINGS, FarSide
from tests.calls.flows import INSTANCE, bind, document, node, tone
from tests.calls.sounds import channel, heard_in, path, tones
from tests.calls.system import System, free_port, running, wait_for

RINGBACK_HZ = 450
ENDS = {"busy": 900, "no_answer": 1100, "refused": 1300, "error": 1500}
NUMBERS = {
    "4200": {"number": "${sys.callee}", "ring_s": 20},
    "4201": {"number": "+86 (138) 0013-8000", "caller_id": "02188886666", "whisper": [tone(1700, 1.0)]},
    "4202": {"number": RINGS, "ring_s": 3},
    "4203": {"number": "486"},
    "4204": {"number": "404"},
    "4205": {"number": "503"},
    "4206": {"number": "1001", "trunk": "dead", "ring_s": 4},
    "4207": {"number": "nobody knows"},
    "4208": {"number": RINGS, "ring_s": 60, "sound": "music"},
    "4209": {"number": "603"},
}


def flow(number: str, config: dict[str, Any]) -> dict[str, Any]:
    """Transfer at once; each exit but ``answered`` has a tone of its own."""
    steps = [node(way, "play", prompts=[tone(hz, 1.0)]) for way, hz in ENDS.items()]
    return document(
        f"out-{number}",
        [node("start", "start", recording="on"), node("out", "transfer_external", **{"trunk": "far", **config}),
         *steps, node("after", "play", prompts=[tone(1900, 1.0)]), node("end", "hangup")],
        "start.next>out", "out.answered>after", "after.done>end",
        *(f"out.{way}>{way}" for way in ENDS), *(f"{way}.done>end" for way in ENDS),
    )  # fmt: skip


@pytest.fixture(scope="module")
def far() -> Iterator[FarSide]:
    with FarSide() as side:
        yield side


@pytest.fixture(scope="module")
def exchange(far: FarSide) -> Iterator[System]:
    """A system with a trunk to the far side, one to nobody, and a flow for each way to transfer."""
    with running("--media-timeout-s", "4") as started:
        store, registry = open_store(started.home), load()
        with store.write() as session:
            for name, port, lines in (("far", far.port, 2), ("dead", free_port(socket.SOCK_DGRAM), 0)):
                trunk = Trunk(name, name, "address", host="127.0.0.1", port=port, max_calls=lines)
                repo.add_trunk(session, "demo", trunk)
        for number, config in NUMBERS.items():
            flows.import_flow(store, registry, SYSTEM, INSTANCE, flow(number, config))
            flows.publish_flow(store, registry, SYSTEM, INSTANCE, f"out-{number}")
            bind(store, number, f"out-{number}")
        export_snapshot(store)
        store.close()
        request(started.home.socket("runtime"), {"op": "snapshot"})
        yield started


def leg_of(record: dict[str, Any]) -> dict[str, Any]:
    (leg,) = record["legs"]
    return dict(leg)


def reached(far: FarSide, dialled: Dialled) -> Any:
    """The far side's end of that call."""
    return next((callee for callee in far.callees if callee.shown == dialled.caller), None)


def test_answered_they_hear_each_other_and_the_flow_goes_on(exchange: System, far: FarSide) -> None:
    dialled = dial(exchange, "4200", "--tone", "440")
    report = dialled.wait()
    callee = reached(far, dialled)
    assert (callee.number, callee.asserted) == ("4200", dialled.caller)
    assert tones(report) == [RINGBACK_HZ, CALLEE_HZ, 1900], report["heard"]
    assert callee.tones() == [440]
    assert (report["ended_by"], report["sources"], report["lost"]) == ("far-side", 1, 0)
    record = exchange.record_of(dialled.caller)
    assert path(record) == ["start.next", "out.answered", "after.done", "end.None"]
    leg = leg_of(record)
    assert (leg["callee"], leg["trunk"], leg["cause"]) == ("4200", "far", "callee-hangup")
    assert record["started_at"] < leg["started_at"] < leg["answered_at"] < leg["ended_at"] < record["ended_at"]
    file = exchange.home.recordings / record["recording"]
    assert {round(s.hz, -1) for s in heard_in(channel(file, 0)) if s.kind == "tone"} == {440}
    assert CALLEE_HZ in [round(s.hz, -1) for s in heard_in(channel(file, 1)) if s.kind == "tone"]


def test_whisper_goes_to_the_callee_alone(exchange: System, far: FarSide) -> None:
    far.callees.clear()
    dialled = dial(exchange, "4201", "--tone", "440")
    report = dialled.wait()
    (callee,) = far.callees
    assert (callee.number, callee.shown, callee.asserted) == ("+8613800138000", "02188886666", "02188886666")
    assert callee.tones() == [1700, 440]
    assert 1700 not in tones(report) and CALLEE_HZ in tones(report)


@pytest.mark.parametrize(
    ("number", "way", "cause"),
    [("4202", "no_answer", "no-answer"), ("4203", "busy", "busy"), ("4204", "refused", "refused"),
     ("4209", "refused", "refused"), ("4205", "error", "failed"), ("4206", "error", "failed")],
)  # fmt: skip
def test_not_answered(exchange: System, far: FarSide, number: str, way: str, cause: str) -> None:
    dialled = dial(exchange, number)
    report = dialled.wait()
    assert tones(report)[-1] == ENDS[way]
    record = exchange.record_of(dialled.caller)
    assert path(record) == ["start.next", f"out.{way}", f"{way}.done", "end.None"]
    leg = leg_of(record)
    assert (leg["answered_at"], leg["cause"]) == (None, cause)
    if number == "4202":
        wait_for("the CANCEL", lambda: reached(far, dialled).ended == "cancelled", 3)


def test_what_is_no_number_is_not_dialled(exchange: System, far: FarSide) -> None:
    dialled = dial(exchange, "4207")
    assert tones(dialled.wait()) == [ENDS["error"]]
    assert reached(far, dialled) is None
    assert exchange.record_of(dialled.caller)["legs"] == []


def test_caller_hangs_up_while_it_rings(exchange: System, far: FarSide) -> None:
    dialled = dial(exchange, "4208", "--seconds", "2")
    dialled.wait()
    wait_for("the CANCEL", lambda: reached(far, dialled).ended == "cancelled", 3)
    record = exchange.record_of(dialled.caller)
    assert (record["cause"], leg_of(record)["cause"]) == ("caller-hangup", "caller-hangup")


def test_caller_hangs_up_while_they_talk(exchange: System, far: FarSide) -> None:
    far.talk_s = 30
    dialled = dial(exchange, "4200", "--seconds", "3")
    dialled.wait()
    wait_for("the BYE", lambda: reached(far, dialled).ended == "remote-bye", 3)
    leg = leg_of(exchange.record_of(dialled.caller))
    assert leg["answered_at"] and leg["ended_at"] and leg["cause"] == "caller-hangup"


def test_a_callee_without_sound_is_let_go(exchange: System, far: FarSide) -> None:
    far.silent = True
    try:
        dialled = dial(exchange, "4200", "--tone", "440")
        report = dialled.wait()
    finally:
        far.silent = False
    assert tones(report)[-1] == 1900
    record = exchange.record_of(dialled.caller)
    assert (path(record)[1], leg_of(record)["cause"]) == ("out.answered", "media-timeout")
    wait_for("the BYE", lambda: reached(far, dialled).ended == "remote-bye", 3)


def test_the_trunk_has_two_lines(exchange: System, far: FarSide) -> None:
    busy = [dial(exchange, "4208", "--seconds", "6") for _ in range(2)]
    wait_for("both ring", lambda: all(reached(far, dialled) for dialled in busy), 5)
    third = dial(exchange, "4208")
    assert tones(third.wait())[-1] == ENDS["error"]
    for dialled in busy:
        dialled.wait()
    settle(0.5)
    again = dial(exchange, "4203")
    assert tones(again.wait())[-1] == ENDS["busy"]


def test_a_callee_is_told_when_the_telephone_side_dies(exchange: System, far: FarSide) -> None:
    far.talk_s = 60
    dialled = dial(exchange, "4200", "--seconds", "60")
    wait_for("the callee answers", lambda: (callee := reached(far, dialled)) and callee.tones(), 8)
    exchange.kill("runtime")
    wait_for("the BYE", lambda: reached(far, dialled).ended == "remote-bye", 15)
    record = exchange.record_of(dialled.caller)
    assert (record["cause"], leg_of(record)["callee"]) == ("lost", "4200")
