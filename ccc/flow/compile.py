"""Document -> frozen graph with parsed settings: what the interpreter runs and the runtime keeps in memory."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import networkx as nx
from pydantic import BaseModel

from ccc.api import NodeType, Problem, Prompt, References, TextPrompt
from ccc.api.expr import parse_template
from ccc.flow.analysis import CheckedNode, NodeTypes, parse_node
from ccc.flow.check import analyse
from ccc.flow.document import FlowDocument, FlowInvalid, content_hash

SLICE = 50
"""Nodes frozen in one go: about 2 ms."""


@dataclass(frozen=True, slots=True)
class CompiledNode:
    """A node ready to run. ``exits`` maps the connected exits to node ids, ``declared`` has all exits."""

    id: str
    name: str
    type: str
    node_type: NodeType
    config: BaseModel
    exits: Mapping[str, str]
    declared: frozenset[str]


@dataclass(frozen=True, slots=True)
class CompiledFlow:
    """An immutable flow. ``graph`` is a frozen networkx DiGraph whose edges carry ``exits`` (a tuple of exit names)."""

    name: str
    title: str
    hash: str
    language: str
    start: str
    nodes: Mapping[str, CompiledNode]
    variables: Mapping[str, Any]
    tables: Mapping[str, Any]
    graph: nx.DiGraph
    version: int = 0
    """Which published version a call runs as a sub-flow; 0 where nobody has said (one compiled flow serves every
    version with its content)."""

    def prompts(self) -> Iterator[tuple[str, Prompt]]:
        """Every prompt the flow may play, with its node's id."""
        for node in self.nodes.values():
            for prompt in node.node_type.prompts(node.config):
                yield node.id, prompt

    def static_texts(self) -> list[TextPrompt]:
        """Spoken texts without ``${...}``: those that can be rendered before a call (``$$`` not yet unescaped)."""
        texts = (prompt for _, prompt in self.prompts() if isinstance(prompt, TextPrompt))
        return list(dict.fromkeys(prompt for prompt in texts if parse_template(prompt.text).static))

    def uses(self) -> set[tuple[str, str]]:
        """Symbolic references of all nodes, ``(kind, name)``."""
        return {use for node in self.nodes.values() for use in node.node_type.uses(node.config)}


def compile_flow(document: FlowDocument, registry: NodeTypes, refs: References | None = None) -> CompiledFlow:
    """Check and freeze a document. FlowInvalid (an InvalidError) with all problems when there is an error."""
    checked, problems = analyse(document, registry, refs)
    if any(problem.severity == "error" for problem in problems):
        raise FlowInvalid(document.name, problems)
    ways: dict[str, dict[str, str]] = {node.id: {} for node in document.nodes}
    for edge in document.edges:
        ways[edge.source][edge.exit] = edge.target
    nodes = {item.node.id: _freeze(item, ways[item.node.id]) for item in checked}
    start = next(ident for ident, node in nodes.items() if node.node_type.is_start)
    return CompiledFlow(
        document.name,
        document.title,
        content_hash(document),
        document.language,
        start,
        MappingProxyType(nodes),
        MappingProxyType(document.variables),
        MappingProxyType(document.tables),
        _graph(nodes),
    )


def compile_in_steps(
    document: FlowDocument, registry: NodeTypes, known_hash: str
) -> Generator[None, None, CompiledFlow]:
    """Freeze a PUBLISHED document in slices of a few milliseconds: the runtime's event loop runs calls in between.

    The checks were made at publish and are not repeated; what cannot run here (a plugin that is missing, settings its
    node type no longer takes, no start) is FlowInvalid all the same.
    """
    ways: dict[str, dict[str, str]] = {node.id: {} for node in document.nodes}
    for edge in document.edges:
        ways.setdefault(edge.source, {})[edge.exit] = edge.target
    nodes: dict[str, CompiledNode] = {}
    for number, node in enumerate(document.nodes):
        checked = parse_node(node, registry.node_types)
        if checked.problems:
            raise FlowInvalid(document.name, checked.problems)
        nodes[node.id] = _freeze(checked, ways[node.id])
        if number % SLICE == SLICE - 1:
            yield
    start = next((ident for ident, node in nodes.items() if node.node_type.is_start), None)
    if start is None:
        raise FlowInvalid(document.name, [Problem("error", "no-start", "the flow has no start node")])
    yield
    return CompiledFlow(
        document.name,
        document.title,
        known_hash,
        document.language,
        start,
        MappingProxyType(nodes),
        MappingProxyType(document.variables),
        MappingProxyType(document.tables),
        _graph(nodes),
    )


def _freeze(checked: CheckedNode, ways: dict[str, str]) -> CompiledNode:
    assert checked.node_type is not None and checked.config is not None and checked.exits is not None
    node = checked.node
    return CompiledNode(
        node.id,
        node.name,
        node.type,
        checked.node_type,
        checked.config,
        MappingProxyType(ways),
        frozenset(way.name for way in checked.exits),
    )


def _graph(nodes: Mapping[str, CompiledNode]) -> nx.DiGraph:
    graph = nx.DiGraph()
    graph.add_nodes_from(nodes)
    for ident, node in nodes.items():
        for exit_name, target in node.exits.items():
            before = graph.edges[ident, target]["exits"] if graph.has_edge(ident, target) else ()
            graph.add_edge(ident, target, exits=(*before, exit_name))
    return nx.freeze(graph)
