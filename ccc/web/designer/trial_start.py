"""What the designer's pane "Test without a phone" begins with: addresses, texts, names of nodes."""

from __future__ import annotations

from typing import Any, get_args

from flask import url_for

from ccc.api.script import TestCase
from ccc.loader import Registry
from ccc.web import testcall
from ccc.web.designer.trial_texts import trial_texts

CHOSEN = ("agents", "hours", "named_agents", "dials", "callbacks")
"""Parts of a test case that name an outcome for each thing the call meets."""
ADDRESSES = ("simulate", "cases", "calls", "case_of_call")


def outcomes() -> dict[str, list[str]]:
    """What can become of a queue, timetable, agent, outside number or callback: the first is what becomes of it else.

    ``waiting`` is a number and has none.
    """
    fields = {name: TestCase.model_fields[name].annotation for name in CHOSEN}
    return {name: list(get_args(get_args(shape)[1])) for name, shape in fields.items()}


def trial_start(flow: str, registry: Registry) -> dict[str, Any]:
    """Parts of the page's start block; ``urls`` and ``texts`` join those of the designer."""
    call = testcall.start()
    return {
        "urls": {"voice": url_for("testcall.draft", key=flow)}
        | {name.replace("_", "-"): url_for(f"designer_trial.{name}", key=flow) for name in ADDRESSES},
        "texts": call["texts"] | trial_texts(),
        "nodes": call["nodes"],
        "outcomes": outcomes(),
    }
