"""What the designer's pane "Test without a phone" begins with: addresses, texts, names of nodes."""

from __future__ import annotations

from typing import Any

from flask import url_for

from ccc.loader import Registry
from ccc.web import testcall
from ccc.web.designer.trial_texts import trial_texts

ADDRESSES = ("simulate", "cases", "calls", "case_of_call")


def trial_start(flow: str, registry: Registry) -> dict[str, Any]:
    """Parts of the page's start block; ``urls`` and ``texts`` join those of the designer."""
    call = testcall.start()
    return {
        "urls": {"voice": url_for("testcall.draft", key=flow)}
        | {name.replace("_", "-"): url_for(f"designer_trial.{name}", key=flow) for name in ADDRESSES},
        "texts": call["texts"] | trial_texts(),
        "nodes": call["nodes"],
    }
