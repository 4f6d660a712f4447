"""A real Chromium: both sides hear the other's tone, measured by frequency, also after a re-offer."""

from __future__ import annotations

import struct
import time
from collections import deque
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page

from ccc.audio import g711, tones
from ccc.media import rtcp
from ccc.media.transport import BrowserAnswer

from .conftest import Worker, wait_ready

pytestmark = pytest.mark.browser
SSRC = 0x1234ABCD


class ToneLeg:
    """The worker's side: sends 440 Hz each 20 ms while `sending`, keeps what comes in."""

    def __init__(self, worker: Worker, leg_id: str = "a") -> None:
        self.worker, self.leg_id = worker, leg_id
        self.states: list[tuple[str, str]] = []
        self.heard: deque[bytes] = deque(maxlen=50)
        self.packets = 0
        self.report = rtcp.PeerReport()
        self.sending = False
        self.opened: BrowserAnswer | None = None
        self._tone = tones.sine(440, 1.0, fade_ms=0)
        self._seq, self._timestamp, self._next = 65_000, 0, 0.0

    def answer(self, sdp: str) -> str:
        return self.worker.ask(lambda: self._answer(sdp)).sdp

    def _answer(self, sdp: str) -> BrowserAnswer:
        if self.opened is None:
            self.opened = self.worker.mux.open(self.leg_id, sdp, SSRC, self._packet, self._state, self._rtcp)
            self._next = self.worker.poller.now
            self._tick()
        else:
            self.opened = self.worker.mux.reoffer(self.leg_id, sdp)
        return self.opened

    def _state(self, state: str, why: str) -> None:
        self.states.append((state, why))

    def _rtcp(self, packet: bytes, now: float) -> None:
        rtcp.read(packet, SSRC, self.report, now)

    def _packet(self, packet: bytes, now: float) -> None:
        self.packets += 1
        if packet[1] & 127 == 8 and len(packet) >= 172:
            self.heard.append(packet[-160:])

    def _tick(self) -> None:
        assert self.opened is not None
        if self.sending:
            at = self._timestamp % 8000
            header = struct.pack("!BBHII", 0x80, 8, self._seq, self._timestamp, SSRC)
            self.opened.transport.send(header + self._tone[at : at + 160])
            self._seq = (self._seq + 1) & 0xFFFF
        self._timestamp += 160
        self._next += 0.02
        self.worker.poller.call_at(self._next, self._tick)

    def loudness(self) -> float:
        """RMS of what was heard last, of 32767."""
        samples = g711.decode_alaw(b"".join(self.heard)).astype(np.float64)
        return float(np.sqrt(np.mean(samples**2)))

    def frequency(self) -> float:
        """Strongest frequency of the last second heard, Hz."""
        samples = g711.decode_alaw(b"".join(self.heard)).astype(np.float64)
        spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
        return float(np.argmax(spectrum) * 8000 / len(samples))


def eventually(condition: Callable[[], bool], page: Page, what: str, timeout_s: float = 10.0) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, f"not within {timeout_s} s: {what}"
        page.wait_for_timeout(30)


def begin(worker: Worker, page: Page) -> ToneLeg:
    leg = ToneLeg(worker)
    page.expose_function("sendOffer", leg.answer)
    page.evaluate("start()")
    page.evaluate("audio.openMicrophone()")
    page.evaluate("connect()")
    eventually(lambda: ("up", "") in leg.states, page, "leg up")
    eventually(lambda: page.evaluate("audio.state") == "up", page, "page up")
    return leg


def assert_two_way(leg: ToneLeg, page: Page) -> None:
    leg.heard.clear()
    eventually(lambda: len(leg.heard) == 50, page, "a second of the browser's audio")
    assert leg.frequency() == pytest.approx(1000, abs=8)
    # The browser's jitter buffer may still be turning: look a few times.
    heard = {"hz": 0.0, "rms": 0.0}
    for _ in range(20):
        heard = page.evaluate("heard()")
        if abs(heard["hz"] - 440) < 12 and heard["rms"] > 0.05:
            break
    assert heard["hz"] == pytest.approx(440, abs=12)
    assert heard["rms"] > 0.05


def test_two_way_tones_silence_while_not_joined_and_reoffers(worker: Worker, page: Page) -> None:
    leg = begin(worker, page)
    page.wait_for_timeout(300)
    assert leg.packets == 0, "nothing is sent while not joined"
    page.evaluate("audio.setTalking(true)")
    leg.sending = True
    assert_two_way(leg, page)
    levels = page.evaluate("window.levels")
    assert 0.4 < levels["mic"] <= 1
    assert 0.4 < levels["far"] <= 1

    page.evaluate("audio.restart()")
    eventually(lambda: leg.states.count(("up", "")) == 2, page, "up again after an ICE restart")
    assert page.evaluate("audio.state") == "up"
    assert_two_way(leg, page)
    page.evaluate("audio.restart({fresh: true})")
    eventually(lambda: leg.states.count(("up", "")) == 3, page, "up again with a new connection")
    assert_two_way(leg, page)

    page.evaluate("audio.setTalking(false)")
    page.wait_for_timeout(300)
    before = leg.packets
    page.wait_for_timeout(300)
    assert leg.packets - before <= 1
    assert leg.states == [("up", "")] * 3, "BYE of a stopped source does not end the leg"
    page.evaluate("audio.setTalking(true)")
    assert_two_way(leg, page)
    page.evaluate("audio.close()")
    eventually(lambda: leg.states[-1] == ("down", "close-notify"), page, "down after close")


def test_a_reload_in_mid_call_goes_on(worker: Worker, page: Page) -> None:
    leg = begin(worker, page)
    page.evaluate("audio.setTalking(true)")
    leg.sending = True
    page.reload()
    wait_ready(page)
    page.evaluate("start()")
    page.evaluate("audio.openMicrophone()")
    page.evaluate("audio.setTalking(true)")
    page.evaluate("connect()")
    eventually(lambda: leg.states == [("up", ""), ("up", "")], page, "up again without ever down")
    assert_two_way(leg, page)
