"""The gallery of flows to begin with."""

from __future__ import annotations

import pytest

from ccc.errors import NotFoundError
from ccc.services.templates import FOLDER, template, templates


def test_the_gallery_has_at_least_eight_in_two_languages() -> None:
    found = templates()
    assert len(found) >= 8 and found[0].name == "welcome"
    for each in found:
        for texts in (each.title, each.description):
            assert set(texts) == {"zh", "en"} and all(texts.values()), each.name
        assert each.nodes == len(template(each.name).nodes) > 2
        assert template(each.name).tests, each.name


def test_every_document_but_the_benchmarks_is_in_the_gallery() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} - {"bench"} == {each.name for each in templates()}


@pytest.mark.parametrize("name", ["nothing", "bench", "../welcome", ""])
def test_what_is_no_template(name: str) -> None:
    with pytest.raises(NotFoundError):
        template(name)
