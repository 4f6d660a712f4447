"""Random deeds on both sides over a random network: whatever happens, every call ends once and leaves nothing."""

from __future__ import annotations

import contextlib
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.sip.errors import SipStateError
from ccc.sip.sdp import LocalSdp
from ccc.sip.session import Session
from ccc.sip.uac import ClientSession
from ccc.sip.uas import ServerSession
from tests.sip.link import Link, answering, call, empty, pair

CAUSES = {
    "remote-bye", "local-bye", "cancelled", "rejected", "no-ack", "timeout", "dialog-gone", "bad-answer",
}  # fmt: skip


def deed(session: Session, rng: random.Random) -> None:
    """Something the owner may do; doing it in the wrong state raises the named error and changes nothing."""
    with contextlib.suppress(SipStateError):
        match rng.randrange(6):
            case 0:
                session.bye("Q.850;cause=16")
            case 1 | 2:
                local = LocalSdp("10.0.0.8", rng.randrange(10_000, 60_000) & ~1, rng.randrange(2**40))
                session.reinvite(local.offer(rng.choice(("sendrecv", "sendonly"))))
            case 3 if isinstance(session, ServerSession):
                session.ring()
            case 4 if isinstance(session, ServerSession):
                session.reject(486)
            case 5 if isinstance(session, ServerSession):
                answering(session)


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.1, 0.3]), st.sampled_from([0.0, 0.2, 0.8]))
def test_every_call_ends_once(seed: int, loss: float, jitter_s: float) -> None:
    link = Link(seed=seed, loss=loss, double=loss, jitter_s=jitter_s)
    caller, calling, called, taken = pair(link)
    taken.on_new = lambda session: answering(session) if link.rng.random() < 0.7 else None
    sessions: list[ClientSession] = []
    for _ in range(30):
        if len(sessions) < 6 and link.rng.random() < 0.4:
            sessions.append(call(caller, calling, sdp=b"" if link.rng.random() < 0.1 else None))
        for session in [*sessions, *taken.sessions]:
            if link.rng.random() < 0.15:
                deed(session, link.rng)
        link.run(link.rng.choice((0.0, 0.01, 0.3, 2.0)))
    for session in [*sessions, *taken.sessions]:
        with contextlib.suppress(SipStateError):
            session.bye()
        if isinstance(session, ServerSession):
            with contextlib.suppress(SipStateError):
                session.reject(480)
    link.run(140)
    late = [session for session in taken.sessions if session.state != "ended"]  # came after the sweep; never answered
    assert all(session.unanswered() for session in late)
    for session in late:
        session.reject(480)
    link.run(140)
    assert len(calling.ends()) == len(sessions)
    assert len(taken.ends()) == len(taken.sessions)
    assert {*calling.ends(), *taken.ends()} <= CAUSES
    assert empty(caller)
    assert empty(called)
