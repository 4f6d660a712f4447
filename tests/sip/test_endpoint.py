"""The asyncio driver on real sockets, with ourselves and with SIPp as the other side."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from ccc.errors import ConfigError
from ccc.sip import digest
from ccc.sip.digest import Credentials
from ccc.sip.endpoint import Endpoint
from ccc.sip.sdp import LocalSdp
from ccc.sip.uas import ServerSession
from ccc.snapshot.model import Trunk
from tests.sip.minimal_uas import LOOPBACK, Answering

SCENARIOS = Path(__file__).parent / "sipp"
LOGIN = Trunk("d", "digest", "digest", username="u", password_ha1=digest.ha1_of("u", "ccc", "p"))


@contextlib.asynccontextmanager
async def endpoint(trunks: tuple[Trunk, ...] = (LOOPBACK,)) -> AsyncIterator[tuple[Endpoint, Answering]]:
    handler = Answering()
    made = Endpoint(("127.0.0.1", 0), handler)
    made.configure(trunks)
    await made.start()
    try:
        yield made, handler
    finally:
        made.close()


async def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    """Wait for something real sockets need a moment for."""
    async with asyncio.timeout(seconds):
        while not condition():  # nothing to wait on: the condition is about another object's state
            await asyncio.sleep(0.01)


def test_a_call_between_two_endpoints() -> None:
    async def scenario() -> None:
        async with endpoint() as (caller, _), endpoint() as (called, handler):
            events: list[object] = []
            uri = f"sip:4000@127.0.0.1:{called.local[1]}"
            session = caller.invite(uri, called.local, "sip:1@127.0.0.1", "", LocalSdp("127.0.0.1", 4000, 1).offer())
            session.on_answer = lambda offer: events.append(offer.port)
            session.on_end = events.append
            await until(lambda: events == [40000])
            session.bye()
            await until(lambda: events == [40000, "local-bye"])
            assert handler.ended == {"remote-bye": 1}

    asyncio.run(scenario())


def test_digest_between_two_endpoints() -> None:
    async def scenario() -> None:
        async with endpoint() as (caller, _), endpoint((LOGIN,)) as (called, handler):
            events: list[object] = []
            for password in ("p", "wrong"):
                session = caller.invite(
                    f"sip:4000@127.0.0.1:{called.local[1]}", called.local, "sip:1@127.0.0.1", "",
                    LocalSdp("127.0.0.1", 4000, 1).offer(), credentials=Credentials("u", password),
                )  # fmt: skip
                session.on_answer = lambda offer: events.append("answer")
                session.on_reject = lambda status, reason: events.append(status)
            await until(lambda: len(events) == 2)
            assert sorted(map(str, events)) == ["401", "answer"]
            assert handler.calls == 1

    asyncio.run(scenario())


def test_a_port_in_use_is_a_config_error() -> None:
    async def scenario() -> None:
        async with endpoint() as (first, _):
            with pytest.raises(ConfigError, match=rf"127.0.0.1:{first.local[1]} \(Address already in use\)"):
                await Endpoint(first.local, Answering()).start()

    asyncio.run(scenario())


def test_wildcard_bind_tells_each_peer_the_address_it_can_reach() -> None:
    async def scenario() -> None:
        made = Endpoint(("0.0.0.0", 0), Answering())
        await made.start()
        try:
            other = Endpoint(("127.0.0.1", 0), Answering())
            await other.start()
            session = made.invite("sip:1@127.0.0.1", other.local, "sip:2@127.0.0.1", "", b"v=0")
            assert session._contact == ("127.0.0.1", made.local[1])
            trunk = Trunk("x", "x", "address", advertise_sip="203.0.113.5:5080")
            assert made._contact(session.hop, trunk) == ("203.0.113.5", 5080)
            await asyncio.sleep(0)
            other.close()
        finally:
            made.close()

    asyncio.run(scenario())


async def sipp(port: int, *arguments: str, seconds: int = 30) -> tuple[int, str]:
    """Run SIPp against ``port``: (exit code, what it printed)."""
    binary = shutil.which("sipp")
    if binary is None:
        pytest.skip("SIPp is not installed")
    common = (f"127.0.0.1:{port}", "-i", "127.0.0.1", "-nostdin", "-timeout", str(seconds), "-timeout_error")
    process = await asyncio.create_subprocess_exec(
        binary, *common, *arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode("latin-1")[-3000:]


def test_sipp_calls_with_loss_both_ways() -> None:
    """SIPp drops 10 % of what it sends and of what it receives; 200 of 200 calls are set up and torn down.

    The scenario names its transactions: without that SIPp takes a repeated 200 of the INVITE for that of the BYE.
    """

    async def scenario() -> None:
        async with endpoint() as (called, handler):
            lossy = ("-sf", str(SCENARIOS / "lossy" / "call.xml"), "-lost", "10")
            code, out = await sipp(called.local[1], *lossy, "-r", "100", "-m", "200", seconds=60)
            assert code == 0, out
            assert handler.calls == 200
            await until(lambda: handler.ended == {"remote-bye": 200})

    asyncio.run(scenario())


@pytest.mark.parametrize("scenario_file", sorted(p.name for p in SCENARIOS.glob("*.xml")))
def test_sipp_scenarios(scenario_file: str) -> None:
    async def scenario() -> None:
        async with endpoint() as (called, handler):
            if scenario_file.startswith("ring"):
                handler.on_invite = _ringing  # type: ignore[method-assign]
            code, out = await sipp(called.local[1], "-sf", str(SCENARIOS / scenario_file), "-m", "10", "-r", "20")
            assert code == 0, out

    asyncio.run(scenario())


def _ringing(session: ServerSession, trunk_id: str) -> None:
    session.ring()


def test_a_destination_that_cannot_be_resolved_is_a_refusal() -> None:
    async def scenario() -> None:
        async with endpoint() as (caller, _):
            events: list[object] = []
            session = caller.invite("sip:1@no-such-host.invalid", ("no-such-host.invalid", 5060), "sip:2@a", "", b"v=0")
            session.on_reject = lambda status, reason: events.append((status, reason.partition(" ")[0]))
            session.on_end = events.append
            await until(lambda: len(events) == 2, 20)
            assert events == [(503, "no-such-host.invalid"), "rejected"]

    asyncio.run(scenario())
