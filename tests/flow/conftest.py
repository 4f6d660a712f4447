"""The node types that come with CCC, loaded once."""

from __future__ import annotations

import pytest

from ccc.loader import Registry, load


@pytest.fixture(scope="session")
def registry() -> Registry:
    found = load(entry_points=False)
    assert found.report.refused == []
    return found
