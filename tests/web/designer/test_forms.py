"""The property form of every node type: what the server renders and a browser posts means the same settings again."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from ccc.loader import load
from tests.web.admin.conftest import Htmx, as_user, form_values  # noqa: F401 - a fixture

TYPES = load(entry_points=False).node_types
EXAMPLES = [(name, n) for name, kind in sorted(TYPES.items()) for n in range(len(kind.examples))]
AT = "/designer/hello/panel"


def node_json(kind: str, config: Any) -> str:
    return json.dumps({"id": "n1", "type": kind, "config": config})


def shown(asker: Htmx, kind: str, config: Any) -> str:
    answer = asker.post(AT, {"node": node_json(kind, config)})
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def settings(page: str) -> dict[str, Any]:
    """What the form carries for the page's script."""
    found = re.search(r'data-settings value="([^"]*)"', page)
    assert found is not None
    shape: dict[str, Any] = json.loads(html.unescape(found[1]))
    return shape


@pytest.fixture
def asker(as_user: Callable[[str], Htmx]) -> Htmx:  # noqa: F811
    return as_user("zhao")


def test_every_example_of_every_type_comes_back_as_it_was(asker: Htmx) -> None:
    for name, n in EXAMPLES:
        kind, config = TYPES[name], json.loads(json.dumps(TYPES[name].examples[n], default=str))
        page = shown(asker, name, config)
        answer = asker.post(f"{AT}/read", form_values(page)).json
        assert answer["problems"] == [], (name, n, answer["problems"])
        assert kind.Config.model_validate(answer["config"]) == kind.Config.model_validate(config), (name, n)
        assert answer["face"]["exits"] is not None


def test_what_is_wrong_is_kept_and_told_at_its_field(asker: Htmx) -> None:
    page = shown(asker, "menu", {"prompts": [{"kind": "tts", "text": "x"}], "keys": [{"key": "1"}]})
    form = form_values(page) | {"config.keys.0.key": "nine", "config.timeout_s": "soon"}
    answer = asker.post(f"{AT}/read", form).json
    assert (answer["config"]["keys"][0]["key"], answer["config"]["timeout_s"]) == ("nine", "soon")
    assert {problem["field"] for problem in answer["problems"]} == {"config.keys.0.key", "config.timeout_s"}
    assert answer["face"]["exits"] is None, "the page keeps the exits it knew"
    assert "nine" in shown(asker, "menu", answer["config"])


def test_rows_are_added_moved_and_taken_out(asker: Htmx) -> None:
    page = shown(asker, "menu", {"prompts": [{"kind": "tts", "text": "x"}], "keys": [{"key": "1", "label": "a"}]})
    for op, path, keys in (
        ("add", "config.keys", ["1", "2"]),
        ("add", "config.keys", ["1", "2", "3"]),
        ("up", "config.keys.2", ["1", "3", "2"]),
        ("remove", "config.keys.0", ["3", "2"]),
        ("remove", "config.keys.7", ["3", "2"]),
        ("add", "config.nothing", ["3", "2"]),
    ):
        page = asker.post(f"{AT}/edit", form_values(page) | {"op": op, "path": path}).text
        assert [row["key"] for row in settings(page)["config"]["keys"]] == keys, (op, path)


def test_a_prompt_of_another_kind_begins_anew(asker: Htmx) -> None:
    page = shown(asker, "play", {"prompts": [{"kind": "tts", "text": "x"}]})
    form = form_values(page) | {"config.prompts.0.kind": "silence", "op": "kind", "path": "config.prompts.0"}
    page = asker.post(f"{AT}/edit", form).text
    assert settings(page)["config"]["prompts"][0]["kind"] == "silence"
    assert 'name="config.prompts.0.seconds"' in page


def test_an_unknown_type_is_kept_as_it_is(asker: Htmx) -> None:
    page = shown(asker, "somebody_elses", {"deep": [1, {"x": None}], "<b>": "<script>"})
    assert "<script>" not in page.replace("&lt;script&gt;", "")
    assert settings(page)["config"] == {"deep": [1, {"x": None}], "<b>": "<script>"}
    answer = asker.post(f"{AT}/read", form_values(page)).json
    assert answer["config"] == {"deep": [1, {"x": None}], "<b>": "<script>"}
    broken = asker.post(f"{AT}/read", form_values(page) | {"raw": "{"}).json
    assert broken["config"]["deep"] == [1, {"x": None}]


def test_bad_requests_are_told_what_is_wrong(asker: Htmx) -> None:
    for address, data in ((AT, {}), (AT, {"node": "[]"}), (f"{AT}/read", {"node": "x"}), ("/designer/hello/lock", {})):
        answer = asker.post(address, data)
        assert answer.status_code == 400 and answer.json["message"], address
    for body in ("[]", '{"document": {}}', '{"document": {}, "revision": "1"}'):
        answer = asker.client.post(
            "/designer/hello/draft", data=body, headers=asker.headers, content_type="application/json"
        )
        assert answer.status_code == 400, body
    sent = {"document": {"format": 1, "name": "hello", "nodes": [{"id": 5}]}, "revision": 1, "token": "t"}
    answer = asker.client.post("/designer/hello/draft", json=sent, headers=asker.headers)
    assert answer.status_code == 422 and "node #1 · field id: write a text" in answer.json["message"]
