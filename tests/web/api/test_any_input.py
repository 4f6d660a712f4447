"""Whatever JSON comes, in bodies, queries and headers: an answer of ours, never a 500."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.flow.documents import RAW, VALUES
from tests.web.api.conftest import Api
from tests.web.api.operations import Operation, operations

BODIES = VALUES | RAW | st.fixed_dictionaries({"kind": st.just("ccc-flows"), "format": VALUES, "flows": VALUES})
BODIES |= st.fixed_dictionaries({"activities": st.lists(VALUES, max_size=3)}) | st.fixed_dictionaries(
    {"version": VALUES}
)
TEXTS = st.text(max_size=20)
HEADERS = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12)
quick = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def found(app: Flask) -> list[Operation]:
    """Every operation; the key's limit is out of the way."""
    throttle = app.extensions["ccc_api"].extensions["ccc_throttle"]
    throttle.per_key = type(throttle.per_key)(10**9, 1)
    return operations(app)


@quick
@given(body=BODIES, tag=HEADERS)
def test_any_body(found: list[Operation], speak: Callable[[str], Api], body: Any, tag: str) -> None:
    for each in found:
        if each.takes_body and each.id != "publishFlow":
            answer = speak("zhao").ask(each.method, each.address(), json=body, if_match=tag)
            assert answer.status_code < 500, (each.id, body, answer.text)


@settings(quick, max_examples=5)
@given(values=st.dictionaries(TEXTS, TEXTS, max_size=3), thing=TEXTS)
def test_any_query_and_name(
    found: list[Operation], speak: Callable[[str], Api], values: dict[str, str], thing: str
) -> None:
    for each in found:
        known = dict(zip(sorted(each.parameters), values.values(), strict=False))
        for query in (values, known):
            address = each.path.format_map(_Same(thing)) + "?" + urlencode(query, errors="replace")
            answer = speak("li").ask(each.method, address, json={} if each.takes_body else None)
            assert answer.status_code < 500, (each.id, address, answer.text)


class _Same(dict[str, str]):
    """Every name is the same text, made fit for an address."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = urlencode({"": text}, errors="replace")[1:]

    def __missing__(self, key: str) -> str:
        return self.text
