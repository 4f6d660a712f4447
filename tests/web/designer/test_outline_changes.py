"""Undo, redo and the edits beside nodes and lines in the outline, by plain forms."""

from __future__ import annotations

import datetime
import html
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from ccc.errors import CccError
from ccc.flow.document import parse_document
from ccc.home import Home
from ccc.loader import Registry, load
from ccc.services import draft_changes, drafts, flow_admin
from ccc.services.actor import SYSTEM
from ccc.services.flows import import_flow
from ccc.store import Store, open_store
from ccc.store.base import utc_now
from ccc.store.records import FlowRecord
from ccc.store.repos import flow_changes
from ccc.store.repos.flow_changes import Change
from ccc.web.app import create_app
from ccc.web.designer.outline import operations
from tests.web.conftest import HELLO
from tests.web.designer.test_outline import Outline

CASES, PUBLISH = "/designer/hello/outline-cases", "/designer/hello/outline-publish"
NAMES = ("start", "say", "end", "menu", "say_2")
IDS = st.sampled_from(NAMES)
PLACES = st.sampled_from(["start>next", "say>done", "menu>key_1", "menu>timeout", ""])
EDITS = st.one_of(
    st.builds(lambda kind, behind: {"op": "add", "type": kind, "behind": behind},
              st.sampled_from(["menu", "play", "hangup", "condition"]), PLACES),
    st.builds(lambda ident: {"op": "duplicate", "id": ident}, IDS),
    st.builds(lambda ident: {"op": "remove", "id": ident}, IDS),
    st.builds(lambda ident, behind: {"op": "move", "id": ident, "behind": behind}, IDS, PLACES),
    st.builds(lambda ident, target: {"op": "ways", "id": ident, "way.done": target, "way.next": target},
              IDS, st.sampled_from(["", "end", "say", "menu"])),
    st.builds(lambda title, values: {"op": "flow", "title": title, "description": "", "variables": values},
              st.text("ab 名", max_size=5), st.sampled_from(["", "vip = true", "n = 1\nname = 王", "wrong"])),
    st.just({"op": "layout"}),
    st.builds(lambda ident, text: {"op": "note", "id": ident, "text": text},
              st.sampled_from(["", "note_1"]), st.text("xy 记", max_size=4)),
    st.just({"op": "note-remove", "id": "note_1"}),
)  # fmt: skip


@pytest.fixture
def outline(app: Flask, store: Store) -> Outline:
    return Outline(app, store)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory, filled: Path) -> Iterator[tuple[Flask, Store]]:
    """One installation for all examples."""
    home = Home(tmp_path_factory.mktemp("drawn"))
    shutil.copytree(filled, home.root, dirs_exist_ok=True)
    store = open_store(home)
    yield create_app(home, store=store, testing=True), store
    store.close()


@settings(max_examples=20)
@given(edits=st.lists(EDITS, min_size=1, max_size=8))
def test_edits_then_as_many_undos_give_the_first_document(
    drawn: tuple[Flask, Store], edits: list[dict[str, str]]
) -> None:
    app, store = drawn
    plugins: Registry = app.extensions["ccc_registry"]

    def draft() -> FlowRecord:
        return drafts.draft(store, SYSTEM, "demo", "hello")

    def turn(*, forward: bool) -> None:
        draft_changes.turn(
            store, SYSTEM, "demo", "hello", revision=draft().revision, token="t", now=utc_now(), forward=forward
        )

    import_flow(store, plugins, SYSTEM, "demo", HELLO)
    states = [draft().document]
    with app.test_request_context():
        for edit in edits:
            try:
                done = operations.run(parse_document(draft().document), MultiDict(edit), plugins, {})
            except CccError:
                continue
            drafts.save_draft(
                store, SYSTEM, "demo", "hello", done.document.as_dict(), revision=draft().revision, token="t",
                shown_name="x", now=utc_now(), change=Change(done.what, done.subject),
            )  # fmt: skip
            if draft().document != states[-1]:
                states.append(draft().document)
    for before in reversed(states[:-1]):
        turn(forward=False)
        assert draft().document == before
    for after in states[1:]:
        turn(forward=True)
        assert draft().document == after
    with pytest.raises(draft_changes.NothingLeftError):
        turn(forward=True)


def test_the_buttons_say_what_they_do_and_survive_a_reload(outline: Outline) -> None:
    assert re.search(r'value="undo"><button[^>]* disabled', outline.page())
    outline.post(op="remove", id="say")
    page = outline.page()
    assert "Remove: Play" in page and not re.search(r'value="undo"><button[^>]* disabled', page)
    answer = outline.post(op="undo")
    assert answer.status_code == 302 and "Undone: Remove: Play" in outline.page()
    assert {node["id"] for node in outline.draft()["nodes"]} == {"start", "say", "end"}
    outline.post(op="note", text="new")  # what was undone cannot be done again after another change
    assert outline.post(op="redo").status_code == 409


def test_undo_from_an_old_page_takes_nothing_back_that_was_not_seen(outline: Outline) -> None:
    seen = outline.revision()
    outline.post(op="flow", title="Neu", description="")
    late = outline.post(op="undo", revision=seen)
    assert late.status_code == 409 and "Somebody else saved" in late.text and outline.draft()["title"] == "Neu"


