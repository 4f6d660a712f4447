"""``${...}`` in prompts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.api import FlowFailed
from ccc.api.expr import ExprError, parse_template, render

VARIABLES = {"balance": 128.50, "whole": 3.0, "name": "张三", "row": {"x": 1}, "no": None, "third": 1 / 3}


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("您好", "您好"),
        ("${name}，余额${balance}元", "张三，余额128.5元"),
        ("${whole} ${third} ${0.1 + 0.2}", "3 0.3333333333 0.3"),
        ("${no}|${missing}", "|"),
        ("$5 $$5 $$${name}", "$5 $5 $张三"),
        ('${row.x}${"}"}${\'"}\'}', '1}"}'),
        ("${ fixed(balance, 2) }", "128.50"),
        ("${1}${2}", "12"),
        ("", ""),
        ("$", "$"),
        ("${[1, 2, 3]}", "1, 2, 3"),
    ],
)
def test_render(text: str, spoken: str) -> None:
    assert render(text, VARIABLES, {}) == spoken


@pytest.mark.parametrize("text", ["${", "${name", "${}", "a ${1 +} b", '${"}', "${${name}}"])
def test_a_broken_template_is_refused(text: str) -> None:
    with pytest.raises(ExprError):
        parse_template(text)


def test_static_texts_are_known() -> None:
    assert parse_template("您好 $5").static
    assert not parse_template("${name}").static
    assert [item.source for item in parse_template("${a} ${b + 1}").expressions()] == ["a", "b + 1"]


@settings(max_examples=500)
@given(st.text(max_size=60))
def test_text_without_dollar_is_itself(text: str) -> None:
    plain = text.replace("$", "")
    assert render(plain, {}, {}) == plain


@settings(max_examples=500)
@given(st.text(max_size=60))
def test_an_escaped_text_comes_out_as_written(text: str) -> None:
    assert render(text.replace("$", "$$"), {}, {}) == text


@settings(max_examples=500)
@given(st.text(alphabet="${}\"'\\ab1+. ", max_size=40))
def test_any_text_renders_or_is_refused(text: str) -> None:
    try:
        render(text, {"a": 1, "b": "x"}, {})
    except FlowFailed as error:
        assert "cannot be filled in" in error.message
