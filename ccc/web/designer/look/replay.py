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
    """``seek_s``: in the recording, None without one. ``depth`` > 0: in the sub-flow ``flow`` ('' in old records)."""

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
    flow: str
    flow_version: int | None
    here: bool
    """Whether the graph that is shown has the node."""
    variables: dict[str, Any]


Ran = tuple[str, int | None]
"""A flow and its version; None: a draft, or one nobody has written down."""


def flows_of(record: CallRecord) -> list[Ran]:
    """The flow the call began in and the sub-flows it ran, in order."""
    ran = [(raw["flow"], raw.get("flow_version") or None) for raw in record.steps if raw.get("flow")]
    return list(dict.fromkeys([(record.flow, record.flow_version), *ran]))


def steps_of(record: CallRecord, shown: Ran, document: FlowDocument, names: Names) -> list[Step]:
    """The call's steps in order; ``document`` is that of the flow and version ``shown``."""
    known = {node.id for node in document.nodes}
    deep = depths(record.steps)
    return [_step(record, raw, depth, shown, known, names) for raw, depth in zip(record.steps, deep, strict=True)]


def _step(record: CallRecord, raw: Any, depth: int, shown: Ran, known: set[str], names: Names) -> Step:
    ran: Ran = (record.flow, record.flow_version)
    if depth:
        ran = (raw.get("flow") or "", raw.get("flow_version") or None)
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
        flow=ran[0],
        flow_version=ran[1],
        here=ran == shown and raw["node"] in known,
        variables=raw.get("variables") or {},
    )
