"""Flows of the vendor's format (DOMAIN section 2, CreateContactFlow: ``activities`` and ``events``) as our documents.

What we have is mapped. What we do not have stays in the document as a node of type ``vendor:<TYPE>`` with all it
said, and is listed: nothing is dropped in silence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ccc.api import Problem
from ccc.flow.analysis import NodeTypes
from ccc.flow.document import FlowDocument, FlowInvalid, parse_document

Fate = Literal["kept", "left-out", "mapped"]
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NUMBERING = {"edgeId": "the vendor's number of a line", "nodeIndex": "the vendor's number of a node"}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something of the vendor's document that has no counterpart here.

    ``kept``: it is in the document (as a node of its own type, or in a node's note) and waits for somebody;
    ``left-out``: it says nothing a flow here needs; ``mapped``: somebody chose what stands for it. ``activity`` is the
    vendor's id, '' for the whole document.
    """

    what: Literal["type", "property", "event", "target", "field", "id"]
    name: str
    activity: str
    fate: Fate
    message: str

    def as_dict(self) -> dict[str, str]:
        """JSON for pages and the API."""
        return {"what": self.what, "name": self.name, "activity": self.activity, "fate": self.fate,
                "message": self.message}  # fmt: skip


@dataclass(slots=True)
class _Reading:
    """An activity being read: what is taken from ``rest`` is mapped, what remains is listed."""

    ident: str
    rest: dict[str, Any]
    findings: list[Finding]
    notes: list[str] = field(default_factory=list)

    def note(self, what: Any, name: str, fate: Fate, message: str, value: Any = None) -> None:
        self.findings.append(Finding(what, name[:200], self.ident, fate, message))
        if fate == "kept" and what != "type":
            self.notes.append(f"{name}: {value!r}"[:500])


def read_vendor(
    raw: object, name: str, title: str = "", *, types: Mapping[str, str] | None = None,
    registry: NodeTypes | None = None,
) -> tuple[FlowDocument, list[Finding]]:  # fmt: skip
    """The document under our ``name``, and what has no counterpart here. FlowInvalid when it is none of theirs.

    ``types``: which type of ``registry`` stands for one of theirs, ``vendor:TYPE -> type``, as somebody chose.
    """
    raw = unwrapped(raw)
    if not isinstance(raw, Mapping) or not isinstance(raw.get("activities"), list):
        raise _refused(name, "the vendor's format is an object with a list 'activities'", "activities")
    findings: list[Finding] = []
    activities = [_activity(name, number, item) for number, item in enumerate(raw["activities"])]
    ids = _ids([ident for ident, _ in activities], findings)
    nodes, edges = [], []
    for number, (ident, item) in enumerate(activities):
        reading = _Reading(ident, dict(item), findings)
        nodes.append(_node(ids[number], number, reading, types or {}, registry))
        first = {old: ids[index] for index, (old, _) in reversed(list(enumerate(activities)))}
        edges += _edges(ids[number], str(nodes[-1]["type"]), reading, first)
        nodes[-1]["note"] = "\n".join(_leftover(reading))[:4000]
    description = raw.get("description")
    usable = isinstance(description, str) and len(description) <= 4000
    for key in raw:
        if key not in ("activities", "description") or (key == "description" and not usable):
            findings.append(Finding("field", str(key)[:200], "", "left-out", "a field of the whole document"))
    document = {
        "name": name,
        "title": title[:128],
        "description": description if usable else "",
        "nodes": nodes,
        "edges": edges,
    }
    return parse_document(document), findings


def unwrapped(raw: object) -> object:
    """The definition in an answer of the vendor's GetContactFlow: there it is JSON text inside of JSON."""
    for key in ("Data", "Definition"):
        if isinstance(raw, Mapping) and "activities" not in raw and key in raw:
            raw = raw[key]
    if isinstance(raw, str):
        try:
            return json.loads(raw)
        except ValueError:
            return raw
    return raw


def is_vendor(raw: object) -> bool:
    """Whether a document says it is of the vendor's format."""
    found = unwrapped(raw)
    return isinstance(found, Mapping) and "activities" in found


