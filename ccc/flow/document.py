"""The flow document: JSON a person can read, diff and write by hand (DESIGN "Flow documents").

Unknown node types are kept as they are, so a document survives a plugin that is not installed here.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ccc.api.problem import Problem
from ccc.api.script import TestCase
from ccc.api.variables import VariableName
from ccc.errors import InvalidError
from ccc.flow.places import Place, dotted, mistakes

MAX_BYTES = 5 * 1024 * 1024
MAX_NODES = 10_000
TOO_LARGE = f"a flow document has at most {MAX_BYTES} bytes; take something out or split it into sub-flows"
MAX_DEPTH = 40
FORMAT = 1
_SHOWN = 20
_ID = r"^[A-Za-z0-9_-]{1,64}$"
_MODEL = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class FlowInvalid(InvalidError):
    """A flow document cannot be used; ``problems`` has every finding, the message the first twenty errors."""

    code = "flow-invalid"

    def __init__(self, name: str, problems: list[Problem]) -> None:
        errors = [problem for problem in problems if problem.severity == "error"]
        lines = [describe(problem) for problem in errors[:_SHOWN]]
        if len(errors) > _SHOWN:
            lines.append(f"... and {len(errors) - _SHOWN} more")
        super().__init__(f"flow {name!r}: " + "; ".join(lines), field=errors[0].field if errors else None)
        self.problems = problems


def describe(problem: Problem) -> str:
    """One line for people: ``node menu1, field keys.0.key: ...``."""
    place = ", ".join(
        f"{what} {value}" for what, value in (("node", problem.node), ("field", problem.field)) if value is not None
    )
    return f"{place}: {problem.message}" if place else problem.message


class Node(BaseModel):
    """One node. ``config`` is the raw settings; its node type parses them."""

    model_config = _MODEL
    id: str = Field(pattern=_ID)
    type: str = Field(min_length=1, max_length=64)
    name: str = Field(default="", max_length=128)
    config: dict[str, Any] = Field(default_factory=dict)
    position: tuple[float, float] = (0.0, 0.0)
    note: str = Field(default="", max_length=4000)


class Edge(BaseModel):
    """A line from an exit of one node to another node."""

    model_config = _MODEL
    source: str = Field(alias="from", max_length=64)
    exit: str = Field(min_length=1, max_length=64)
    target: str = Field(alias="to", max_length=64)


class FlowDocument(BaseModel):
    """A whole flow. ``variables`` are initial values, ``tables`` are ``{name: {key: row}}``."""

    model_config = _MODEL
    format: Literal[1] = 1
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    title: str = Field(default="", max_length=128)
    description: str = Field(default="", max_length=4000)
    language: str = Field(default="zh-CN", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    variables: dict[VariableName, Any] = Field(default_factory=dict, max_length=1000)
    tables: dict[VariableName, dict[str, Any]] = Field(default_factory=dict, max_length=100)
    nodes: list[Node] = Field(default_factory=list, max_length=MAX_NODES)
    edges: list[Edge] = Field(default_factory=list, max_length=4 * MAX_NODES)
    notes: list[Any] = Field(default_factory=list, max_length=1000)
    tests: list[TestCase] = Field(default_factory=list, max_length=1000)

    def as_dict(self) -> dict[str, Any]:
        """The document as JSON values, edges with ``from`` and ``to``."""
        return self.model_dump(mode="json", by_alias=True)


def load_document(data: bytes | str) -> FlowDocument:
    """Read a document from JSON text. FlowInvalid names node and field of every mistake in its shape."""
    if len(data) > MAX_BYTES:
        raise _refused("?", "too-large", TOO_LARGE)
    return parse_document(read_json(data))


def read_json(data: bytes | str) -> Any:
    """Decode JSON text. FlowInvalid when it is none, NaN or infinity included."""
    try:
        return json.loads(data, parse_constant=_no_constant)
    except RecursionError as error:
        raise _refused("?", "json", "the JSON is nested too deeply") from error
    except ValueError as error:
        raise _refused("?", "json", f"not JSON: {_first_line(error)}") from error


def parse_document(raw: Mapping[str, Any]) -> FlowDocument:
    """Read a document from a decoded JSON object. FlowInvalid as :func:`load_document`; ``check`` looks at settings."""
    if not isinstance(raw, Mapping):
        raise _refused("?", "shape", "a flow document is a JSON object {...}")
    given = raw.get("name")
    name = given[:64].encode("utf-8", "replace").decode() if isinstance(given, str) else "?"
    if raw.get("format", FORMAT) != FORMAT or isinstance(raw.get("format"), bool):
        message = f"format {_short(raw.get('format'))} is not known to this version; it reads format {FORMAT}"
        raise _refused(name, "format", message, "format")
    _bounded(raw, name)
    try:
        return FlowDocument.model_validate(raw)
    except ValidationError as error:
        raise FlowInvalid(name, _problems(error, raw)) from error


def content_hash(document: FlowDocument) -> str:
    """SHA-256 (hex) of the canonical JSON: equal for documents that mean the same, whatever their layout."""
    text = json.dumps(document.as_dict(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def dump_document(document: FlowDocument) -> str:
    """The document as a file: UTF-8 JSON, two spaces, a newline at the end."""
    return json.dumps(document.as_dict(), ensure_ascii=False, indent=2) + "\n"


def duplicates(names: list[str]) -> list[str]:
    """The names that occur more than once, in order."""
    return [name for name, count in Counter(names).items() if count > 1]


def _refused(name: str, code: str, message: str, field: str | None = None) -> FlowInvalid:
    return FlowInvalid(name, [Problem("error", code, message, field=field)])


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _bounded(raw: Mapping[str, Any], name: str) -> None:
    """Refuse what could not be stored again: too large, too deep, not JSON, half a surrogate pair."""
    level: list[Any] = [raw]
    for _ in range(MAX_DEPTH):
        level = [item for value in level for item in _inside(value)]
    if level:
        raise _refused(name, "json", f"nested deeper than {MAX_DEPTH} levels")
    try:
        size = len(json.dumps(raw, ensure_ascii=False, allow_nan=False).encode())
    except (TypeError, ValueError) as error:
        raise _refused(name, "json", f"not storable as JSON: {_first_line(error)}") from error
    if size > MAX_BYTES:
        raise _refused(name, "too-large", TOO_LARGE)


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list | tuple) else ()


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0][:200].encode("utf-8", "replace").decode()


def _problems(error: ValidationError, raw: Mapping[str, Any]) -> list[Problem]:
    problems = []
    for place, message in mistakes(error):
        node, path = _split(place, raw)
        problems.append(Problem("error", "shape", message, node, path))
    return problems


def _split(place: Place, raw: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """A place -> (node id, dotted field). A node without usable id is named by its number."""
    if len(place) >= 2 and place[0] == "nodes" and isinstance(place[1], int):
        entry = raw["nodes"][place[1]]
        ident = entry.get("id") if isinstance(entry, Mapping) else None
        usable = isinstance(ident, str) and re.match(_ID, ident)
        return (str(ident) if usable else f"#{place[1] + 1}"), dotted(place[2:])
    return None, dotted(place)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:40] + "..."
