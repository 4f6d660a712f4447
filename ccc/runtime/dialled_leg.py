"""A party we call: the other direction of :class:`ccc.runtime.sip_leg.SipLeg`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ccc.api.control import FlowFailed
from ccc.geo import inbound_only
from ccc.runtime.media_pool import MediaPool
from ccc.runtime.sip_leg import SessionLeg
from ccc.sip.build import bracketed
from ccc.sip.digest import Credentials
from ccc.sip.sdp import Offer
from ccc.sip.uac import ClientSession
from ccc.snapshot.model import Trunk

if TYPE_CHECKING:
    from ccc.sip.endpoint import Endpoint

ANSWERED = 200
NOT_ANSWERED = 0
"""The ring time was over first."""
SILENT_TRUNK = -1
"""Not even a 100 came."""


def number_shown(chosen: str, trunk: Trunk, otherwise: str) -> str:
    """The number the person called sees: the flow's, the trunk's, else ``otherwise``.

    FlowFailed for a 400 or 800 number (NUM-10): carriers refuse such calls, or show something else.
    """
    number = chosen or trunk.caller_id or otherwise
    if inbound_only(number):
        raise FlowFailed(f"{number} only takes calls and is never shown to the person called; choose another number")
    return number


class DialledLeg(SessionLeg):
    """INVITE through a trunk, then the callee until one side hangs up. :meth:`hang_up` works at every stage."""

    def __init__(self, leg_id: str, pool: MediaPool, trunk: Trunk) -> None:
        super().__init__(leg_id, pool, trunk.advertise_media)
        self.trunk = trunk
        self.session: ClientSession | None = None
        self.reason = ""
        """The reason phrase of a refusal."""
        loop = asyncio.get_running_loop()
        self._final: asyncio.Future[int] = loop.create_future()
        self.gone: asyncio.Future[str] = loop.create_future()
        """Done when the leg is over: the SIP cause (``remote-bye`` ...), ``media-timeout``, ``media-worker-died``."""
        self.on_down = self._over

    async def dial(self, dialler: Endpoint, number: str, caller: str, ring_s: float) -> int:
        """Call ``number``; the final SIP status, NOT_ANSWERED or SILENT_TRUNK. UnavailableError: no media capacity."""
        local = await self._open(None)
        trunk = self.trunk
        session = dialler.invite(
            f"sip:{_user(number)}@{_authority(trunk)}", (trunk.host, trunk.port), _from(caller, trunk), "",
            local.offer(), _identity(caller, trunk), _credentials(trunk), trunk,
        )  # fmt: skip
        session.on_answer = self._on_answer
        session.on_reject = self._on_reject
        session.on_end = self._over
        self._watch(session)
        self.session = session
        await asyncio.wait({self._final}, timeout=ring_s)
        if self._final.done():
            return self._final.result()
        return NOT_ANSWERED if session.heard else SILENT_TRUNK

    def _on_answer(self, answer: Offer) -> None:
        self._take(answer)
        self._settle(ANSWERED)

    def _on_reject(self, status: int, reason: str) -> None:
        self.reason = reason
        self._settle(status)

    def _settle(self, status: int) -> None:
        if not self._final.done():
            self._final.set_result(status)

    def _over(self, cause: str) -> None:
        if not self.gone.done():
            self.gone.set_result(cause)
        self._settle(408)

    def hang_up(self, reason: str = "") -> None:
        """CANCEL while it rings, BYE after the answer, nothing when it is over."""
        if self.session is not None and self.session.state in ("new", "calling", "ringing", "confirmed"):
            self.session.bye(reason)


def _user(number: str) -> str:
    """``#`` ends a URI's user part if it is not escaped (RFC 3261 25.1)."""
    return number.replace("#", "%23")


def _authority(trunk: Trunk) -> str:
    return f"{bracketed(trunk.host)}:{trunk.port}"


def _from(caller: str, trunk: Trunk) -> str:
    """RFC 3323 4.1.1.3 for those who do not show their number."""
    return f"sip:{_user(caller)}@{bracketed(trunk.host)}" if caller else "sip:anonymous@anonymous.invalid"


def _identity(caller: str, trunk: Trunk) -> list[tuple[str, str]]:
    """What carriers go by when they show or bill a number (RFC 3325)."""
    return [("P-Asserted-Identity", f"<{_from(caller, trunk)}>")] if caller else []


def _credentials(trunk: Trunk) -> Credentials | None:
    if trunk.out_username:
        return Credentials(trunk.out_username, trunk.out_password)
    return Credentials(trunk.username, ha1=trunk.password_ha1) if trunk.username else None
