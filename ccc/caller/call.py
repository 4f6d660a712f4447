"""One call from the caller's side: SIP on ``ccc.sip``'s endpoint, sound on a socket of its own."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ccc.caller.hear import Stretch
from ccc.caller.media import Media
from ccc.caller.report import Report, Trace
from ccc.errors import UnavailableError
from ccc.sip.endpoint import Endpoint
from ccc.sip.sdp import LocalSdp, Offer
from ccc.sip.uac import ClientSession
from ccc.sip.uas import Asked, ServerSession

_HEARD_S = 1.0
_PAUSE_S = 0.4
_PATIENCE_S = 5.0
_POLL_S = 0.05
_GOODBYE_S = 3.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do in the call. ``audio`` is A-law; ``seconds`` None: stay until the far side hangs up."""

    number: str
    to: tuple[str, int]
    caller: str
    audio: bytes = b""
    loop: bool = True
    keys: str = ""
    seconds: float | None = None
    ring_s: float = 60.0
    record: Path | None = None


class _NoCalls:
    """A caller takes no calls."""

    def on_invite(self, session: ServerSession, trunk_id: str) -> None:
        session.reject(486, "Busy Here")

    def accepting(self) -> tuple[int, str] | None:
        return 486, "Busy Here"

    def turned_away(self, asked: Asked, trunk_id: str, reason: str) -> None:
        """Nobody is told."""


