"""Runs the test cases of a flow as it is in the store."""

from __future__ import annotations

from ccc.flow.document import FlowDocument, parse_document
from ccc.flow.testing import FlowTests, test_flow
from ccc.loader import Registry
from ccc.services.actor import Actor
from ccc.services.flows import export_flow
from ccc.store import Store
from ccc.store.repos import flows


def run_tests(
    store: Store, registry: Registry, actor: Actor, instance: str, name: str, version: int | None = None
) -> FlowTests:
    """The test cases of the draft, or of a published version; sub-flows are the live ones, else the drafts."""
    document = export_flow(store, actor, instance, name, version)
    return test_flow(document, registry, others(store, instance) | {name: document})


def others(store: Store, instance: str) -> dict[str, FlowDocument]:
    """The instance's flows as sub-flows of a simulated call: the live versions, else the drafts."""
    with store.read() as session:
        rows = flows.overview(session, instance)
    found = {row.flow.name: (row.live or row.flow).document for row in rows}
    return {name: parse_document(document) for name, document in found.items()}
