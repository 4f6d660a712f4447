"""A document meets the installed node types: settings parsed, exits known, every problem of a single node found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from pydantic import BaseModel, ValidationError

from ccc.api import AudioPrompt, Exit, Expression, NodeType, Problem, References, TextPrompt, TextTemplate
from ccc.api.problem import RefKind
from ccc.flow.document import FlowDocument, Node
from ccc.flow.places import dotted, mistakes

Part = TextPrompt | AudioPrompt | Expression | TextTemplate
_PLAIN = (str, int, float)
MISSING = "does not exist here; choose another or create it"


class NodeTypes(Protocol):
    """What checking and compiling need of the loader's registry."""

    @property
    def node_types(self) -> Mapping[str, NodeType]: ...


class AnyReferences:
    """References for a file outside an installation: every name is taken to exist."""

    def has(self, kind: str, name: str) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class DocumentReferences:
    """The world outside (``outer``) plus what the document itself brings."""

    outer: References
    variables: frozenset[str]
    tables: frozenset[str]

    def has(self, kind: RefKind, name: str) -> bool:
        if kind == "variable":
            return name in self.variables
        if kind == "table" and name in self.tables:
            return True
        return self.outer.has(kind, name)


@dataclass(slots=True)
class CheckedNode:
    """A node whose settings were parsed. ``config`` and ``exits`` are None when that failed."""

    node: Node
    node_type: NodeType | None = None
    config: BaseModel | None = None
    exits: Sequence[Exit] | None = None
    parts: Sequence[tuple[str, Part]] = ()
    """Prompts and formulas in the settings with their dotted paths."""
    problems: list[Problem] = field(default_factory=list)

    def add(
        self, code: str, message: str, path: str | None = None, severity: Literal["error", "warning"] = "error"
    ) -> None:
        """Note a problem of this node."""
        self.problems.append(Problem(severity, code, message, self.node.id, path))


def parse_nodes(document: FlowDocument, registry: NodeTypes) -> list[CheckedNode]:
    """Every node with its type, settings and exits; problems are noted on each."""
    return [parse_node(node, registry.node_types) for node in document.nodes]


def parse_node(node: Node, types: Mapping[str, NodeType]) -> CheckedNode:
    """One node with its type, settings and exits."""
    checked = CheckedNode(node)
    checked.node_type = types.get(node.type)
    if checked.node_type is None:
        known = ", ".join(sorted(types))
        checked.add(
            "unknown-type", f"node type {node.type!r} is not installed (there are: {known}); add its plugin", "type"
        )
        return checked
    try:
        checked.config = checked.node_type.Config.model_validate(node.config)
    except ValidationError as error:
        for place, message in mistakes(error):
            checked.add("config", message, dotted(("config", *place)))
        return checked
    checked.parts = parts(checked.config)
    try:
        checked.exits = tuple(checked.node_type.exits(checked.config))
    except Exception as error:  # a plugin's mistake must not stop the check
        checked.add("plugin-error", f"exits() of node type {node.type!r} failed: {error!r}")
    return checked


def check_node(checked: CheckedNode, refs: References) -> None:
    """What the node type itself finds, its references and its prompts."""
    node_type, config = checked.node_type, checked.config
    if node_type is None or config is None:
        return
    try:
        found = [replace(problem, node=checked.node.id) for problem in node_type.check(config, refs)]
        uses = list(node_type.uses(config))
    except Exception as error:  # a plugin's mistake must not stop the check
        checked.add("plugin-error", f"check() or uses() of node type {checked.node.type!r} failed: {error!r}")
        return
    checked.problems += [replace(problem, field=_in_config(problem.field)) for problem in found]
    for kind, name in uses:
        if not refs.has(kind, name):  # type: ignore[arg-type]
            checked.add("missing-reference", f"{kind} {name!r} {MISSING}", _field_with(config, name))
    for path, prompt in checked.parts:
        if isinstance(prompt, TextPrompt):
            if not prompt.text.strip():
                checked.add("empty-prompt", "the prompt has no text; write one or remove the prompt", f"{path}.text")
            if prompt.voice is not None and not refs.has("voice", prompt.voice):
                checked.add("missing-reference", f"voice {prompt.voice!r} {MISSING}", f"{path}.voice")
        elif isinstance(prompt, AudioPrompt) and not refs.has("audio", prompt.name):
            checked.add("missing-reference", f"audio {prompt.name!r} {MISSING}", f"{path}.name")


def parts(config: BaseModel) -> list[tuple[str, Part]]:
    """Every prompt and formula inside parsed settings, with its dotted path."""
    found: list[tuple[str, Part]] = []
    _collect(config, "config", found)
    return found


def _collect(value: object, path: str, found: list[tuple[str, Part]]) -> None:
    if isinstance(value, TextPrompt | AudioPrompt | Expression | TextTemplate):
        found.append((path, value))
    elif isinstance(value, BaseModel):
        for name, item in value.__dict__.items():
            if item is not None and not isinstance(item, _PLAIN):
                _collect(item, f"{path}.{name}", found)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _collect(item, f"{path}.{index}", found)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            _collect(item, f"{path}.{name}", found)


def _in_config(path: str | None) -> str | None:
    return path if path is None or path.startswith("config") else f"config.{path}"


def _field_with(config: BaseModel, name: str) -> str | None:
    """The top-level setting that holds this name."""
    return next((f"config.{field}" for field, value in config.__dict__.items() if value == name), None)
