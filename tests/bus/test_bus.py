"""Frames, questions and answers, tickets."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.bus import NoAnswerError, Reader, pack, request, request_async, serve
from ccc.bus.client import SILENT, SILENT_ANY
from ccc.bus.frames import MAX_FRAME, FrameError
from ccc.bus.ticket import Gate, issue
from ccc.errors import ForbiddenError, NotFoundError, UnavailableError

# Whole numbers of up to 64 bits: beyond that JSON readers disagree, and none of ours is larger (decision 0002).
numbers = st.integers(-(2**63), 2**64 - 1)
messages = st.lists(st.dictionaries(st.text(max_size=8), numbers | st.text(max_size=30), max_size=4), max_size=5)


@settings(max_examples=500)
@given(messages, st.lists(st.integers(1, 20), max_size=40))
def test_frames_survive_any_fragmentation(sent: list[dict[str, Any]], cuts: list[int]) -> None:
    stream = b"".join(pack(message) for message in sent)
    reader, received = Reader(), []
    at = 0
    for size in cuts:
        received += reader.feed(stream[at : at + size])
        at += size
    received += reader.feed(stream[at:])
    assert received == sent


@settings(max_examples=500)
@given(st.binary(max_size=200))
def test_junk_is_an_error_or_silence_never_a_crash(data: bytes) -> None:
    try:
        for message in Reader().feed(data):
            assert isinstance(message, dict)
    except FrameError:
        pass


def test_an_oversized_frame_is_refused_before_it_is_collected() -> None:
    with pytest.raises(FrameError):
        Reader().feed((MAX_FRAME + 1).to_bytes(4, "big"))


@pytest.fixture
def socket_path() -> Path:
    return Path(tempfile.mkdtemp(dir="/tmp")) / "x.sock"


def test_question_and_answer(socket_path: Path) -> None:
    async def answer(message: dict[str, Any]) -> dict[str, Any]:
        if message["op"] == "lost":
            raise NotFoundError("no such thing", field="thing")
        return {"echo": message["op"]}

    async def main() -> None:
        async with serve(socket_path, answer):
            assert socket_path.stat().st_mode & 0o777 == 0o600
            assert await request_async(socket_path, {"op": "hello"}) == {"echo": "hello"}
            refused = await request_async(socket_path, {"op": "lost"})
            assert refused == {"error": {"code": "not-found", "message": "no such thing", "field": "thing"}}
        with pytest.raises(UnavailableError):
            await request_async(socket_path, {"op": "hello"})

    asyncio.run(main())


@pytest.mark.parametrize("name", ["runtime", "jobs", "other"])
def test_a_process_that_is_down_has_not_heard_the_question(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnavailableError) as raised:
        request(tmp_path / f"{name}.sock", {"op": "hello"})
    assert not isinstance(raised.value, NoAnswerError)
    assert raised.value.template == SILENT.get(name, SILENT_ANY)


def test_a_silent_process_is_unavailable(socket_path: Path) -> None:
    async def never(message: dict[str, Any]) -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def main() -> None:
        async with serve(socket_path, never):
            with pytest.raises(NoAnswerError, match="does not answer"):
                await request_async(socket_path, {"op": "hello"}, timeout_s=0.05)

    asyncio.run(main())


KEY = b"k" * 32


def ticket(now: float, scope: str = "agent") -> str:
    return issue(KEY, user="u1", instance="demo", role="agent", scope=scope, now=now)


def test_a_ticket_works_once() -> None:
    gate, text = Gate(KEY), ticket(100.0)
    assert gate.admit(text, "agent", 101.0).user == "u1"
    with pytest.raises(ForbiddenError):
        gate.admit(text, "agent", 102.0)


@pytest.mark.parametrize(("scope", "at"), [("live", 101.0), ("agent", 130.0)])
def test_wrong_scope_or_late_is_refused(scope: str, at: float) -> None:
    with pytest.raises(ForbiddenError):
        Gate(KEY).admit(ticket(100.0), scope, at)


@settings(max_examples=500)
@given(st.text(max_size=100))
def test_forged_tickets_are_refused(text: str) -> None:
    with pytest.raises(ForbiddenError):
        Gate(KEY).admit(text, "agent", 100.0)


@given(st.integers(0, 200))
def test_any_changed_character_is_refused(position: int) -> None:
    text = ticket(100.0)
    at = position % len(text)
    changed = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
    with pytest.raises(ForbiddenError):
        Gate(KEY).admit(changed, "agent", 101.0)
