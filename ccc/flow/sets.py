"""Several flows in one file, the same text each time, and what they need of the place they go to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ccc.api import Problem, References
from ccc.flow.analysis import NodeTypes
from ccc.flow.document import MAX_BYTES, FlowDocument, FlowInvalid, content_hash, duplicates, parse_document, read_json
from ccc.flow.uses import Use, names_used

KIND, FORMAT = "ccc-flows", 1
MAX_SET_BYTES = 4 * MAX_BYTES
MAX_FLOWS = 500


@dataclass(frozen=True, slots=True)
class FlowSet:
    """Flows by name. ``intact``: the hash in the file was that of its flows (None: the file has none)."""

    flows: tuple[FlowDocument, ...]
    intact: bool | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """A name the flows use that is not where they go; ``kind`` ``node-type``: its plugin is not installed."""

    kind: str
    name: str
    used_by: tuple[tuple[str, str], ...]
    """(flow, node)"""

    def as_dict(self) -> dict[str, Any]:
        """JSON for pages and the API."""
        places = [{"flow": flow, "node": node} for flow, node in self.used_by]
        return {"kind": self.kind, "name": self.name, "used_by": places}


def pack(flows: Iterable[FlowDocument], registry: NodeTypes) -> dict[str, Any]:
    """The set as JSON values: equal flows give an equal file, whatever their order. FlowInvalid for equal names."""
    ordered = sorted(flows, key=lambda flow: flow.name)
    _no_duplicates(ordered)
    return {
        "kind": KIND,
        "format": FORMAT,
        "hash": set_hash(ordered),
        "references": _references(ordered, registry),
        "flows": [flow.as_dict() for flow in ordered],
    }


def dump_set(packed: Mapping[str, Any]) -> str:
    """The set as a file: UTF-8 JSON, two spaces, keys in order, a newline at the end."""
    return json.dumps(packed, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def load_set(data: bytes | str) -> FlowSet:
    """Read a set, or a single flow document, from JSON text. FlowInvalid names flow, node and field."""
    return parse_set(read(data))


def read(data: bytes | str) -> Any:
    """Decode the JSON text of a set. FlowInvalid when it is none or too large."""
    if len(data) > MAX_SET_BYTES:
        raise _refused("too-large", f"a set of flows has at most {MAX_SET_BYTES} bytes")
    return read_json(data)


def parse_set(raw: object) -> FlowSet:
    """Read a set, or a single flow document, from a decoded JSON value."""
    if not isinstance(raw, Mapping):
        raise _refused("shape", "a set of flows is a JSON object {...}")
    if raw.get("kind") != KIND:
        return FlowSet((parse_document(raw),))
    if raw.get("format") != FORMAT or isinstance(raw.get("format"), bool):
        raise _refused("format", f"this version reads sets of format {FORMAT}", "format")
    if unknown := sorted(set(raw) - {"kind", "format", "hash", "references", "flows"}):
        raise _refused("shape", f"a set of flows has no field {unknown[0]!r}", str(unknown[0])[:64])
    entries = raw.get("flows")
    if not isinstance(entries, list) or not entries or len(entries) > MAX_FLOWS:
        raise _refused("shape", f"a set has a list of 1 to {MAX_FLOWS} flows", "flows")
    flows = sorted((parse_document(entry) for entry in entries), key=lambda flow: flow.name)
    _no_duplicates(flows)
    given = raw.get("hash")
    return FlowSet(tuple(flows), None if given is None else given == set_hash(flows))


def set_hash(flows: Sequence[FlowDocument]) -> str:
    """SHA-256 (hex) over the flows' own hashes in the order of their names."""
    lines = sorted(f"{flow.name} {content_hash(flow)}\n" for flow in flows)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def missing(flows: Sequence[FlowDocument], registry: NodeTypes, refs: References) -> list[Missing]:
    """What the flows use and ``refs`` does not have, by kind and name; the set's own flows count as there."""
    own = {flow.name for flow in flows}
    places: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for flow in flows:
        for use in names_used(flow, registry):
            if not (use.kind == "flow" and use.name in own) and not _has(refs, use):
                places.setdefault((use.kind, use.name), []).append((flow.name, use.node))
    return [Missing(kind, name, tuple(found)) for (kind, name), found in sorted(places.items())]


def _has(refs: References, use: Use) -> bool:
    return use.kind != "node-type" and refs.has(use.kind, use.name)  # type: ignore[arg-type]


def _references(flows: Sequence[FlowDocument], registry: NodeTypes) -> dict[str, list[str]]:
    own = {flow.name for flow in flows}
    found: dict[str, set[str]] = {}
    for flow in flows:
        for use in names_used(flow, registry):
            if not (use.kind == "flow" and use.name in own):
                found.setdefault(use.kind, set()).add(use.name)
    return {kind: sorted(names) for kind, names in sorted(found.items())}


def _no_duplicates(flows: Sequence[FlowDocument]) -> None:
    if twice := duplicates([flow.name for flow in flows]):
        raise FlowInvalid(twice[0], [Problem("error", "duplicate-flow", "the set has this flow twice", field="flows")])


def _refused(code: str, message: str, field: str | None = None) -> FlowInvalid:
    return FlowInvalid("?", [Problem("error", code, message, field=field)])
