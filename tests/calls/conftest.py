"""One running demo for most call tests; those that break things start their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ccc.bus import request
from tests.calls.callers import hang_up_all
from tests.calls.flows import publish_all
from tests.calls.system import System, running

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder carries the mark ``calls``."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.calls)


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """The shared system."""
    with running() as started:
        yield started


@pytest.fixture
def own_system() -> Iterator[System]:
    """A system of this test alone: it may be killed."""
    with running() as started:
        yield started


@pytest.fixture(scope="session")
def flows(system: System) -> System:
    """The shared system with the flows of ``tests/calls/flows.py`` on the air."""
    publish_all(system.home)
    request(system.home.socket("runtime"), {"op": "snapshot"})
    return system


@pytest.fixture(autouse=True)
def _no_caller_stays() -> Iterator[None]:
    yield
    hang_up_all()
