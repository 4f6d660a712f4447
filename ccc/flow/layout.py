"""Where nodes go when nobody placed them: layers from left to right, ways crossing as little as they can. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

GAP_X, GAP_Y = 100, 40
"""Pixels between layers and between nodes of a layer."""
GRID = 10
SWEEPS = 6


@dataclass(frozen=True, slots=True)
class Box:
    """A node as it is drawn, in pixels."""

    id: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Way:
    """A line between two nodes; ``order`` counts the exits of its source from the top."""

    source: str
    target: str
    order: int = 0


def arrange(
    boxes: Sequence[Box], ways: Sequence[Way], starts: Sequence[str] = (), origin: tuple[float, float] = (0.0, 0.0)
) -> dict[str, tuple[float, float]]:
    """Upper left corners by node id, on the grid, the first at ``origin``. Parts that do not hang together go below.

    Layers are longest paths once the lines that close a circle are left out; inside a layer nodes follow the mean of
    what leads to them, in the order of the exits.
    """
    known = {box.id: box for box in boxes}
    graph = nx.DiGraph()
    graph.add_nodes_from(known)
    for way in ways:
        inside = way.source in known and way.target in known and way.source != way.target
        if inside and not graph.has_edge(way.source, way.target):
            graph.add_edge(way.source, way.target, order=way.order)
    _open_circles(graph, [ident for ident in starts if ident in known])
    places: dict[str, tuple[float, float]] = {}
    top = origin[1]
    for part in _parts(graph, starts):
        layers = _layers(graph.subgraph(part), list(known))
        found = _place(layers, graph, known, origin[0], top)
        top = max(found[ident][1] + known[ident].height for ident in part) + 2 * GAP_Y
        places.update(found)
    return {ident: (_snap(x), _snap(y)) for ident, (x, y) in places.items()}


def _open_circles(graph: nx.DiGraph, starts: Sequence[str]) -> None:
    """Take out the lines that lead back to a node on the way to them."""
    back: list[tuple[str, str]] = []
    done: set[str] = set()
    for root in [*starts, *graph.nodes]:
        if root in done:
            continue
        above = {root}
        stack = [(root, iter(_exits(graph, root)))]
        while stack:
            node, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                stack.pop()
                above.discard(node)
                done.add(node)
            elif following in above:
                back.append((node, following))
            elif following not in done:
                above.add(following)
                stack.append((following, iter(_exits(graph, following))))
    graph.remove_edges_from(back)


def _exits(graph: nx.DiGraph, node: str) -> list[str]:
    return sorted(graph.successors(node), key=lambda target: int(graph.edges[node, target]["order"]))


def _parts(graph: nx.DiGraph, starts: Sequence[str]) -> list[set[str]]:
    """Parts that hang together: that of the start first, then larger before smaller, in document order."""
    position = {ident: index for index, ident in enumerate(graph.nodes)}
    parts = [set(part) for part in nx.weakly_connected_components(graph)]
    first = set(starts)
    return sorted(parts, key=lambda part: (not part & first, -len(part), min(position[ident] for ident in part)))


def _layers(graph: nx.DiGraph, order: Sequence[str]) -> list[list[str]]:
    depth: dict[str, int] = {}
    for node in nx.topological_sort(graph):
        depth[node] = max((depth[before] + 1 for before in graph.predecessors(node)), default=0)
    for node in reversed(list(nx.topological_sort(graph))):  # what leads on only late stands near what it leads to
        after = [depth[target] for target in graph.successors(node)]
        if after and not graph.in_degree(node):
            depth[node] = min(after) - 1
    position = {ident: index for index, ident in enumerate(order)}
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for node in sorted(depth, key=lambda ident: position[ident]):
        layers[depth[node]].append(node)
    for sweep in range(SWEEPS):
        _sort(graph, layers, forward=sweep % 2 == 0)
    _sort(graph, layers, forward=True)
    return layers


def _sort(graph: nx.DiGraph, layers: list[list[str]], *, forward: bool) -> None:
    """Order each layer by the mean place of its neighbours in the layers before (or after) it."""
    row = {node: index for layer in layers for index, node in enumerate(layer)}
    for layer in layers if forward else reversed(layers):
        weight = {}
        for node in layer:
            near = list(graph.predecessors(node)) if forward else list(graph.successors(node))
            weight[node] = (
                sum(row[other] + (_share(graph, other, node) if forward else 0.0) for other in near) / len(near)
                if near
                else float(row[node])
            )
        layer.sort(key=lambda node: weight[node])
        row.update({node: index for index, node in enumerate(layer)})


def _share(graph: nx.DiGraph, source: str, target: str) -> float:
    """0 for the first exit, nearly 1 for the last."""
    return float(graph.edges[source, target]["order"]) / 100


def _place(
    layers: list[list[str]], graph: nx.DiGraph, known: Mapping[str, Box], left: float, top: float
) -> dict[str, tuple[float, float]]:
    """Columns of a width each; in them every node as near to the middle of its sources as there is room."""
    places: dict[str, tuple[float, float]] = {}
    x = left
    for layer in layers:
        y = top
        for node in layer:
            before = [other for other in graph.predecessors(node) if other in places]
            wish = y
            if before:
                alone = [other for other in before if len(_exits(graph, other)) == 1]
                wish = (
                    max(places[other][1] for other in alone or before)
                    if alone
                    else min(places[other][1] for other in before)
                )
            y = max(y, wish)
            places[node] = (x, y)
            y += known[node].height + GAP_Y
        x += max(known[node].width for node in layer) + GAP_X
    return places


def _snap(value: float) -> float:
    return float(round(value / GRID) * GRID)
