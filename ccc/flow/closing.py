"""What callers of a closed number hear (紧急关闭): a flow of its own, so that it runs like every other one."""

from __future__ import annotations

from typing import Any

from ccc.api.prompt import AudioPrompt, Prompt, TextPrompt
from ccc.flow.document import FlowDocument, parse_document

NAME, TITLE = "closed-number", "号码已关闭 · Number closed"
DEFAULT_TEXT = (
    "您好，您拨打的号码暂停服务，请稍后再拨。"
    "Sorry, the number you have dialled is out of service at the moment. Please call again later."
)
"""Callers may speak either language."""


def announcement(text: str = "", voice: str = "", audio: str = "") -> FlowDocument:
    """The flow: answer, say ``text`` (default: our own) or the ``audio``, hang up.

    Where the announcement cannot be had (the audio's file is gone) callers hear our own text instead.
    """
    own: Prompt = TextPrompt(text=DEFAULT_TEXT)
    said: Prompt = AudioPrompt(name=audio) if audio else TextPrompt(text=_plain(text), voice=voice or None)
    chosen = own if not (audio or text) else said
    nodes: list[dict[str, Any]] = [{"id": "start", "type": "start"}, _play("announcement", chosen)]
    edges = [_edge("start", "next", "announcement"), _edge("announcement", "done", "end")]
    if chosen != own:
        nodes.append(_play("instead", own))
        edges += [_edge("announcement", "error", "instead"), _edge("instead", "done", "end")]
    nodes.append({"id": "end", "type": "hangup"})
    return parse_document({"format": 1, "name": NAME, "title": TITLE, "nodes": nodes, "edges": edges})


def _play(node: str, prompt: Prompt) -> dict[str, Any]:
    config = {"prompts": [prompt.model_dump(exclude_none=True)], "interruptible": False}
    return {"id": node, "type": "play", "config": config}


def _edge(source: str, exit_: str, target: str) -> dict[str, str]:
    return {"from": source, "exit": exit_, "to": target}


def _plain(text: str) -> str:
    """The text is said as it stands: it holds no variables."""
    return text.replace("$", "$$")
