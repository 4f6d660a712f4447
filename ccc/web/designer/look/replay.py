"""A past call on the graph: its steps with times, exits, and where each is in the recording."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from ccc.flow.document import FlowDocument
from ccc.flow.traffic import depths
from ccc.store.records import CallRecord
from ccc.web.nodes import Names, exit_name, type_name


@dataclass(frozen=True, slots=True)
class Step:
    """``seek_s``: in the recording, None without one. ``depth`` > 0: in a sub-flow, not on this graph."""

    node: str
    title: str
    type: str
    exit: str
    exit_title: str
    entered: datetime.datetime
    after_s: float
    took_s: float | None
    seek_s: float | None
    depth: int
    here: bool
    """Whether the graph that is shown has the node."""
    variables: dict[str, Any]


def steps_of(record: CallRecord, document: FlowDocument, names: Names) -> list[Step]:
    """The call's steps in order."""
    known = {node.id for node in document.nodes}
    deep = depths(record.steps)
    return [_step(record, raw, depth, known, names) for raw, depth in zip(record.steps, deep, strict=True)]


def _step(record: CallRecord, raw: Any, depth: int, known: set[str], names: Names) -> Step:
    entered = datetime.datetime.fromtimestamp(raw["entered_at"], datetime.UTC)
    left_at = raw.get("left_at")
    left = datetime.datetime.fromtimestamp(left_at, datetime.UTC) if left_at else record.ended_at
    seek = None
    if record.recording and record.answered_at is not None:  # the recording begins with the answer
        seek = max(0.0, round((entered - record.answered_at).total_seconds(), 1))
    return Step(
        node=raw["node"],
        title=raw.get("name") or raw["node"],
        type=type_name(names, raw["type"]),
        exit=raw.get("exit") or "",
        exit_title=exit_name(names, raw["type"], raw.get("exit")),
        entered=entered,
        after_s=max(0.0, (entered - record.started_at).total_seconds()),
        took_s=(left - entered).total_seconds() if left else None,
        seek_s=seek,
        depth=depth,
        here=depth == 0 and raw["node"] in known,
        variables=raw.get("variables") or {},
    )
