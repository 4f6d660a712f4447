"""``ccc call`` against a far side made of the same SIP stack, over real loopback sockets."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import socket
import wave
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from ccc.caller import audio
from ccc.caller.call import Call, Plan
from ccc.caller.hear import Stretch
from ccc.caller.media import Media
from ccc.caller.report import Report
from ccc.caller.rtp import KEYS, Packet
from ccc.commands.call import call as command
from ccc.errors import UnavailableError, UsageError
from ccc.sip.endpoint import Endpoint
from ccc.sip.sdp import LocalSdp, Offer
from ccc.sip.uas import ServerSession
from ccc.snapshot.model import Trunk


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an async test in a loop of its own."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


class _Keys(Media):
    """A far side's sound that also notes the keys that were pressed."""

    def __init__(self) -> None:
        super().__init__(audio.tone(1000), loop=True, on_sound=self._heard)
        self.keys, self.heard = "", []
        self._event: int | None = None

    def _heard(self, stretch: Stretch) -> None:
        self.heard.append(stretch)

    def _take(self, packet: Packet, now_s: float) -> None:
        if packet.payload_type == 101 and packet.payload[1] & 0x80 and packet.timestamp != self._event:
            self._event = packet.timestamp
            self.keys += KEYS[packet.payload[0]]
        super()._take(packet, now_s)


class FarSide:
    """Answers 4000, refuses 4404, lets 4180 ring for ever, hangs up on 4009 after half a second."""

    def __init__(self) -> None:
        self.endpoint = Endpoint(("127.0.0.1", 0), self)
        self.media = _Keys()
        self.ends: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []

    def accepting(self) -> None:
        return None

    def on_invite(self, session: ServerSession, trunk_id: str) -> None:
        session.on_end = self.ends.append
        self.tasks.append(asyncio.create_task(self._handle(session)))

    async def _handle(self, session: ServerSession) -> None:
        offer = session.offer
        assert isinstance(offer, Offer)
        number = session.request_user
        if number == "4404":
            session.reject(404, "Not Found")
            return
        session.ring()
        if number == "4180":
            return
        port = await self.media.open("127.0.0.1")
        session.answer(LocalSdp("127.0.0.1", port, 7).answer(offer))
        self.media.connect((offer.host, offer.port), offer.preferred, offer.telephone_event)
        self.tasks.append(asyncio.create_task(self.media.run()))
        if number == "4009":
            await asyncio.sleep(0.5)
            session.bye()

    @property
    def address(self) -> tuple[str, int]:
        return self.endpoint.local


@contextlib.asynccontextmanager
async def far_side() -> AsyncIterator[FarSide]:
    far = FarSide()
    await far.endpoint.start()
    far.endpoint.configure([Trunk("t", "t", "address", ("127.0.0.0/8",))])
    try:
        yield far
    finally:
        for task in far.tasks:
            task.cancel()
        await asyncio.gather(*far.tasks, return_exceptions=True)
        far.media.close()
        far.endpoint.close()


async def dial(far: FarSide, number: str, **options: object) -> tuple[Report, list[str]]:
    lines: list[str] = []
    plan = Plan(number, far.address, "13912345678", audio.tone(440), **options)  # type: ignore[arg-type]
    return await Call(plan, lines.append).run(), lines


@in_loop
async def test_both_hear_each_other_and_keys_arrive(tmp_path: Path) -> None:
    async with far_side() as far:
        report, lines = await dial(far, "4000", keys="1,2#", seconds=3.5, record=tmp_path / "heard.wav")
    assert report.exit_code == 0 and report.ended_by == "caller" and report.cause == "local-bye"
    assert report.keys == far.media.keys == "12#"
    assert [(s.kind, round(s.hz / 10)) for s in report.heard] == [("tone", 100)]
    assert any(s.kind == "tone" and abs(s.hz - 440) < 5 for s in far.media.heard)
    assert report.received.lost == 0 and 160 <= report.received.received <= 180
    text = "\n".join(lines)
    for expected in (
        "dialling sip:4000@",
        "ringing",
        "answered after",
        "hears a tone of 1000 Hz",
        "pressed #",
        "hung up",
    ):
        assert expected in text
    with wave.open(str(tmp_path / "heard.wav")) as file:
        samples = np.frombuffer(file.readframes(-1), dtype=np.int16)
    assert 3.0 < len(samples) / 8000 < 4.2 and np.abs(samples).max() > 1000


@in_loop
async def test_the_far_side_hangs_up() -> None:
    async with far_side() as far:
        report, lines = await dial(far, "4009")
    assert (report.exit_code, report.ended_by) == (0, "far-side")
    assert "the far side hung up" in lines[-1]


@in_loop
async def test_a_refusal_is_told_with_its_status() -> None:
    async with far_side() as far:
        report, _ = await dial(far, "4404")
    assert (report.exit_code, report.sip_status, report.answered_ms) == (3, 404, None)
    assert report.summary() == "refused: 404 Not Found"


@in_loop
async def test_nobody_answers_and_the_caller_gives_up() -> None:
    async with far_side() as far:
        report, lines = await dial(far, "4180", ring_s=0.6)
        assert far.ends == ["cancelled"]
    assert report.exit_code == 4 and report.ringing_ms is not None
    assert any("giving up" in line for line in lines)


@in_loop
async def test_hanging_up_from_outside_sends_bye() -> None:
    async with far_side() as far:
        placed = Call(Plan("4000", far.address, "1"), lambda line: None)
        asyncio.get_running_loop().call_later(0.7, placed.hang_up)
        report = await placed.run()
        assert far.ends == ["remote-bye"]
    assert (report.exit_code, report.ended_by) == (0, "caller")


@in_loop
async def test_a_closed_port_is_said_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    with pytest.raises(UnavailableError, match=r"nobody answers SIP at 127\.0\.0\.1:\d+ .*ccc serve.*--to"):
        await Call(Plan("4000", ("127.0.0.1", port), "1"), print).run()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["4000", "--keys", "1x"], "'X' is no key"),
        (["4000", "--to", "nonsense:port"], "is no address"),
        (["40 00"], "is no number"),
        (["4000", "--wav", "a.wav", "--tone", "440"], "exclude each other"),
    ],
)
def test_wrong_usage_is_one_clear_line(arguments: list[str], message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message):
        CliRunner().invoke(command, [*arguments, "--home", str(tmp_path)], catch_exceptions=False)


def test_the_report_is_json() -> None:
    report = Report("4000", "127.0.0.1:5060", "1", heard=[Stretch("tone", 440.2, -16.0, 0.0, 1.0)])
    assert json.loads(json.dumps(report.as_dict()))["heard"][0]["hz"] == 440
