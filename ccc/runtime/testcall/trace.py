"""What a test call's page is told while the call runs (docs/protocols.md "Test call"). Times are epoch milliseconds."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ccc.api.prompt import AudioPrompt, Prompt, SilencePrompt, TextPrompt
from ccc.runtime.views import HIDDEN_PREFIX, wall_ms

LONGEST = 500
"""Characters of a variable's value as JSON; a whole web page in one must not go to the browser with each step."""


class Trace:
    """A :class:`ccc.runtime.watcher.Watcher` that sends messages. ``flow``: the one the call began in;
    ``version``: None for a draft."""

    def __init__(self, send: Callable[..., None], flow: str, version: int | None, ended: Callable[[], None]) -> None:
        self._send = send
        self._main = {"flow": flow, "flow_version": version, "depth": 0}
        self._ended = ended
        self._step = 0
        """The newest step the page knows of."""

    def recorded(self, record: Mapping[str, Any]) -> None:
        """Pass on what a page wants of the record."""
        match record["k"]:
            case "answered":
                self._send("answered", at=wall_ms(record["at"]))
            case "step":
                self._stepped(record)
            case "agent":
                self._send("agent", agent=record["agent"], group=record["group"], at=wall_ms(record["at"]))
            case "close":
                self._closed(record["cdr"])

    def _stepped(self, step: Mapping[str, Any]) -> None:
        if step["n"] > self._step:
            self._step = step["n"]
            facts = {name: step[name] for name in ("n", "node", "name", "type")}
            where = {name: step.get(name, value) for name, value in self._main.items()}
            self._send("enter", **facts, **where, at=wall_ms(step["entered_at"]))
        elif step["left_at"] is not None:
            variables = {
                name: shown(value)
                for name, value in step.get("variables", {}).items()
                if not name.startswith(HIDDEN_PREFIX)
            }
            facts = {name: step[name] for name in ("n", "node", "exit")}
            self._send("leave", **facts, variables=variables, at=wall_ms(step["left_at"]))
        elif "leg" in step:
            self._send("dialled", n=step["n"], **{name: step["leg"][name] for name in ("callee", "trunk", "cause")})

    def _closed(self, cdr: Mapping[str, Any]) -> None:
        self._send(
            "ended",
            call=cdr["id"],
            cause=cdr["cause"],
            detail=cdr["cause_detail"],
            at=wall_ms(cdr["ended_at"]),
            recording=cdr["recording"] is not None,
        )
        self._ended()

    def heard(self, prompts: Sequence[Prompt], expand: Callable[[str], str]) -> None:
        """The transcript: texts as they are spoken, other prompts by name."""
        said = [words(prompt, expand) for prompt in prompts if not isinstance(prompt, SilencePrompt)]
        if said:
            self._send("heard", n=self._step, prompts=said, at=round(time.time() * 1000))

    def pressed(self, key: str) -> None:
        """A key arrived."""
        self._send("key", n=self._step, key=key, at=round(time.time() * 1000))


def words(prompt: Prompt, expand: Callable[[str], str]) -> dict[str, Any]:
    """A prompt for people: ``{kind: "tts", text}``, ``{kind: "audio", name}`` or ``{kind: "tone", hz}``."""
    if isinstance(prompt, TextPrompt):
        return {"kind": "tts", "text": expand(prompt.text)}
    if isinstance(prompt, AudioPrompt):
        return {"kind": "audio", "name": prompt.name}
    assert not isinstance(prompt, SilencePrompt)
    return {"kind": "tone", "hz": prompt.hz}


def shown(value: Any) -> Any:
    """A variable's value, cut when it is long."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= LONGEST:
        return value
    return (value if isinstance(value, str) else text)[:LONGEST] + "…"
