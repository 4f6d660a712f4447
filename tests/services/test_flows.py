"""Flows: drafts, checks, immutable versions, the snapshot they end up in."""

from __future__ import annotations

import copy

import pytest

from ccc.api.prompt import TextPrompt
from ccc.errors import ConflictError, ForbiddenError, NotFoundError
from ccc.flow.document import FlowInvalid
from ccc.loader import Registry, load
from ccc.prompts.keys import prompt_path
from ccc.services import flows
from ccc.services.actor import SYSTEM, Actor
from ccc.snapshot import load as load_snapshot
from ccc.snapshot import model as snap
from ccc.store import Store
from ccc.store.repos import centre

BOSS = Actor("boss", {"demo": "admin"})
TEXT = "Goodbye and thank you."
FLOW = {
    "format": 1,
    "name": "bye",
    "title": "Bye",
    "language": "en",
    "nodes": [
        {"id": "s", "type": "start"},
        {"id": "p", "type": "play", "config": {"prompts": [{"kind": "tts", "text": TEXT}]}},
        {"id": "h", "type": "hangup"},
    ],
    "edges": [{"from": "s", "exit": "next", "to": "p"}, {"from": "p", "exit": "done", "to": "h"}],
}


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(entry_points=False)


def changed(**more: object) -> dict:
    return {**copy.deepcopy(FLOW), **more}


def test_publish_makes_a_version_renders_its_prompts_and_exports(store: Store, registry: Registry) -> None:
    _, problems = flows.import_flow(store, registry, BOSS, "demo", FLOW)
    assert [problem for problem in problems if problem.severity == "error"] == []
    assert load_snapshot(store.home.snapshot).unpublished == (("demo", "bye"),)
    result = flows.publish_flow(store, registry, BOSS, "demo", "bye", "first")
    assert (result.changed, result.version.version, result.version.author) == (True, 1, "boss")
    assert prompt_path(store.home, TextPrompt(text=TEXT)).stat().st_size > 4000
    exported = load_snapshot(store.home.snapshot)
    assert [(flow.name, flow.version, flow.hash) for flow in exported.flows] == [("bye", 1, result.version.hash)]
    assert exported.unpublished == ()


def test_unchanged_is_a_no_op_and_a_change_is_the_next_version(store: Store, registry: Registry) -> None:
    flows.import_flow(store, registry, BOSS, "demo", FLOW)
    first = flows.publish_flow(store, registry, BOSS, "demo", "bye")
    counter = load_snapshot(store.home.snapshot).counter
    again = flows.publish_flow(store, registry, BOSS, "demo", "bye")
    assert (again.changed, again.version) == (False, first.version)
    assert load_snapshot(store.home.snapshot).counter == counter
    flows.import_flow(store, registry, BOSS, "demo", changed(title="Other"))
    second = flows.publish_flow(store, registry, BOSS, "demo", "bye")
    assert (second.changed, second.version.version) == (True, 2)
    assert flows.export_flow(store, BOSS, "demo", "bye", 1).title == "Bye"
    assert flows.export_flow(store, BOSS, "demo", "bye").title == "Other"
    assert [version.version for version in flows.flow_versions(store, BOSS, "demo", "bye")] == [2, 1]


def test_a_faulty_draft_is_kept_and_not_published(store: Store, registry: Registry) -> None:
    flows.import_flow(store, registry, BOSS, "demo", FLOW)
    flows.publish_flow(store, registry, BOSS, "demo", "bye")
    faulty = changed(nodes=[*FLOW["nodes"], {"id": "q", "type": "no-such-type"}])
    _, problems = flows.import_flow(store, registry, BOSS, "demo", faulty)
    assert any(problem.node == "q" for problem in problems)
    with pytest.raises(FlowInvalid) as caught:
        flows.publish_flow(store, registry, BOSS, "demo", "bye")
    assert "q" in caught.value.message
    assert [flow.version for flow in load_snapshot(store.home.snapshot).flows] == [1]
    with pytest.raises(FlowInvalid):
        flows.import_flow(store, registry, BOSS, "demo", b"{not json")
    assert len(flows.export_flow(store, BOSS, "demo", "bye").nodes) == 4, "the draft before is kept"