def _activity(name: str, number: int, item: object) -> tuple[str, Mapping[str, Any]]:
    if not isinstance(item, Mapping) or not isinstance(item.get("type"), str) or not item["type"]:
        raise _refused(name, "an activity is an object with a 'type'", f"activities.{number}.type")
    ident = item.get("id")
    return (ident if isinstance(ident, str) and ident else f"#{number + 1}"), item


def _ids(given: list[str], findings: list[Finding]) -> list[str]:
    """Ids our documents can have, each once."""
    found: list[str] = []
    for number, ident in enumerate(given):
        ours = ident if _ID.fullmatch(ident) and ident not in found else f"activity-{number + 1}"
        while ours in found or (ours != ident and ours in given):
            ours += "x"
        if ours != ident:
            findings.append(Finding("id", ident[:200], ident[:200], "left-out", f"the node is called {ours} here"))
        found.append(ours)
    return found


def _node(
    ident: str, number: int, reading: _Reading, types: Mapping[str, str], registry: NodeTypes | None
) -> dict[str, Any]:
    rest = reading.rest
    kind, given = str(rest.pop("type")), rest.pop("properties", {})
    rest.pop("id", None)
    shown = rest.pop("name", "")
    if not isinstance(shown, str) or len(shown) > 128:
        reading.note("field", "name", "kept", "not a name of at most 128 characters", shown)
    properties = dict(given) if isinstance(given, Mapping) else {}
    if not isinstance(given, Mapping):
        reading.note("field", "properties", "kept", "not an object", given)
    position = _position(properties, reading, number)
    node_type, config = kind, properties
    if kind in _TYPES:
        node_type, read = _TYPES[kind]
        config = read(properties, reading)
        for key, value in properties.items():
            reading.note("property", f"properties.{key}", "kept", f"{node_type} has no such setting", value)
    elif chosen := types.get(f"vendor:{kind}"[:64]):
        node_type, config = chosen, _chosen(properties, reading, chosen, registry)
        reading.note("type", kind, "mapped", f"taken for {chosen}, as chosen; look at its settings and exits")
        for key, value in properties.items():
            reading.note("property", f"properties.{key}", "kept", f"{node_type} has no such setting", value)
    else:
        node_type = f"vendor:{kind}"[:64]
        reading.note("type", kind, "kept", "there is no such node type; the node keeps all its properties")
    return {
        "id": ident,
        "type": node_type,
        "name": shown[:128] if isinstance(shown, str) else "",
        "config": config,
        "position": position,
    }


def _position(properties: dict[str, Any], reading: _Reading, number: int) -> list[float]:
    given = properties.pop("position", None)
    if given is None:
        return [80.0 + 240 * number, 240.0]
    values: list[Any] = [given.get(axis) for axis in ("x", "y")] if isinstance(given, Mapping) else []
    if [type(value) in (int, float) and abs(value) < 1e9 for value in values] == [True, True]:
        return [float(value) for value in values]
    reading.note("property", "properties.position", "kept", "not a place on the canvas", given)
    return [80.0 + 240 * number, 240.0]


def _start(properties: dict[str, Any], reading: _Reading) -> dict[str, Any]:
    return {}


def _hang_up(properties: dict[str, Any], reading: _Reading) -> dict[str, Any]:
    return {}


def _play(properties: dict[str, Any], reading: _Reading) -> dict[str, Any]:
    """``say`` when ``audioType`` is ``tts``, else the audio called ``audioResourceId``."""
    config: dict[str, Any] = {}
    kind = properties.pop("audioType", "tts")
    if isinstance(properties.get("audioInterrupt"), bool):
        config["interruptible"] = properties.pop("audioInterrupt")
    wanted = ("say", "text", "tts") if kind == "tts" else ("audioResourceId", "name", "audio")
    value = properties.get(wanted[0])
    if isinstance(value, str) and value:
        properties.pop(wanted[0])
        config["prompts"] = [{"kind": wanted[2], wanted[1]: value}]
    other = "audioResourceId" if kind == "tts" else "say"
    if properties.get(other) in ("", None):  # the field of the other kind of audio, empty: it says nothing
        properties.pop(other, None)
    return config


