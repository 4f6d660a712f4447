"""What the telephone side runs of a flow at this moment: published is one thing, live is what new calls get."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ccc.bus import request
from ccc.errors import UnavailableError
from ccc.services.actor import Actor
from ccc.services.drafts import ASK_S, EDITORS
from ccc.services.flows import draft_of
from ccc.store import Store


@dataclass(frozen=True, slots=True)
class Running:
    """``live`` is the version new calls get, None when they get none; ``known`` is False when nobody answered.

    ``calls``: how many calls run each version now; 0 is the key of test calls of a draft.
    """

    published: int | None
    known: bool = False
    live: int | None = None
    calls: dict[int, int] = field(default_factory=dict)


def running(store: Store, actor: Actor, instance: str, name: str) -> Running:
    """Ask the runtime. NotFoundError when there is no such flow."""
    actor.require(instance, *EDITORS)
    published = draft_of(store, instance, name).live_version
    socket = store.home.socket("runtime")
    try:
        found = request(socket, {"op": "flow", "instance": instance, "flow": name}, timeout_s=ASK_S)
        answer = request(socket, {"op": "live", "instance": instance}, timeout_s=ASK_S)
    except UnavailableError:
        return Running(published)
    here = [call for call in answer.get("calls", []) if call.get("flow") == name]
    calls = Counter(int(call.get("flow_version") or 0) for call in here)
    return Running(published, "version" in found, found.get("version"), dict(calls))