def test_references_are_those_of_the_instance(store: Store, registry: Registry) -> None:
    document = changed(
        nodes=[
            {"id": "s", "type": "start"},
            {"id": "p", "type": "queue", "config": {"skill_group": "sales"}},
            {"id": "h", "type": "hangup"},
        ],
        edges=[{"from": "s", "exit": "next", "to": "p"}],
    )
    _, problems = flows.import_flow(store, registry, BOSS, "demo", document)
    assert any("sales" in problem.message and problem.node == "p" for problem in problems)
    with store.write() as session:
        centre.add_skill_group(session, snap.SkillGroup("sales", "demo"))
    left = flows.check_draft(store, registry, BOSS, "demo", "bye")
    assert not any("sales" in problem.message for problem in left)
    voice = changed(
        nodes=[
            {"id": "s", "type": "start"},
            {"id": "p", "type": "play", "config": {"prompts": [{"kind": "tts", "text": "x", "voice": "nobody"}]}},
            {"id": "h", "type": "hangup"},
        ]
    )
    _, problems = flows.import_flow(store, registry, BOSS, "demo", voice)
    assert any("nobody" in problem.message and problem.node == "p" for problem in problems)


def test_a_prompt_that_cannot_be_spoken_names_its_node(store: Store, registry: Registry) -> None:
    silent = Registry(registry.node_types, {}, registry.report)
    flows.import_flow(store, silent, BOSS, "demo", FLOW)
    with pytest.raises(FlowInvalid, match="node p: no TTS engine"):
        flows.publish_flow(store, silent, BOSS, "demo", "bye")
    assert load_snapshot(store.home.snapshot).flows == ()


def test_a_draft_saved_meanwhile_is_not_published_unseen(
    store: Store, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    flows.import_flow(store, registry, BOSS, "demo", FLOW)
    real = flows.render_static

    def somebody_saves(*arguments: object) -> list:
        flows.import_flow(store, registry, SYSTEM, "demo", changed(title="Sneaked in"))
        return real(*arguments)

    monkeypatch.setattr(flows, "render_static", somebody_saves)
    with pytest.raises(ConflictError, match="publish again"):
        flows.publish_flow(store, registry, BOSS, "demo", "bye")
    assert load_snapshot(store.home.snapshot).flows == ()


def test_take_off_the_air(store: Store, registry: Registry) -> None:
    flows.import_flow(store, registry, BOSS, "demo", FLOW)
    flows.publish_flow(store, registry, BOSS, "demo", "bye")
    flows.unpublish_flow(store, BOSS, "demo", "bye")
    exported = load_snapshot(store.home.snapshot)
    assert (exported.flows, exported.unpublished) == ((), (("demo", "bye"),))
    assert flows.publish_flow(store, registry, BOSS, "demo", "bye").version.version == 2


def test_rights_and_names(store: Store, registry: Registry) -> None:
    agent, stranger = Actor("bob", {"demo": "agent"}), Actor("eve", {"other": "admin"})
    with pytest.raises(ForbiddenError):
        flows.import_flow(store, registry, agent, "demo", FLOW)
    with pytest.raises(NotFoundError):
        flows.import_flow(store, registry, stranger, "demo", FLOW)
    with pytest.raises(NotFoundError, match="no instance none"):
        flows.import_flow(store, registry, SYSTEM, "none", FLOW)
    with pytest.raises(NotFoundError, match="no flow 'nix' in 'demo'; there are: none"):
        flows.publish_flow(store, registry, BOSS, "demo", "nix")
    flows.import_flow(store, registry, BOSS, "demo", FLOW)
    with pytest.raises(NotFoundError, match="no version 3"):
        flows.export_flow(store, BOSS, "demo", "bye", 3)
