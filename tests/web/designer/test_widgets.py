"""What inputs of the property panel ask the server: a node tried, an audio added, a week, examples and their limits."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from ccc.api import SYSTEM_VARIABLES, ExprError, Expression, Problem
from ccc.api.expr import FUNCTIONS, parse_template
from ccc.fetch.guard import parse_allowed
from ccc.loader import load
from ccc.services.attempts import MASK, masked_body, masked_url
from ccc.store import Store
from ccc.store.repos import audit
from ccc.web.designer import week
from ccc.web.designer.schema import schema_of
from ccc.web.designer.widgets.vocabulary import BUILT_IN, MEANINGS
from ccc.web.formula_words import SHAPES, place_of
from ccc.web.problems import in_words
from tests.web.admin.conftest import Htmx, as_user, form_values  # noqa: F401 - a fixture

PANEL, TRY = "/designer/hello/panel", "/designer/hello/try"


class Answering(BaseHTTPRequestHandler):
    """A server that says what it was asked, and a token that is nobody's business."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps({"level": "<b>vip</b>", "asked": asked, "access_token": "s3cret-in-the-answer"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[str]:
    running = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_address[1]}"
    running.shutdown()
    running.server_close()


def form(asker: Htmx, url: str) -> dict[str, Any]:
    config = {
        "method": "POST",
        "url": f"{url}/customers?phone=${{sys.caller}}&token=s3cret-in-the-address",
        "headers": [{"name": "Authorization", "value": "Bearer s3cret-in-a-header"}],
        "body": '{"id": "${account}", "password": "s3cret-in-the-body"}',
        "response": [{"path": "level", "variable": "level"}, {"path": "asked.id", "variable": "id"}],
    }
    page = asker.post(PANEL, {"node": json.dumps({"id": "n1", "type": "function", "config": config})}).text
    return form_values(page)


def test_a_request_is_tried_with_examples(
    app: Flask,
    store: Store,
    as_user: Callable[[str], Htmx],  # noqa: F811
    server: str,
) -> None:
    asker = as_user("zhao")
    filled = form(asker, server)
    asked = asker.post(TRY, filled).text
    assert 'name="try.account"' in asked and 'name="try.sys.caller" value="13800138000"' in asked
    values = filled | {"try.account": "0042", "try.sys.caller": "10086"}
    refused = asker.post(f"{TRY}/send", values).text
    assert "not a public address" in refused and "No answer" in refused

    app.extensions["ccc_http_allow"] = parse_allowed("127.0.0.1")
    done = asker.post(f"{TRY}/send", values).text
    assert "200" in done and "&lt;b&gt;vip&lt;/b&gt;" in done and "<b>vip" not in done
    assert "&#34;0042&#34;" in done, "keyed digits stay a text"
    assert "s3cret" not in done and MASK in done and "by the exit Success" in done
    kept = asker.post(f"{PANEL}/edit", values | {"op": "add", "path": "config.response"}).text
    assert 'name="try.account" value="0042"' in kept, "what was typed is not lost when a row is added"
    with store.read() as session:
        entries = [entry for entry in audit.find(session) if entry.action == "flow.try"]
    assert len(entries) == 2 and "s3cret" not in json.dumps(entries[0].detail)
    assert entries[0].detail["requests"] == [f"POST {server}/customers 200"]


def test_who_may_try_and_how_often(as_user: Callable[[str], Htmx], server: str) -> None:  # noqa: F811
    supervisor = as_user("li")
    filled = form(supervisor, server)
    assert supervisor.post(f"{TRY}/send", filled).status_code == 403
    assert "data-sound-add" not in supervisor.post(PANEL, {"node": filled["node"]}).text
    admin = as_user("zhao")
    wrong = admin.post(TRY, filled | {"config.url": "crm"}).text
    assert "Mend the settings" in wrong and "Send the request" not in wrong
    play = json.dumps({"id": "n1", "type": "play", "config": {"prompts": [{"kind": "tts", "text": "x"}]}})
    assert "nothing that could be tried" in admin.post(f"{TRY}/send", {"node": play}).text
    answers = [admin.post(f"{TRY}/send", {"node": play}).status_code for _ in range(20)]
    assert answers[-1] == 429 and answers[0] == 200


def test_secrets_are_masked() -> None:
    assert masked_url("https://u:p@a.test/x?api_key=1&id=2") == f"https://a.test/x?api_key={MASK}&id=2"
    assert json.loads(masked_body('{"a": [{"clientSecret": "x", "n": 1}]}')) == {"a": [{"clientSecret": MASK, "n": 1}]}
    assert masked_body("no json") == "no json"


TIMES = st.integers(0, 23 * 60).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
LINES = st.builds(
    lambda days, start, end: {"days": sorted(days), "start": start, "end": end},
    st.sets(st.integers(1, 7), min_size=1), TIMES, st.one_of(st.just("24:00"), TIMES),
).filter(lambda line: line["start"] != line["end"])  # fmt: skip


@given(st.lists(LINES, max_size=6))
def test_a_week_means_the_same_after_texts_and_back(hours: list[dict[str, Any]]) -> None:
    shown = week.texts(hours)
    assert week.texts(week.rows(shown)) == [" ".join(dict.fromkeys(day.split())) for day in shown]
    assert week.rows(shown, hours) is hours


@given(st.lists(st.text(max_size=12), min_size=7, max_size=7))
def test_no_text_of_a_week_is_lost(days: list[str]) -> None:
    back = week.texts(week.rows(days))
    for typed, kept in zip(days, back, strict=True):
        assert not typed.strip() or kept or not typed.translate(str.maketrans("", "", ",;，；、 \t\n\r")).strip()


def test_completion_explains_the_whole_language() -> None:
    """Every function and system variable has an explanation that can be translated, and no other is kept."""
    said = {one.help for one in FUNCTIONS.values()} | {meaning for _, meaning, _ in SYSTEM_VARIABLES.values()}
    assert said | {meaning for _, _, meaning in BUILT_IN} == MEANINGS


@pytest.mark.parametrize(
    ("formula", "place", "chinese"),
    [
        ("balance >! 100", (10, ""), "第 10 个字符处不应出现 `!`：请写 `not`"),
        ("len(", (5, ""), "公式在第 5 个字符处不完整"),
        ("sum(1)", (1, ""), "第 1 个字符处的函数 sum() 不存在"),
        ("余额${a b}元", (3, "a b"), "第 3 个字符处不应出现 `b`（公式 `a b`）"),
        ("余额${a", (3, ""), "第 3 个字符处的 ${ 缺少 }"),
    ],
)
def test_a_mistake_in_a_formula_names_its_place(app: Flask, formula: str, place: tuple[int, str], chinese: str) -> None:
    with pytest.raises(ExprError) as refused:
        parse_template(formula) if "$" in formula else Expression(formula)
    assert place_of(refused.value.message) == place
    with app.test_request_context(), force_locale("zh"):
        assert in_words(Problem("error", "config", refused.value.message)).startswith(chinese)


def test_every_pattern_of_a_node_says_what_to_write() -> None:
    schemas = json.dumps([schema_of(kind.Config) for kind in load(entry_points=False).node_types.values()])
    found = {json.loads(f'"{one}"') for one in re.findall(r'"pattern": "((?:[^"\\]|\\.)*)"', schemas)}
    assert found == set(SHAPES)
