"""A flow whose test cases fail is published only with a reason, and the reason is kept."""

from __future__ import annotations

import pytest

from ccc.loader import Registry, load
from ccc.services import flows
from ccc.services.actor import SYSTEM
from ccc.services.flow_tests import TestsFailedError, publish_tested
from ccc.store import Store
from ccc.store.repos import audit

DOCUMENT = {
    "format": 1,
    "name": "tested",
    "nodes": [{"id": "start", "type": "start"}, {"id": "end", "type": "hangup"}],
    "edges": [{"from": "start", "exit": "next", "to": "end"}],
    "tests": [
        {"name": "ends", "steps": [{"ends": "normal"}]},
        {"name": "reaches sales", "steps": [{"queue": "sales"}]},
    ],
}


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(entry_points=False)


def test_failing_cases_block_unless_a_reason_is_given(store: Store, registry: Registry) -> None:
    flows.import_flow(store, registry, SYSTEM, "demo", DOCUMENT)
    for override in ("", "   "):
        with pytest.raises(TestsFailedError) as refused:
            publish_tested(store, registry, SYSTEM, "demo", "tested", override=override)
        assert "reaches sales" in refused.value.message
    assert flows.flow_versions(store, SYSTEM, "demo", "tested") == []

    done = publish_tested(store, registry, SYSTEM, "demo", "tested", "first", override="sales moves on Monday")
    assert done.version.message == "first [1 tests fail: sales moves on Monday]"
    with store.read() as session:
        entry = next(each for each in audit.find(session, instance="demo") if each.action == "flow.publish")
    assert (entry.detail["override"], entry.detail["failing"]) == ("sales moves on Monday", ["reaches sales"])


def test_passing_cases_let_it_through(store: Store, registry: Registry) -> None:
    flows.import_flow(store, registry, SYSTEM, "demo", DOCUMENT | {"tests": DOCUMENT["tests"][:1]})  # type: ignore[index]
    assert publish_tested(store, registry, SYSTEM, "demo", "tested", "first").version.message == "first"
