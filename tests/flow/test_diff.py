"""The difference of two documents: what it says, and that applying it gives the other document."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from ccc.errors import ConflictError
from ccc.flow.diff import Change, apply, diff, same
from ccc.flow.document import FlowDocument, content_hash
from tests.flow.build import document, node, start, text
from tests.flow.documents import DOCUMENTS, VALUES

HELLO = document([start(), node("hi", "play", prompts=[text("您好")])], "start.next hi", title="问候")


@given(DOCUMENTS, DOCUMENTS)
def test_applied_to_the_one_it_gives_the_other(a: FlowDocument, b: FlowDocument) -> None:
    found = apply(diff(a, b), a)
    assert found == b
    assert content_hash(found) == content_hash(b)
    assert [item.id for item in found.nodes] == [item.id for item in b.nodes]


@given(DOCUMENTS, DOCUMENTS)
def test_nothing_differs_only_in_like_documents(a: FlowDocument, b: FlowDocument) -> None:
    assert not diff(a, a)
    assert bool(diff(a, b)) == (content_hash(a) != content_hash(b))
    assert json.loads(json.dumps(diff(a, b).as_dict()))["same"] is not bool(diff(a, b))


@given(DOCUMENTS, DOCUMENTS, DOCUMENTS)
def test_a_difference_of_other_documents_is_refused_or_fits(a: FlowDocument, b: FlowDocument, c: FlowDocument) -> None:
    try:
        found = apply(diff(a, b), c)
    except ConflictError:
        return
    assert isinstance(found, FlowDocument)


@given(VALUES, VALUES)
def test_same_is_the_same_text(a: object, b: object) -> None:
    assert same(a, b) == (json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True))


def test_fields_of_a_node_old_and_new() -> None:
    prompts = [text("您好，请讲")]
    new = document([start(), node("hi", "play", prompts=prompts, repeat=2)], "start.next hi", title="问好")
    found = diff(HELLO, new)
    assert found.fields == (Change("change", ("title",), "问候", "问好"),)
    (changed,) = found.nodes.changed
    assert changed.changes == (
        Change("change", ("config", "prompts", 0, "text"), "您好", "您好，请讲"),
        Change("add", ("config", "repeat"), new=2),
    )
    assert changed.changes[0].as_dict()["field"] == "config.prompts.0.text"
    assert "old" not in changed.changes[1].as_dict()


def test_a_line_that_leads_elsewhere_is_a_change_of_the_line() -> None:
    nodes = [start(), node("a", "hangup"), node("b", "hangup")]
    found = diff(document(nodes, "start.next a"), document(nodes, "start.next b"))
    assert found.edges.changed[0].changes == (Change("change", ("to",), "a", "b"),)
    assert not found.nodes and not found.edges.added


def test_nodes_that_come_go_and_change_places() -> None:
    three = document([start(), node("a", "hangup"), node("b", "hangup")])
    other = document([node("b", "hangup"), start(), node("c", "hangup")])
    found = diff(three, other)
    assert [item["id"] for item in found.nodes.added] == ["c"]
    assert [item["id"] for item in found.nodes.removed] == ["a"]
    assert found.nodes.order is not None and found.as_dict()["nodes"]["reordered"] is True


def test_a_document_changed_meanwhile_is_refused_by_place() -> None:
    difference = diff(HELLO, HELLO.model_copy(update={"title": "新"}))
    with pytest.raises(ConflictError, match="title"):
        apply(difference, HELLO.model_copy(update={"title": "别的"}))
