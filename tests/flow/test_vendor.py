"""The vendor's documents as ours. The files in vendor/ are made from what DOMAIN section 2 documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccc.flow.check import check_flow
from ccc.flow.document import FlowInvalid, dump_document, load_document
from ccc.flow.vendor import Finding, is_vendor, likely, read_vendor
from ccc.loader import Registry
from tests.flow.documents import VALUES

FOLDER = Path(__file__).parent / "foreign"


def vendor(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def test_a_document_of_mapped_modules_is_ready_to_publish(registry: Registry) -> None:
    document, findings = read_vendor(vendor("announcement"), "night", "夜间")
    assert check_flow(document, registry) == []
    assert [(node.type, node.name) for node in document.nodes] == [
        ("start", "来电"),
        ("play", "非工作时间提示"),
        ("hangup", "挂机"),
    ]
    assert document.nodes[1].config == {
        "interruptible": False,
        "prompts": [{"kind": "tts", "text": "您好，现在是非工作时间。"}],
    }
    assert document.nodes[1].position == (280.0, 120.0)
    assert document.description == "非工作时间播放提示后挂机"
    assert {each.name for each in findings} == {"nodeIndex", "events.edgeId"}
    assert {each.fate for each in findings} == {"left-out"}


def test_what_does_not_exist_is_kept_and_named(registry: Registry) -> None:
    document, findings = read_vendor(vendor("unmapped"), "odd")
    told = {(each.what, each.name, each.activity, each.fate) for each in findings}
    assert ("type", "SMART_NAVIGATION", "smart", "kept") in told
    assert ("property", "properties.loudness", "say", "kept") in told
    assert ("event", "interrupted", "say", "kept") in told
    assert ("target", "error", "say", "kept") in told
    assert ("field", "colour", "bye now", "kept") in told
    assert ("id", "bye now", "bye now", "left-out") in told
    assert ("field", "exportedBy", "", "left-out") in told
    smart = document.nodes[2]
    assert (smart.type, smart.config) == ("vendor:SMART_NAVIGATION", {"bot": "b-1"})
    assert "loudness: 3" in document.nodes[1].note and "colour: 'red'" in document.nodes[3].note
    assert document.nodes[1].config["prompts"] == [{"kind": "audio", "name": "welcome-1"}]
    lines = {(edge.source, edge.exit, edge.target) for edge in document.edges}
    assert ("smart", "转人工", "activity-4") in lines and ("say", "interrupted", "smart") in lines
    assert "unknown-type" in {problem.code for problem in check_flow(document, registry)}
    assert load_document(dump_document(document)) == document


@pytest.mark.parametrize(
    "raw", [None, [], {}, {"activities": {}}, {"activities": [5]}, {"activities": [{"id": "x"}]}, {"nodes": []}]
)
def test_what_is_none_of_theirs_is_refused(raw: Any) -> None:
    with pytest.raises(FlowInvalid, match="activit"):
        read_vendor(raw, "x")


KEYS = st.sampled_from(["id", "name", "properties", "events", "nodeIndex", "say", "audioType", "position", "extra"])
ACTIVITIES = st.fixed_dictionaries(
    {"type": st.sampled_from(["INCOMING_CALL", "PLAY_SAY", "HANGUP", "X"])}, optional={"id": VALUES, "events": VALUES}
).flatmap(lambda item: st.dictionaries(KEYS, VALUES, max_size=4).map(lambda more: {**more, **item}))


@given(st.fixed_dictionaries({"activities": st.lists(ACTIVITIES, max_size=4)}, optional={"description": VALUES}))
def test_every_field_ends_in_the_document_or_in_the_list(raw: Any) -> None:
    try:
        document, findings = read_vendor(raw, "any")
    except FlowInvalid as error:  # a value our documents cannot hold, named
        assert error.problems
        return
    assert len(document.nodes) == len(raw["activities"])
    assert all(isinstance(each, Finding) and each.as_dict()["message"] for each in findings)
    listed = {each.name for each in findings}
    for item in raw["activities"]:
        assert "extra" not in item or "extra" in listed


THEIRS = {
    "COLLECT_DIGITS": "collect", "BRANCH": "condition", "TRANSFER_TO_AGENT": "queue",
    "TRANSFER_EXTERNAL": "transfer_external", "SET_VARIABLES": "set_variable", "FUNCTION": "function",
    "VOICEMAIL": "voicemail", "SUBPROCESS": "subflow", "CHECK_BUSINESS_HOURS": "hours", "LAUNCH_SURVEY": "survey",
    "END": "hangup",
}  # fmt: skip
"""Modules the vendor's manual names and whose definition it does not show: the names are made up."""


def test_every_module_of_the_manual_comes_and_says_what_it_is_taken_for(registry: Registry) -> None:
    alone, _ = read_vendor(vendor("modules"), "all")
    unknown = {node.type for node in alone.nodes if node.type not in registry.node_types}
    assert unknown == {f"vendor:{name}" for name in (*THEIRS, "SMART_NAVIGATION")}
    assert {name: likely(f"vendor:{name}") for name in THEIRS} == THEIRS and likely("vendor:SMART_NAVIGATION") == ""
    assert likely("vendor:SEND_MESSAGE") == ""  # no END in it
    types = {f"vendor:{name}": ours for name, ours in THEIRS.items()}
    document, findings = read_vendor(vendor("modules"), "all", types=types, registry=registry)
    nodes = {node.id: node for node in document.nodes}
    assert nodes["a2"].type == "collect" and nodes["a2"].config["prompts"][0]["text"] == "请输入账号，井号结束"
    assert nodes["a8"].config == {"prompts": [{"kind": "tts", "text": "请留言"}]}  # has no setting for interrupting
    assert "audioInterrupt" in nodes["a8"].note and "skg-sales@demo" in nodes["a4"].note
    lines = {(edge.source, edge.exit, edge.target) for edge in document.edges}
    assert {("a2", "ok", "a3"), ("a4", "answered", "a9"), ("a4", "timeout", "a8"), ("a7", "success", "a3")} <= lines
    assert ("a7", "error", "a9") in lines and ("a11", "交互异常", "a9") in lines
    assert len([each for each in findings if each.fate == "mapped"]) == len(THEIRS)
    assert not [each for each in findings if each.activity == "a9" and each.fate == "kept"]  # an end leads nowhere
    said = {(each.name, each.activity) for each in findings}
    for item in vendor("modules")["activities"]:
        for name in item["properties"].keys() - {"position", "say", "audioType", "audioResourceId", "audioInterrupt"}:
            kept = nodes[item["id"]].config.get(name) is not None
            assert kept or (f"properties.{name}", item["id"]) in said, f"{name} of {item['id']} was dropped in silence"


def test_an_answer_of_the_vendors_api_is_read(registry: Registry) -> None:
    text = json.dumps(vendor("announcement"), ensure_ascii=False)
    for wrapped in ({"Data": {"Definition": text, "Type": "MAIN_FLOW"}}, {"Definition": text}):
        assert is_vendor(wrapped) and read_vendor(wrapped, "night")[0] == read_vendor(json.loads(text), "night")[0]
    assert not is_vendor({"name": "ours", "nodes": []}) and not is_vendor("x")
