"""CPU of the SIP side of one call (INVITE 100 200 ACK BYE 200) without sockets.

python -m tests.sip.bench_cycle [CALLS] [-p]
"""

from __future__ import annotations

import cProfile
import pstats
import sys
import time

from ccc.sip.message import Hop
from ccc.sip.ua import UserAgent
from tests.sip.minimal_uas import LOOPBACK, Answering
from tests.sip.texts import caller_request, invite_text

SOURCE = Hop("127.0.0.1", 5061)


def cycle(ua: UserAgent, number: int, now: float) -> None:
    """One call from INVITE to the 200 of its BYE."""
    ua.receive(invite_text(number), SOURCE, now)
    out = ua.take_output()
    to = next(line for line in out[-1][0].decode().split("\r\n") if line.startswith("To:"))
    ua.receive(caller_request("ACK", number, 1, to), SOURCE, now + 0.01)
    ua.receive(caller_request("BYE", number, 2, to), SOURCE, now + 0.2)
    ua.take_output()


def run(calls: int) -> float:
    """Milliseconds of CPU per call, texts included."""
    clock = [0.0]
    ua = UserAgent(Answering(), lambda hop, trunk: ("127.0.0.1", 5060), lambda: clock[0])
    ua.configure([LOOPBACK])
    begun = time.process_time()
    for number in range(calls):
        clock[0] = number / 500
        ua.on_time(clock[0])
        cycle(ua, number, clock[0])
    return (time.process_time() - begun) / calls * 1000


def texts_only(calls: int) -> float:
    """Milliseconds of CPU per call that making the test messages takes."""
    begun = time.process_time()
    for number in range(calls):
        invite_text(number)
        caller_request("ACK", number, 1, "To: <sip:4003@127.0.0.1:5060>;tag=1")
        caller_request("BYE", number, 2, "To: <sip:4003@127.0.0.1:5060>;tag=1")
    return (time.process_time() - begun) / calls * 1000


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    run(2_000)
    texts = texts_only(count)
    print(f"{run(count) - texts:.3f} ms CPU a call (texts {texts:.3f} ms left out), {count} calls")
    if "-p" in sys.argv:
        profile = cProfile.Profile()
        profile.runcall(run, count)
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
