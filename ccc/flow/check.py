"""Everything that can be wrong with a flow, found before it takes a call. Graph questions are graph algorithms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import networkx as nx

from ccc.api import ERROR_EXIT, Problem, References
from ccc.flow.analysis import AnyReferences, CheckedNode, DocumentReferences, NodeTypes, check_node, parse_nodes
from ccc.flow.document import FlowDocument, duplicates
from ccc.flow.names import check_names, variable_kinds


def check_flow(document: FlowDocument, registry: NodeTypes, refs: References | None = None) -> list[Problem]:
    """All problems, errors and warnings, in document order. Without ``refs`` outside names are taken to exist."""
    return analyse(document, registry, refs)[1]


def analyse(
    document: FlowDocument, registry: NodeTypes, refs: References | None = None
) -> tuple[list[CheckedNode], list[Problem]]:
    """The parsed nodes and all problems; what check and compile share."""
    nodes = parse_nodes(document, registry)
    kinds = variable_kinds(document, nodes)
    world = DocumentReferences(refs or AnyReferences(), frozenset(kinds), frozenset(document.tables))
    for checked in nodes:
        check_node(checked, world)
        check_names(checked, kinds, document.tables, refs)
    overall = _ids(document) + _starts(nodes)
    overall += _edges(document, nodes)
    if not duplicates([node.id for node in document.nodes]):
        overall += _unreachable(document, nodes) + _busy_loops(document, nodes)
    return nodes, [*overall, *(problem for checked in nodes for problem in checked.problems)]


def _ids(document: FlowDocument) -> list[Problem]:
    return [
        Problem("error", "duplicate-id", f"several nodes have the id {ident!r}; give each its own", ident, "id")
        for ident in duplicates([node.id for node in document.nodes])
    ]


def _starts(nodes: Sequence[CheckedNode]) -> list[Problem]:
    starts = [checked for checked in nodes if checked.node_type is not None and checked.node_type.is_start]
    if not starts:
        return [Problem("error", "no-start", "the flow has no start node; add one")]
    return [
        Problem(
            "error", "several-starts", f"the flow starts at {starts[0].node.id!r} already; remove one", other.node.id
        )
        for other in starts[1:]
    ]


def _edges(document: FlowDocument, nodes: Sequence[CheckedNode]) -> list[Problem]:
    """Edges that lead nowhere, exits used twice, exits left open."""
    by_id = {checked.node.id: checked for checked in nodes}
    taken: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    problems = []
    for index, edge in enumerate(document.edges):
        source, target = by_id.get(edge.source), by_id.get(edge.target)
        where = f"edges.{index}"
        if source is None:
            problems.append(_dangling(edge.source, None, f"{where}.from"))
        if target is None:
            problems.append(_dangling(edge.target, edge.source, f"{where}.to"))
        if source is None:
            continue
        taken[edge.source][edge.exit] += 1
        if taken[edge.source][edge.exit] == 2:
            message = f"exit {edge.exit!r} leads to several nodes; keep one line"
            problems.append(Problem("error", "exit-used-twice", message, edge.source, f"{where}.exit"))
        if source.exits is not None and edge.exit not in {way.name for way in source.exits}:
            names = ", ".join(way.name for way in source.exits) or "none"
            message = (
                f"there is no exit {edge.exit!r} (there are: {names}); delete the line or draw it from one of those"
            )
            problems.append(Problem("error", "unknown-exit", message, edge.source, f"{where}.exit"))
    for checked in nodes:
        _open_exits(checked, taken[checked.node.id])
    return problems


def _dangling(missing: str, node: str | None, where: str) -> Problem:
    message = f"the line leads to or from node {missing!r}, which does not exist; delete the line"
    return Problem("error", "dangling-edge", message, node, where)


def _open_exits(checked: CheckedNode, taken: dict[str, int]) -> None:
    for way in checked.exits or ():
        if way.name in taken or way.name == ERROR_EXIT:
            continue
        path = f"exits.{way.name}"
        if way.required:
            checked.add("open-exit", f"exit {way.name!r} leads nowhere; connect it", path)
        else:
            message = f"exit {way.name!r} is open: the call hangs up there (a sub-flow returns); connect it"
            checked.add("dead-end", message, path, "warning")


def _unreachable(document: FlowDocument, nodes: Sequence[CheckedNode]) -> list[Problem]:
    graph = nx.DiGraph()
    graph.add_nodes_from(node.id for node in document.nodes)
    graph.add_edges_from((edge.source, edge.target) for edge in document.edges)
    starts = [checked.node.id for checked in nodes if checked.node_type is not None and checked.node_type.is_start]
    if not starts:
        return []
    reached = set(starts).union(*(nx.descendants(graph, start) for start in starts))
    return [
        Problem("warning", "unreachable", "no way leads here from the start; connect or remove it", node.id)
        for node in document.nodes
        if node.id not in reached
    ]


def _busy_loops(document: FlowDocument, nodes: Sequence[CheckedNode]) -> list[Problem]:
    """Circles in which no time passes and nobody is asked: the graph of instant steps must have no cycle."""
    by_id = {checked.node.id: checked for checked in nodes}
    graph = nx.DiGraph()
    for edge in document.edges:
        source = by_id.get(edge.source)
        if source is not None and edge.target in by_id and _instant(source, edge.exit):
            graph.add_edge(edge.source, edge.target)
    problems = []
    for component in nx.strongly_connected_components(graph):
        first = min(component)
        if len(component) == 1 and not graph.has_edge(first, first):
            continue
        names = ", ".join(sorted(component)[:5]) + (" ..." if len(component) > 5 else "")
        message = f"the nodes {names} form a circle without input or waiting; add a wait, a menu or a prompt"
        problems.append(Problem("error", "busy-loop", message, first))
    return problems


def _instant(source: CheckedNode, exit_name: str) -> bool:
    if source.node_type is None or source.exits is None:
        return False
    return not source.node_type.waits or any(way.name == exit_name and way.instant for way in source.exits)
