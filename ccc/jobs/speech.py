"""Render a prompt that a running call waits for: off the event loop, at most 2 s."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ccc.api import TtsEngine
from ccc.api.prompt import TextPrompt, TonePrompt
from ccc.errors import InvalidError, UnavailableError
from ccc.home import Home
from ccc.loader import load
from ccc.prompts.render import render

log = logging.getLogger(__name__)
LIMIT_S = 2.0
THREADS = 2
_FIELDS = {"tts": ("text", "voice", "speed", "volume"), "tone": ("hz", "seconds")}


class Speech:
    """The TTS engines of this process. Rendering that takes longer goes on, so the next call finds the file."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="tts")
        self._engines = self._pool.submit(_engines)
        self._under_way: dict[TextPrompt | TonePrompt, asyncio.Future[Path]] = {}

    async def render(self, message: dict[str, Any], limit_s: float = LIMIT_S) -> Path:
        """The file of the prompt in ``message`` (``kind``, ``text``, ``voice``, ``speed`` or ``hz``, ``seconds``).

        InvalidError when it is not a prompt; UnavailableError when it takes longer than ``limit_s``.
        """
        prompt = _prompt(message)
        future = self._under_way.get(prompt)
        if future is None:
            future = asyncio.get_running_loop().run_in_executor(self._pool, self._render, prompt)
            self._under_way[prompt] = future
            future.add_done_callback(lambda done: self._done(prompt, done))
        done, _ = await asyncio.wait([future], timeout=limit_s)
        if not done:
            raise UnavailableError(f"the prompt was not ready within {limit_s:g} s; it will be for the next call")
        return future.result()

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _render(self, prompt: TextPrompt | TonePrompt) -> Path:
        return render(self._home, prompt, self._engines.result())

    def _done(self, prompt: TextPrompt | TonePrompt, future: asyncio.Future[Path]) -> None:
        self._under_way.pop(prompt, None)
        if not future.cancelled() and (error := future.exception()):
            log.warning("a prompt could not be rendered: %s", error)


def _engines() -> list[TtsEngine]:
    return list(load().tts_engines.values())


def _prompt(message: dict[str, Any]) -> TextPrompt | TonePrompt:
    kind = message.get("kind", "tts")
    if kind not in _FIELDS:
        raise InvalidError(f"a prompt of kind {kind!r} is not rendered", field="kind")
    values = {name: message[name] for name in _FIELDS[kind] if name in message}
    try:
        return TextPrompt(**values) if kind == "tts" else TonePrompt(**values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidError(f"{field}: {first['msg']}", field=field) from error
