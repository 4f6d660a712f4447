"""What the trunks of an account did today, asked of the telephone side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from ccc.bus import request
from ccc.errors import UnavailableError
from ccc.services.actor import Actor
from ccc.services.trunks import account_trunks
from ccc.store import Store

TIMEOUT_S = 1.0


@dataclass(frozen=True, slots=True)
class Figures:
    """``vain``: (number dialled, why it was refused, how often), most often first. All since ``since``."""

    calls: int
    last: datetime | None
    refused: int
    vain: tuple[tuple[str, str, int], ...]
    since: datetime


def trunk_figures(store: Store, actor: Actor, account: str) -> dict[str, Figures]:
    """By trunk; empty while the telephone side does not answer: the page of trunks works without."""
    own = {trunk.name for trunk in account_trunks(store, actor, account)}
    try:
        answer = request(store.home.socket("runtime"), {"op": "trunks"}, TIMEOUT_S)
    except UnavailableError:
        return {}
    since = datetime.fromtimestamp(answer["since"], UTC) if "since" in answer else datetime.now(UTC)
    return {
        name: Figures(
            found["calls"],
            datetime.fromtimestamp(found["last"], UTC) if found["last"] else None,
            found["refused"],
            tuple((number, reason, times) for number, reason, times in found["vain"]),
            since,
        )
        for name, found in answer.get("trunks", {}).items()
        if name in own
    }