def _chosen(
    properties: dict[str, Any], reading: _Reading, node_type: str, registry: NodeTypes | None
) -> dict[str, Any]:
    """What is said in a module of another type is said in ours, too; the rest nobody has told us."""
    kind = registry.node_types.get(node_type) if registry is not None else None
    known = set(kind.Config.model_fields) if kind is not None else set()
    if "prompts" not in known:
        return {}
    said = _play(properties, reading)
    if "interruptible" not in known and "interruptible" in said:
        properties["audioInterrupt"] = said.pop("interruptible")
    return said


_WORDS = (
    ("survey", "SURVEY|SATISF|满意"), ("voicemail", "VOICEMAIL|VOICE_MAIL|LEAVE_MESSAGE|留言"),
    ("collect", "COLLECT|DIGIT|GATHER|收号"), ("menu", "MENU|KEY|按键"),
    ("condition", "BRANCH|CONDITION|SWITCH|分支|条件"),
    ("transfer_external", "EXTERNAL|PSTN|外线"), ("queue", "AGENT|QUEUE|SKILL|转人工"),
    ("set_variable", "VARIABLE|ATTRIBUTE|变量"), ("subflow", "SUB_?FLOW|SUB_?PROCESS|子流程"),
    ("function", "FUNCTION|HTTP|函数"), ("blacklist", "BLACK|黑名单"), ("hours", "HOURS|WORK_?TIME|SCHEDULE|工作时间"),
    ("hangup", "HANG_?UP|(^|_)END(_|$)|挂机|结束"), ("play", "PLAY|SAY|AUDIO|放音"), ("start", "INCOMING|START|开始"),
)  # fmt: skip


def likely(node_type: str) -> str:
    """Which of our types the name of one of theirs (``vendor:TYPE``) speaks of; '' when nobody could tell."""
    name = node_type.removeprefix("vendor:").upper()
    return next((ours for ours, words in _WORDS if re.search(words, name)), "")


_TYPES: dict[str, tuple[str, Callable[[dict[str, Any], _Reading], dict[str, Any]]]] = {
    "INCOMING_CALL": ("start", _start),
    "PLAY_SAY": ("play", _play),
    "HANGUP": ("hangup", _hang_up),
}
_EXITS = {
    ("start", "complete"): "next", ("play", "complete"): "done", ("collect", "complete"): "ok",
    ("queue", "complete"): "answered", ("transfer_external", "complete"): "answered",
    ("set_variable", "complete"): "next",
    ("voicemail", "complete"): "recorded", ("function", "complete"): "success", ("subflow", "complete"): "done",
    ("survey", "complete"): "done", ("queue", "timeout"): "timeout", ("collect", "timeout"): "timeout",
}  # fmt: skip
"""(our type, their event) -> our exit. Of the types the vendor's documents show; the others are those people choose."""


def _edges(ident: str, node_type: str, reading: _Reading, known: Mapping[str, str]) -> list[dict[str, Any]]:
    given = reading.rest.pop("events", [])
    if not isinstance(given, list):
        reading.note("field", "events", "kept", "not a list", given)
        return []
    edges = []
    for event in given:
        if not isinstance(event, Mapping):
            reading.note("event", "events", "kept", "not an object", event)
            continue
        name, target = event.get("event"), event.get("next")
        for key in event.keys() - {"event", "next"}:
            message = _NUMBERING.get(key, "")
            reading.note("field", f"events.{key}", "left-out" if message else "kept",
                         message or "a field of a line", event[key])  # fmt: skip
        if target in (None, "") and isinstance(name, str):  # an exit that leads nowhere: the check tells of it
            continue
        if not isinstance(name, str) or not name or not isinstance(target, str) or target not in known:
            reading.note("target", str(name), "kept", f"it leads to {target!r}, which is not there", target)
            continue
        way = _EXITS.get((node_type, name))
        if way is None and not node_type.startswith("vendor:"):
            reading.note("event", name, "kept", f"{node_type} has no such exit; the line is drawn from it all the same")
        edges.append({"from": ident, "exit": (way or name)[:64], "to": known[target]})
    return edges


def _leftover(reading: _Reading) -> list[str]:
    for key, value in reading.rest.items():
        message = _NUMBERING.get(key, "")
        reading.note("field", str(key), "left-out" if message else "kept", message or "a field of an activity", value)
    return reading.notes


def _refused(name: str, message: str, where: str) -> FlowInvalid:
    return FlowInvalid(name, [Problem("error", "vendor", message, field=where)])
