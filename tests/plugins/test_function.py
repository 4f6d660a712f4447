"""The function node in the test kit: what it sends, what it takes, when it tries again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ccc.api.testkit import ScriptedCall
from tests.plugins.data_nodes import lines, node_type, run

FUNCTION = node_type("function")
URL = "https://crm.test/c"


def ask(config: dict[str, Any], *replies: dict[str, Any], **case: Any) -> tuple[str, ScriptedCall]:
    return run(FUNCTION, {"url": URL, **config}, http=[{"url": f"{URL}*", **reply} for reply in replies], **case)


def test_values_are_taken_and_the_others_get_their_defaults() -> None:
    mapping = [
        {"path": "data.items.1.name", "variable": "name"},
        {"path": "data.none", "variable": "none", "default": '"x" + sys.callee'},
        {"path": "data.null", "variable": "empty"},
        {"path": "", "variable": "all"},
        {"path": "data.items.-1", "variable": "minus", "default": "0"},
    ]
    body = {"data": {"items": [{"name": "a"}, {"name": "王"}], "null": None}}
    way, call = ask({"response": mapping, "status_variable": "status"}, {"body": body, "status": 201})
    assert way == "success"
    expected = {"name": "王", "none": "x4000", "empty": None, "all": body, "minus": 0, "status": 201}
    assert dict(call.variables) == expected


@pytest.mark.parametrize(
    ("reply", "words", "status"),
    [
        ({"status": 404}, "answered 404", 404),
        ({"status": 302}, "answered 302", 302),
        ({"fails": "refused"}, "error: refused", None),
        ({"text": "<html>"}, "not JSON", 200),
        ({"text": '{"a": NaN}'}, "not JSON", 200),
        ({"text": "[" * 100_000}, "not JSON", 200),
        ({"body": {"a": "x" * 8001}}, "more than 8000 characters", 200),
        ({"after_s": 6}, "no answer within 5 s", None),
    ],
)
def test_failures_leave_by_error_with_defaults(reply: dict[str, Any], words: str, status: int | None) -> None:
    mapping = [{"path": "a", "variable": "a", "default": "1"}]
    way, call = ask({"response": mapping, "status_variable": "s"}, reply)
    assert way.startswith("error: ") and words in way
    assert dict(call.variables) == {"a": 1, "s": status}


def test_the_request_is_filled_in_and_cannot_be_broken_out_of() -> None:
    nasty = 'a/../?x=1&y="}\\ 值'
    config = {
        "method": "POST",
        "url": URL + "/${name}?q=${sys.caller}",
        "body": '{"n": "${count}", "t": "a ${name}", "l": ["${list}", 1, null]}',
    }
    way, call = ask(config, {"body": None}, variables={"name": nasty, "count": 3, "list": [1, "b"]})
    assert way == "success"
    verb, url, body = lines(call, "http")[0].split(" ", 2)
    assert (verb, url) == ("POST", f"{URL}/a%2F..%2F%3Fx%3D1%26y%3D%22%7D%5C%20%E5%80%BC?q=13800138000")
    assert json.loads(body) == {"n": 3, "t": f"a {nasty}", "l": [[1, "b"], 1, None]}


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_text_stays_in_its_place(value: str) -> None:
    config = {"method": "POST", "url": URL + "/${v}/end", "body": '{"v": "${v}", "w": 1}'}
    _, call = ask(config, {"body": None}, variables={"v": value})
    _, url, body = lines(call, "http")[0].split(" ", 2)
    assert url.startswith(f"{URL}/") and url.count("/") == 5 and "?" not in url and "#" not in url
    assert json.loads(body) == {"v": value, "w": 1}


def test_a_header_with_a_line_break_is_not_sent() -> None:
    config = {"headers": [{"name": "X-A", "value": "${v}"}]}
    way, call = ask(config, {"body": 1}, variables={"v": "a\r\nEvil: 1"})
    assert "line break" in way and lines(call, "http") == []


def test_it_tries_again_with_growing_pauses() -> None:
    way, call = ask({"retries": 3}, {"fails": "no answer"})
    assert way == "error: no answer"
    assert len(lines(call, "http")) == 4
    assert call.monotonic() == pytest.approx(0.5 + 1 + 2)
    way, call = ask({"retries": 2}, {"status": 503})
    assert "answered 503" in way and len(lines(call, "http")) == 3
    way, call = ask({"retries": 2}, {"status": 500})
    assert len(lines(call, "http")) == 1
    way, call = run(FUNCTION, {"url": URL, "retries": 2})
    assert "no http answer" in way and len(lines(call, "http")) == 1


@pytest.mark.parametrize(
    "config",
    [
        {"url": "ftp://x/"},
        {"url": "${host}/x"},
        {"url": "https://${host}/x"},
        {"url": "https://a${host}.com/x"},
        {"url": "https://user@host/x"},
        {"url": "https:///x"},
        {"url": URL + "/${1 +}"},
        {"body": "{a: 1}"},
        {"body": '{"a": "${"}'},
        {"headers": [{"name": "a b", "value": "x"}]},
        {"headers": [{"name": "a\nb", "value": "x"}]},
        {"method": "TRACE"},
        {"timeout_s": 61},
    ],
)
def test_wrong_settings_are_refused(config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FUNCTION.Config.model_validate({"url": URL, **config})


def test_half_a_surrogate_pair_does_not_reach_the_record() -> None:
    way, call = ask({"response": [{"path": "a", "variable": "a"}]}, {"text": '{"a": "x\\ud800y"}'})
    assert way == "success"
    assert call.variables["a"] == "x?y"
