"""From prompts to files a media worker can play. A text not rendered yet is asked of jobs, for at most 2 s."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ccc.api.control import FlowFailed
from ccc.api.prompt import AudioPrompt, Prompt, SilencePrompt
from ccc.bus import request_async
from ccc.errors import CccError
from ccc.home import Home
from ccc.prompts.keys import prompt_path
from ccc.runtime.config import Index
from ccc.runtime.leg import PlayItem

RENDER_TIMEOUT_S = 2.0


class PromptFinder:
    """Finds or orders the file of each prompt. Looked for each time: it may have been deleted."""

    def __init__(self, home: Home, index: Callable[[], Index]) -> None:
        self._home = home
        self._index = index

    async def items(self, prompts: Sequence[Prompt], instance: str, expand: Callable[[str], str]) -> list[PlayItem]:
        """The play items of ``prompts``; ``expand`` replaces ``${...}`` in texts. FlowFailed when one cannot be had."""
        return [await self._item(prompt, instance, expand) for prompt in prompts]

    async def _item(self, prompt: Prompt, instance: str, expand: Callable[[str], str]) -> PlayItem:
        if isinstance(prompt, SilencePrompt):
            return {"silence_ms": round(prompt.seconds * 1000)}
        if isinstance(prompt, AudioPrompt):
            audio = self._index().audio.get((instance, prompt.name))
            if audio is None:
                raise FlowFailed(f"audio {prompt.name!r} does not exist in instance {instance}")
            return audio.path
        if prompt.kind == "tts":
            prompt = prompt.model_copy(update={"text": expand(prompt.text)})
            if not prompt.text.strip():
                return {"silence_ms": 20}
        path = prompt_path(self._home, prompt)
        if not path.exists():
            await self._order(prompt)
        return str(path)

    async def _order(self, prompt: Prompt) -> None:
        try:
            answer = await request_async(
                self._home.socket("jobs"), {"op": "tts", **prompt.model_dump()}, RENDER_TIMEOUT_S
            )
        except CccError as error:
            raise FlowFailed(f"prompt could not be rendered: {error.message}") from error
        if "error" in answer:
            raise FlowFailed(f"prompt could not be rendered: {answer['error']['message']}")
