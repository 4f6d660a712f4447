"""A customer to be called back: what is known of him, and how it goes to the journal and comes back (pure).

Times are UTC epoch seconds: a callback outlives the process that took it down.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ccc.geo import normalise

State = Literal["waiting", "calling", "talking", "done", "failed", "cancelled", "expired"]
OPEN = ("waiting", "calling", "talking")


@dataclass(slots=True)
class Callback:
    """Every change is written whole, so the newest record says everything."""

    id: str
    instance: str
    skill_group: str
    number: str
    """What is dialled."""
    trunk: str
    caller: str
    callee: str
    origin: str
    """The call in which it was asked for."""
    flow: str
    flow_version: int
    node: str
    node_name: str
    asked_at: float
    since: float
    """When the customer began to wait: his place in the line, with the next two."""
    priority: int
    arrival: int
    expires_at: float
    caller_id: str = ""
    ring_s: float = 30.0
    max_attempts: int = 3
    pause_s: float = 600.0
    keys: str = ""
    path: list[dict[str, Any]] = field(default_factory=list)
    """The way the customer took, as the agent is shown it."""
    variables: dict[str, Any] = field(default_factory=dict)
    state: State = "waiting"
    reason: str = ""
    """Why it is closed, or what became of the last attempt."""
    attempts: int = 0
    agent: str = ""
    last_call: str = ""
    next_at: float | None = None
    """Not before; None while the customer is still on the line."""
    closed_at: float | None = None
    closed_by: str = ""

    @property
    def open(self) -> bool:
        return self.state in OPEN

    def as_record(self) -> dict[str, Any]:
        """The journal's record of kind ``callback``."""
        return {"k": "callback", **dataclasses.asdict(self)}


_FIELDS = {item.name: item for item in dataclasses.fields(Callback)}


def from_record(record: Mapping[str, Any]) -> Callback:
    """What :meth:`Callback.as_record` wrote, whatever newer versions added. TypeError when something is missing."""
    return Callback(**{name: record[name] for name in _FIELDS if name in record})


def after_restart(callback: Callback, now: float, grace_s: float) -> Callback:
    """Where a callback stands whose runtime died: nobody is called twice for one attempt, nobody is forgotten.

    Who was talking has had his call. An attempt that was going on counts; the telephone that rang may still ring for
    a while, so there is a pause.
    """
    if callback.state == "talking":
        return dataclasses.replace(callback, state="done", reason="lost", closed_at=now)
    if callback.state == "calling":
        if callback.attempts >= callback.max_attempts:
            return dataclasses.replace(callback, state="failed", reason="lost", closed_at=now)
        return dataclasses.replace(callback, state="waiting", reason="lost", next_at=now + grace_s)
    return dataclasses.replace(callback, next_at=callback.next_at or now)


def same_customer(number: str) -> str:
    """What two ways to write a number have in common; '' for who shows none."""
    found = normalise(number)
    return "" if found.kind == "anonymous" else found.e164 or found.national
