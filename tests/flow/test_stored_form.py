"""A document survives being stored: what ``as_dict`` writes reads back as the same document, tests included."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccc.flow.document import content_hash, load_document, parse_document

FLOWS = sorted((Path(__file__).parents[2] / "flows").glob("*.json"))


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_as_dict_reads_back(path: Path) -> None:
    document = load_document(path.read_bytes())
    again = parse_document(document.as_dict())
    assert again == document
    assert content_hash(again) == content_hash(document)