def test_saves_of_a_page_that_draws_are_one_change_while_they_come_quickly(outline: Outline) -> None:
    first, at = outline.draft(), utc_now()

    def draw(title: str, seconds: float) -> None:
        now = at + datetime.timedelta(seconds=seconds)
        drafts.save_draft(
            outline.store, SYSTEM, "demo", "hello", outline.draft() | {"title": title}, revision=outline.revision(),
            token="page", shown_name="x", now=now,
        )  # fmt: skip

    draw("a", 0)
    draw("b", 1)
    assert [one.what for one in draft_changes.changes(outline.store, SYSTEM, "demo", "hello")] == ["canvas"]
    drafts.release_lock(outline.store, SYSTEM, "demo", "hello", "page")
    outline.post(op="undo")
    assert outline.draft() == first


def test_a_renamed_flow_keeps_its_name_when_older_changes_are_undone(outline: Outline) -> None:
    import_flow(outline.store, load(), SYSTEM, "demo", HELLO | {"name": "spare"})
    path = "/designer/spare/outline"
    now = drafts.draft(outline.store, SYSTEM, "demo", "spare").revision
    outline.post(path, now, op="note", text="x")
    now = drafts.draft(outline.store, SYSTEM, "demo", "spare").revision
    flow_admin.rename_flow(outline.store, load(), SYSTEM, "demo", "spare", "other", "Other", now)
    for _ in range(2):
        now = drafts.draft(outline.store, SYSTEM, "demo", "other").revision
        assert outline.post("/designer/other/outline", now, op="undo").status_code == 302
    draft = drafts.draft(outline.store, SYSTEM, "demo", "other")
    assert (draft.document["name"], draft.document["notes"], draft.title) == ("other", [], "问候")


def test_what_is_kept_is_bounded(outline: Outline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow_changes, "MOST", 5)
    for n in range(8):
        outline.post(op="flow", title=f"t{n}", description="")
    assert len(draft_changes.changes(outline.store, SYSTEM, "demo", "hello")) == 5
    monkeypatch.setattr(flow_changes, "MOST_BYTES", 1)
    outline.post(op="flow", title="last", description="")
    assert len(draft_changes.changes(outline.store, SYSTEM, "demo", "hello")) == 1  # the newest is kept always


def test_duplicate_variables_notes_and_layout(outline: Outline) -> None:
    outline.post(op="duplicate", id="say")
    copy = outline.draft()["nodes"][-1]
    assert copy["id"] == "say_2" and copy["config"]["prompts"][0]["text"] == "您好"
    assert outline.post(op="duplicate", id="start").status_code == 422
    outline.post(op="flow", title="T", description="", variables='vip = true\r\nn = 1.5\r\nname = 王\r\ncode = "7"')
    assert outline.draft()["variables"] == {"vip": True, "n": 1.5, "name": "王", "code": "7"}
    assert html.unescape(outline.page()).count('code = "7"') == 1  # a text that looks like a number keeps its quotes
    wrong = outline.post(op="flow", title="typed", description="", variables="a = 1\nno equals")
    assert wrong.status_code == 422 and "Line 2" in wrong.text and "no equals" in wrong.text and "typed" in wrong.text
    outline.post(op="note", text="记得改")
    (note,) = outline.draft()["notes"]
    outline.post(op="note", id=note["id"], text="改好了")
    assert outline.draft()["notes"][0]["text"] == "改好了" and outline.draft()["notes"][0]["position"]
    outline.post(op="layout")
    places = [node["position"] for node in outline.draft()["nodes"]]
    assert len({tuple(place) for place in places}) == len(places)


def test_test_cases_without_a_script(outline: Outline) -> None:
    made = json.dumps({"steps": [{"hears": "您好"}, {"ends": "normal"}]}, ensure_ascii=False)
    assert outline.post(CASES, op="case", id="", name="hört", case=made).status_code == 302
    assert "All 1 pass" in outline.page(CASES)
    outline.post(CASES, op="case", id="hört", name="hört", case=made.replace("您好", "anderes"))
    assert "1 of 1 fail" in outline.page(CASES)
    broken = outline.post(CASES, op="case", id="", name="neu", case='{"steps": [')
    assert broken.status_code == 422 and "{&#34;steps&#34;: [" in broken.text  # what was typed stays
    assert outline.post(CASES, op="case", id="", name="hört", case=made).status_code == 422  # the name is taken
    refused = outline.post(PUBLISH, message="x")
    assert refused.status_code == 409 and "Publish all the same, because" in refused.text
    assert outline.post(PUBLISH, message="x", override="known").status_code == 302
    assert drafts.draft(outline.store, SYSTEM, "demo", "hello").live_version == 1
    outline.post(CASES, op="case-remove", id="hört")
    assert outline.draft()["tests"] == []


def test_publishing_without_a_script(app: Flask, outline: Outline) -> None:
    outline.post(op="ways", id="start", **{"way.next": ""})
    page = outline.page(PUBLISH)
    assert "cannot be published" in page and 'name="message"' not in page and "#node-start" in page
    assert outline.post(PUBLISH, message="x").status_code == 422
    outline.post(op="undo")
    answer: Any = outline.post(PUBLISH, message="erste")
    assert answer.status_code == 302 and "Version 1 is live" in outline.page()
    supervisor = Outline(app, outline.store, "li")
    assert "outline-publish" not in supervisor.page()
    assert supervisor.client.get(PUBLISH).status_code == 403
