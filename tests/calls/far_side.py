"""A carrier's gateway on loopback: it answers, rings, refuses or is busy as the number called says."""

from __future__ import annotations

import asyncio
import random
import threading
from dataclasses import dataclass, field

from ccc.caller.audio import tone
from ccc.caller.media import Media
from ccc.sip.endpoint import Endpoint
from ccc.sip.sdp import LocalSdp
from ccc.sip.uas import ServerSession
from ccc.snapshot.model import Trunk

HOST = "127.0.0.1"
CALLEE_HZ = 620
REFUSALS = {"486": "Busy Here", "480": "Temporarily Unavailable", "404": "Not Found", "603": "Decline",
            "503": "Service Unavailable"}  # fmt: skip
RINGS = "777"
"""Number of somebody who never answers."""


@dataclass
class Callee:
    """One call as the far side sees it."""

    number: str
    shown: str
    asserted: str
    media: Media = field(default_factory=lambda: Media(tone(CALLEE_HZ), loop=True, on_sound=lambda stretch: None))
    session: ServerSession | None = None
    ended: str = ""

    def tones(self) -> list[int]:
        """Tones heard, in order, rounded to 10 Hz."""
        heard = [round(stretch.hz, -1) for stretch in self.media.ear.stretches if stretch.kind == "tone"]
        return [hz for index, hz in enumerate(heard) if index == 0 or heard[index - 1] != hz]


class FarSide:
    """Runs in a thread of its own. A number of three digits that is a SIP status is refused with it; 777 rings for
    ever; any other is answered after 0.5 s, speaks 620 Hz and hangs up after ``talk_s``."""

    def __init__(self) -> None:
        self.talk_s = 3.0
        self.silent = False
        """Answered calls send no sound."""
        self.callees: list[Callee] = []
        self.refuses: dict[str, str] = {}
        """Number -> the SIP status it is refused with, or RINGS."""
        self._loop = asyncio.new_event_loop()
        self._endpoint = Endpoint((HOST, 0), self)
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()

    def __enter__(self) -> FarSide:
        self._thread.start()
        assert self._ready.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._endpoint.local[1]

    def _run(self) -> None:
        self._loop.run_until_complete(self._endpoint.start())
        self._endpoint.configure([Trunk("far", "far", "address", ("127.0.0.0/8",))])
        self._ready.set()
        self._loop.run_forever()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            self._loop.run_until_complete(asyncio.wait(self._tasks))
        self._endpoint.close()
        self._loop.close()

    # The endpoint's handler --------------------------------------------------------------------

    def accepting(self) -> tuple[int, str] | None:
        """Always."""
        return None

    def on_invite(self, session: ServerSession, trunk_id: str) -> None:
        """A call came."""
        callee = Callee(session.request_user, session.from_user, session.pai_user, session=session)
        self.callees.append(callee)
        session.on_end = lambda cause: setattr(callee, "ended", cause)
        behaviour = self.refuses.get(session.request_user, session.request_user)
        if behaviour in REFUSALS:
            session.reject(int(behaviour), REFUSALS[behaviour])
            return
        session.ring()
        if behaviour == RINGS:
            return
        task = self._loop.create_task(self._talk(session, callee))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _talk(self, session: ServerSession, callee: Callee) -> None:
        await asyncio.sleep(0.5)
        if session.state != "ringing":
            return
        media, offer = callee.media, session.offer
        assert offer is not None
        local = LocalSdp(HOST, await media.open(HOST), random.getrandbits(31))
        with media.closing():
            session.answer(local.answer(offer))
            media.connect((offer.host, offer.port), offer.preferred, offer.telephone_event)
            sender = None if self.silent else self._loop.create_task(media.run())
            end = self._loop.time() + self.talk_s
            while self._loop.time() < end and session.state == "confirmed":
                await asyncio.sleep(0.05)
            if sender is not None:
                sender.cancel()
            if session.state == "confirmed":
                session.bye()
