"""What calls did in a flow, added up from their steps: visits, exits taken, drop-offs, time per node. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Step = Mapping[str, Any]


@dataclass(slots=True)
class NodeTraffic:
    """``seconds``: time spent in the node by all visits; ``dropped``: calls that ended while they were in it."""

    visits: int = 0
    dropped: int = 0
    seconds: float = 0.0
    exits: dict[str, int] = field(default_factory=dict)

    @property
    def average_s(self) -> float:
        return self.seconds / self.visits if self.visits else 0.0


@dataclass(slots=True)
class Traffic:
    """By node id; ``calls`` that were counted."""

    calls: int = 0
    nodes: dict[str, NodeTraffic] = field(default_factory=dict)

    def add(self, steps: Sequence[Step], ended_at: float | None) -> None:
        """Count a call. ``ended_at``: epoch seconds, the time its last step ended when no exit was taken."""
        self.calls += 1
        own = list(own_steps(steps))
        for step in own:
            node = self.nodes.setdefault(step["node"], NodeTraffic())
            node.visits += 1
            left = step.get("left_at") or ended_at
            node.seconds += max(0.0, left - step["entered_at"]) if left else 0.0
            if exit_ := step.get("exit"):
                node.exits[exit_] = node.exits.get(exit_, 0) + 1
        if own and not own[-1].get("exit"):
            self.nodes[own[-1]["node"]].dropped += 1


def own_steps(steps: Sequence[Step]) -> Iterator[Step]:
    """Steps of the flow itself, without those of its sub-flows."""
    if _told(steps):
        return (step for step in steps if not step.get("depth"))
    return _own_by_time(steps)


def _told(steps: Iterable[Step]) -> bool:
    """Whether the steps say themselves in which flow they are. Those of a call without sub-flows need not, and in
    records of older versions they do not: there the times tell."""
    return any("depth" in step for step in steps)


def _own_by_time(steps: Iterable[Step]) -> Iterator[Step]:
    """Those of a sub-flow lie within the step that runs it."""
    until: float | None = 0.0
    for step in steps:
        inside = until is None or step["entered_at"] < until
        if not inside:
            yield step
            # A step that was never left is the call's last one, or it holds all that follow it.
            until = step.get("left_at")


def depths(steps: Sequence[Step]) -> list[int]:
    """How many sub-flows deep each step is: 0 is the flow itself."""
    if _told(steps):
        return [step.get("depth", 0) for step in steps]
    found, open_ = [], list[float | None]()
    for step in steps:
        while open_ and open_[-1] is not None and open_[-1] <= step["entered_at"]:
            open_.pop()
        found.append(len(open_))
        open_.append(step.get("left_at"))
    return found
