"""A user agent that answers every call at once: SIPp's partner in tests and for measuring the SIP part alone.

python -m tests.sip.minimal_uas [HOST:PORT]
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys

import uvloop

from ccc.sip.endpoint import Endpoint
from ccc.sip.sdp import LocalSdp
from ccc.sip.uas import ServerSession
from ccc.snapshot.model import Trunk

LOOPBACK = Trunk("t", "loopback", "address", ("127.0.0.0/8",))


class Answering:
    """Handler: 200 at once; counts calls."""

    def __init__(self) -> None:
        self.calls = 0
        self.ended: dict[str, int] = {}

    def accepting(self) -> tuple[int, str] | None:
        return None

    def on_invite(self, session: ServerSession, trunk_id: str) -> None:
        self.calls += 1
        local = LocalSdp("127.0.0.1", 40000, self.calls)
        session.on_end = self._ended
        session.on_reinvite = lambda offer: local.offer() if offer is None else local.answer(offer)
        session.answer(local.offer() if session.offer is None else local.answer(session.offer))

    def _ended(self, cause: str) -> None:
        self.ended[cause] = self.ended.get(cause, 0) + 1


async def main(bind: tuple[str, int]) -> None:
    endpoint = Endpoint(bind, Answering())
    endpoint.configure([LOOPBACK])
    await endpoint.start()
    gc.freeze()
    print(os.getpid(), *endpoint.local, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:15060").partition(":")
    uvloop.run(main((host, int(port))))
