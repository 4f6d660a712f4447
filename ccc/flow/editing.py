"""Changes of a flow document one at a time, each giving a new document: what the outline's forms do. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ccc.api.script import TestCase
from ccc.errors import InvalidError, NotFoundError, say
from ccc.flow.document import Edge, FlowDocument, Node, parse_document

STEP_X, STEP_Y, WIDTH, HEIGHT = 310.0, 40.0, 220.0, 120.0
"""A new node stands one step to the right of the one before it, below what is there already (pixels)."""


def node_of(document: FlowDocument, ident: str) -> Node:
    """The node. NotFoundError when the document has none of that id."""
    for node in document.nodes:
        if node.id == ident:
            return node
    raise NotFoundError(say("The draft has no node %(node)s any more."), values={"node": ident})


def set_targets(document: FlowDocument, ident: str, targets: Mapping[str, str]) -> FlowDocument:
    """Let exits of a node lead to ``{exit: node}``; '' lets an exit lead nowhere. Exits not named stay."""
    node_of(document, ident)
    for target in targets.values():
        if target:
            node_of(document, target)
    edges, done = [], set[str]()
    for edge in document.edges:
        if edge.source != ident or edge.exit not in targets:
            edges.append(edge)
        elif edge.exit not in done:
            done.add(edge.exit)
            if targets[edge.exit]:
                edges.append(edge.model_copy(update={"target": targets[edge.exit]}))
    new = [name for name, target in targets.items() if target and name not in done]
    return _made(document, edges=[*edges, *(_edge(ident, name, targets[name]) for name in new)])


def add_node(
    document: FlowDocument,
    kind: str,
    config: Mapping[str, Any],
    *,
    way_on: str = "",
    behind: tuple[str, str] | None = None,
) -> tuple[FlowDocument, str]:
    """A new node (document, its id), put into the line of the exit ``behind`` (node, exit) when given.

    What that exit led to before follows the new node's exit ``way_on``; without one that line is let go.
    """
    ident = _free_id(document, kind)
    place = _free_place(document, node_of(document, behind[0]) if behind else None)
    node = Node(id=ident, type=kind, config=dict(config), position=place)
    grown = _made(document, nodes=[*document.nodes, node])
    return (_put_in(grown, ident, way_on, behind) if behind else grown), ident


def remove_node(document: FlowDocument, ident: str) -> FlowDocument:
    """Without the node and the lines that begin or end at it."""
    node_of(document, ident)
    nodes = [node for node in document.nodes if node.id != ident]
    return _made(
        document, nodes=nodes, edges=[edge for edge in document.edges if ident not in (edge.source, edge.target)]
    )


def move_behind(document: FlowDocument, ident: str, behind: tuple[str, str], way_on: str) -> FlowDocument:
    """Take the node out of its place and put it into the line of another exit.

    Lines that led to it go where its exit ``way_on`` led; its other exits stay. InvalidError for one of its own exits.
    """
    node_of(document, ident)
    if behind[0] == ident:
        raise InvalidError(say("A node cannot follow itself."), field="behind")
    before = node_of(document, behind[0])
    following = next((e.target for e in document.edges if (e.source, e.exit) == (ident, way_on)), "")
    edges = []
    for edge in document.edges:
        if edge.target == ident and edge.source != ident:
            if following and following != ident:
                edges.append(edge.model_copy(update={"target": following}))
        elif (edge.source, edge.exit) != (ident, way_on) or not way_on:
            edges.append(edge)
    place = _free_place(document, before)
    nodes = [node.model_copy(update={"position": place}) if node.id == ident else node for node in document.nodes]
    return _put_in(_made(document, nodes=nodes, edges=edges), ident, way_on, behind)


def duplicate_node(document: FlowDocument, ident: str) -> tuple[FlowDocument, str]:
    """A second node with the same settings, below the first; no line leads to it or from it yet. (document, its id)."""
    node = node_of(document, ident)
    made = _free_id(document, re.sub(r"_\d+$", "", ident))
    x, y = _free_place(document, None, (node.position[0], node.position[1] + HEIGHT + STEP_Y))
    copy = node.model_copy(update={"id": made, "position": (x, y)}, deep=True)
    return _made(document, nodes=[*document.nodes, copy]), made


def place_nodes(document: FlowDocument, places: Mapping[str, tuple[float, float]]) -> FlowDocument:
    """Nodes at other places; those not named stay."""
    nodes = [node.model_copy(update={"position": places.get(node.id, node.position)}) for node in document.nodes]
    return _made(document, nodes=nodes)


def put_note(document: FlowDocument, ident: str, text: str) -> tuple[FlowDocument, str]:
    """A note of the canvas says ``text``; without ``ident`` a new one at the left below all nodes. (document, id)."""
    if ident:
        _note_of(document, ident)
        notes = [note | {"text": text} if _is_note(note, ident) else note for note in document.notes]
        return parse_document({**document.as_dict(), "notes": notes}), ident
    taken = {note.get("id") for note in document.notes if isinstance(note, dict)}
    made = next(name for n in range(1, len(document.notes) + 2) if (name := f"note_{n}") not in taken)
    low = max((node.position[1] + HEIGHT for node in document.nodes), default=0.0)
    low = max([low, *(note["position"][1] + HEIGHT for note in document.notes if _placed(note))])
    left = min((node.position[0] for node in document.nodes), default=80.0)
    note = {"id": made, "text": text, "position": [left, low + STEP_Y]}
    return parse_document({**document.as_dict(), "notes": [*document.notes, note]}), made


def remove_note(document: FlowDocument, ident: str) -> FlowDocument:
    """Without that note of the canvas."""
    _note_of(document, ident)
    return _made(document, notes=[note for note in document.notes if not _is_note(note, ident)])


def put_case(document: FlowDocument, name: str, case: TestCase) -> FlowDocument:
    """The test case called ``name`` is ``case`` from now on; '' adds it. InvalidError when its name is taken."""
    names = [one.name for one in document.tests]
    if name and name not in names:
        raise NotFoundError(say("The draft has no test case %(name)s any more."), values={"name": name})
    if case.name in names and case.name != name:
        raise InvalidError(say("There is a test case of that name."), field="name")
    tests = [case if one.name == name else one for one in document.tests] if name else [*document.tests, case]
    return parse_document({**document.as_dict(), "tests": [one.model_dump(mode="json") for one in tests]})


def remove_case(document: FlowDocument, name: str) -> FlowDocument:
    """Without the test case of that name."""
    if name not in [one.name for one in document.tests]:
        raise NotFoundError(say("The draft has no test case %(name)s any more."), values={"name": name})
    return _made(document, tests=[one for one in document.tests if one.name != name])


def change_node(document: FlowDocument, ident: str, **values: Any) -> FlowDocument:
    """Other ``name``, ``note``, ``config`` or ``position`` of a node. FlowInvalid when it is none then."""
    node_of(document, ident)
    raw = document.as_dict()
    raw["nodes"] = [{**node, **values} if node["id"] == ident else node for node in raw["nodes"]]
    return parse_document(raw)


def change_flow(document: FlowDocument, **values: Any) -> FlowDocument:
    """Another ``title``, ``description`` or ``variables``. FlowInvalid when the flow is none then."""
    return parse_document({**document.as_dict(), **values})


def _put_in(document: FlowDocument, ident: str, way_on: str, behind: tuple[str, str]) -> FlowDocument:
    source, exit_ = behind
    old = next((edge.target for edge in document.edges if (edge.source, edge.exit) == behind), "")
    led = set_targets(document, source, {exit_: ident})
    return set_targets(led, ident, {way_on: old}) if way_on and old and old != ident else led


def _made(document: FlowDocument, **values: Any) -> FlowDocument:
    return document.model_copy(update=values)


def _edge(source: str, exit_: str, target: str) -> Edge:
    return Edge.model_validate({"from": source, "exit": exit_, "to": target})


def _free_id(document: FlowDocument, kind: str) -> str:
    """``menu``, then ``menu_2``."""
    taken = {node.id for node in document.nodes}
    base = re.sub(r"[^A-Za-z0-9_-]", "_", kind)[:56] or "node"
    return next(name for n in range(1, len(taken) + 2) if (name := base if n == 1 else f"{base}_{n}") not in taken)


def _note_of(document: FlowDocument, ident: str) -> dict[str, Any]:
    for note in document.notes:
        if _is_note(note, ident):
            return dict(note)
    raise NotFoundError(say("The draft has no such note any more."), values={"note": ident})


def _is_note(note: Any, ident: str) -> bool:
    return isinstance(note, dict) and note.get("id") == ident


def _placed(note: Any) -> bool:
    place = note.get("position") if isinstance(note, dict) else None
    return isinstance(place, list) and len(place) == 2 and all(isinstance(value, int | float) for value in place)


def _free_place(
    document: FlowDocument, before: Node | None, wanted: tuple[float, float] = (80.0, 160.0)
) -> tuple[float, float]:
    x, y = (before.position[0] + STEP_X, before.position[1]) if before is not None else wanted
    near = sorted(node.position[1] for node in document.nodes if abs(node.position[0] - x) < WIDTH)
    for other in near:
        if abs(other - y) < HEIGHT:
            y = other + HEIGHT + STEP_Y
    return x, y