class Call:
    """A call being made; ``hang_up`` may be called at any time."""

    def __init__(self, plan: Plan, say: Callable[[str], None]) -> None:
        self._plan = plan
        loop = asyncio.get_running_loop()
        self._trace = Trace(loop.time, say)
        self.report = Report(plan.number, f"{plan.to[0]}:{plan.to[1]}", plan.caller)
        self._media = Media(plan.audio, loop=plan.loop, on_sound=self._on_sound)
        self._answered, self._ended = asyncio.Event(), asyncio.Event()
        self._session: ClientSession | None = None
        self._local: LocalSdp | None = None
        self._leaving = False

    async def run(self) -> Report:
        """Dial, talk, hang up. UnavailableError when nobody listens at the address."""
        host = await asyncio.to_thread(_own_address, self._plan.to)
        endpoint = Endpoint((host, 0), _NoCalls())
        await endpoint.start()
        try:
            with self._media.closing():
                self._dial(endpoint, host, await self._media.open(host))
                await self._conduct()
        finally:
            endpoint.close()
        return self._finished()

    def hang_up(self) -> None:
        """CANCEL before the answer, BYE after it."""
        session = self._session
        if session is None or session.state not in ("calling", "ringing", "confirmed"):
            return
        self._leaving = True
        session.bye()

    def _dial(self, endpoint: Endpoint, host: str, port: int) -> None:
        plan = self._plan
        address = f"{plan.to[0]}:{plan.to[1]}"
        self._local = LocalSdp(host, port, random.getrandbits(31))
        uri = f"sip:{plan.number}@{address}"
        session = endpoint.invite(uri, plan.to, f"sip:{plan.caller}@{host}", "", self._local.offer())
        session.on_ringing = self._on_ringing
        session.on_answer = self._on_answer
        session.on_reject = self._on_reject
        session.on_reinvite = self._on_reinvite
        session.on_end = self._on_end
        self._session = session
        self._trace.line(f"dialling {uri} from {plan.caller}")

    async def _conduct(self) -> None:
        """Everything between INVITE and the end."""
        async with asyncio.TaskGroup() as group:
            steps = (self._wait_for_answer, self._press_keys, self._leave_in_time)
            tasks = [group.create_task(step()) for step in steps]
            await self._ended.wait()
            for task in tasks:
                task.cancel()

    async def _wait_for_answer(self) -> None:
        try:
            async with asyncio.timeout(self._plan.ring_s):
                await self._answered.wait()
        except TimeoutError:
            self._trace.line(f"no answer within {self._plan.ring_s:g} s; giving up")
            self.hang_up()
            await asyncio.sleep(_GOODBYE_S)
            self._ended.set()
            return
        await self._media.run()

    async def _press_keys(self) -> None:
        """Press when the far side has spoken for a second or pauses; after five seconds in any case."""
        keys = self._plan.keys
        await self._answered.wait()
        if not keys:
            return
        ear, waited_s = self._media.ear, 0.0
        while waited_s < _PATIENCE_S and ear.heard_s < _HEARD_S and not (ear.heard and ear.quiet_s >= _PAUSE_S):
            await asyncio.sleep(_POLL_S)
            waited_s += _POLL_S
        self._media.sender.press(keys)
        said = 0
        while self._media.sender.busy or said < len(self._media.sender.pressed):
            for key in self._media.sender.pressed[said:]:
                self._trace.line(f"pressed {key}")
                said += 1
            await asyncio.sleep(_POLL_S)

    async def _leave_in_time(self) -> None:
        await self._answered.wait()
        if self._plan.seconds is not None:
            await asyncio.sleep(self._plan.seconds)
            self.hang_up()
            await asyncio.sleep(_GOODBYE_S)
            self._ended.set()

    def _finished(self) -> Report:
        report, media = self.report, self._media
        report.heard, report.received = media.ear.stretches, media.receiver
        report.sent, report.keys = media.sender.sent, media.sender.pressed
        if self._plan.record is not None and report.result == "answered":
            media.recording.write(self._plan.record)
            report.recording = str(self._plan.record)
        return report

    # -- what SIP and sound tell us

    def _on_ringing(self, status: int, early: Offer | None) -> None:
        if self.report.ringing_ms is None:
            self.report.ringing_ms = self._trace.ms()
            self._trace.line(f"ringing ({status})")

    def _on_answer(self, answer: Offer) -> None:
        report = self.report
        report.result, report.sip_status, report.answered_ms = "answered", 200, self._trace.ms()
        codec = "PCMA" if answer.preferred == answer.pcma else "PCMU"
        self._trace.line(f"answered after {report.answered_ms} ms; {codec}, sound at {answer.host}:{answer.port}")
        if self._plan.keys and answer.telephone_event is None:
            self._trace.line("the far side takes no telephone-events: it will not notice keys")
        self._connect(answer)
        self._answered.set()

    def _connect(self, answer: Offer) -> None:
        self._media.connect((answer.host, answer.port), answer.preferred, answer.telephone_event)

    def _on_reinvite(self, offer: Offer | None) -> bytes | tuple[int, str]:
        assert self._local is not None
        if offer is None:
            return self._local.offer()
        self._trace.line("put on hold" if offer.hold else "the far side changed the session")
        self._connect(offer)
        return self._local.answer(offer)

    def _on_reject(self, status: int, reason: str) -> None:
        report = self.report
        report.sip_status, report.reason = status, reason
        report.result = "no-answer" if status == 408 else "refused"
        self._trace.line(f"refused: {status} {reason}")

    def _on_end(self, cause: str) -> None:
        report = self.report
        report.ended_ms, report.cause = self._trace.ms(), cause
        report.ended_by = "caller" if self._leaving else "far-side" if cause == "remote-bye" else "error"
        if cause == "remote-bye":
            self._trace.line("the far side hung up")
        elif self._leaving:
            self._trace.line("hung up" if report.result == "answered" else "gave up")
        elif cause != "rejected":
            self._trace.line(f"ended: {cause}")
        self._ended.set()

    def _on_sound(self, stretch: Stretch) -> None:
        self._trace.line(f"hears {stretch}")


def _own_address(to: tuple[str, int]) -> str:
    """Our address towards ``to``. UnavailableError when that machine says that nobody listens there."""
    family = socket.AF_INET6 if ":" in to[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.05)
        try:
            probe.connect(to)
            probe.send(b"\r\n\r\n")  # a SIP keep-alive (RFC 5626 3.5.1); a closed port answers by ICMP
            probe.recv(16)
        except TimeoutError:
            pass
        except OSError as error:
            raise UnavailableError(
                f"nobody answers SIP at {to[0]}:{to[1]} ({error.strerror or error}); is 'ccc serve' running? "
                "Give another address with --to HOST:PORT",
                field="to",
            ) from error
        host: str = probe.getsockname()[0]
        return host
