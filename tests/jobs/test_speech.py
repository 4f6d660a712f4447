"""Prompts on demand: at most as long as a call may wait, one rendering for many who ask."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from ccc.api import Voice
from ccc.errors import InvalidError, UnavailableError
from ccc.home import Home
from ccc.jobs import speech as speech_module
from ccc.jobs.speech import Speech


class SlowEngine:
    """Speaks when it is allowed to."""

    name = "slow"

    def __init__(self) -> None:
        self.go = threading.Event()
        self.said: list[str] = []

    def voices(self) -> list[Voice]:
        return [Voice("slow", "Slow", "en")]

    def say(self, text: str, voice: str | None, speed: float) -> tuple[np.ndarray, int]:
        assert self.go.wait(20)
        self.said.append(text)
        return (np.sin(np.arange(8000) / 3) * 9000).astype(np.int16), 8000


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowEngine]:
    engine = SlowEngine()
    monkeypatch.setattr(speech_module, "_engines", lambda: [engine])
    yield engine
    engine.go.set()


def test_too_slow_is_unavailable_and_ready_for_the_next_call(home: Home, engine: SlowEngine) -> None:
    async def scenario() -> None:
        speech = Speech(home)
        message = {"op": "tts", "text": "Hello", "voice": None, "speed": 1.0}
        late = await asyncio.gather(*(speech.render(message, 0.05) for _ in range(3)), return_exceptions=True)
        assert [type(error) for error in late] == [UnavailableError] * 3
        engine.go.set()
        path = await speech.render(message, 10)
        assert path.stat().st_size > 4000
        assert await speech.render(message, 10) == path
        speech.close()

    asyncio.run(scenario())
    assert engine.said == ["Hello"], "four asked, one rendering"


def test_a_failing_prompt_answers_everybody_and_is_tried_again(home: Home, engine: SlowEngine) -> None:
    engine.go.set()

    async def scenario() -> None:
        speech = Speech(home)
        for _ in range(2):
            with pytest.raises(InvalidError, match="nobody"):
                await speech.render({"op": "tts", "text": "Hello", "voice": "nobody"}, 10)
        for message in ({}, {"text": 5}, {"kind": "tone", "hz": 1, "seconds": 1}, {"kind": "silence", "seconds": 1}):
            with pytest.raises(InvalidError):
                await speech.render(message, 10)
        speech.close()

    asyncio.run(scenario())
    assert engine.said == []
