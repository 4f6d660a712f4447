"""Screen pop: templates that can only lead where the administrator said."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccc.errors import InvalidError, StaleError
from ccc.services import instances, screen_pop
from ccc.services.actor import Actor
from ccc.store import Store

BOSS = Actor("boss", {"demo": "admin"}, account="acme")


@pytest.mark.parametrize(
    "text",
    [
        "https://crm.example/c?tel=${caller}&q=${skill_group}", "http://10.0.0.5:8080/${caller}",
        "https://crm.example", "https://crm.example/#/kunde/${caller}", "https://客户.example/?n=${callee}",
    ],
)  # fmt: skip
def test_good(text: str) -> None:
    assert screen_pop.check_template(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "", "javascript:alert(1)", "data:text/html,x", "//crm.example/", "crm.example", "https://${caller}/",
        "https://a.${caller}.example/", "https://crm.example${caller}", "${caller}", "https:///x", "https://u:p@h/",
        "https://h/${phone}", "https://h/${caller", "https://h/a b", "https://h/\n", "https://h:99999/", "ftp://h/",
        "https://h\\@evil/", "https://h/" + "x" * 1000,
    ],
)  # fmt: skip
def test_refused(text: str) -> None:
    with pytest.raises(InvalidError) as refused:
        screen_pop.check_template(text)
    assert refused.value.field == "pop_url"


@given(st.dictionaries(st.sampled_from(screen_pop.VARIABLES), st.text(max_size=30)))
def test_values_never_change_the_address(values: dict[str, str]) -> None:
    template = "https://crm.example/p?" + "&".join(f"{name}=${{{name}}}" for name in screen_pop.VARIABLES)
    found = urlsplit(screen_pop.fill(template, {k: v.encode("utf-8", "replace").decode() for k, v in values.items()}))
    assert (found.scheme, found.netloc, found.path, found.fragment) == ("https", "crm.example", "/p", "")
    assert set(parse_qs(found.query, keep_blank_values=True)) == set(screen_pop.VARIABLES)


def test_saved_with_the_instance(store: Store) -> None:
    old = instances.get_instance(store, BOSS, "demo")
    wanted = replace(old, title="Demo", pop_url="https://crm.example/?t=${caller}", pop_when="ring")
    saved = instances.change_settings(store, BOSS, wanted, old.revision)
    assert (saved.pop_url, saved.pop_when, saved.pop_where) == ("https://crm.example/?t=${caller}", "ring", "tab")
    with pytest.raises(StaleError):
        instances.change_settings(store, BOSS, wanted, old.revision)
    for wrong in ({"pop_url": "javascript:x"}, {"pop_url": ""}, {"pop_when": "never"}):
        with pytest.raises(InvalidError):
            instances.change_settings(store, BOSS, replace(wanted, **wrong), saved.revision)  # type: ignore[arg-type]
