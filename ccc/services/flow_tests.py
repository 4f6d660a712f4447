"""Runs the test cases of a flow as it is in the store, and lets only a flow that passes them be published."""

from __future__ import annotations

from ccc.errors import ConflictError, say
from ccc.flow.document import FlowDocument, parse_document
from ccc.flow.testing import FlowTests, test_flow
from ccc.loader import Registry
from ccc.services.actor import Actor
from ccc.services.flows import Published, draft_of, export_flow, store_version
from ccc.services.revisions import require_unchanged
from ccc.store import Store
from ccc.store.repos import flows

_NAMED = 5


class TestsFailedError(ConflictError):
    """Test cases of the draft fail, and nobody said why it may be published all the same."""

    __test__ = False
    code = "tests-failed"


def run_tests(
    store: Store, registry: Registry, actor: Actor, instance: str, name: str, version: int | None = None
) -> FlowTests:
    """The test cases of the draft, or of a published version; sub-flows are the live ones, else the drafts."""
    document = export_flow(store, actor, instance, name, version)
    return test_flow(document, registry, others(store, instance) | {name: document})


def publish_tested(
    store: Store, registry: Registry, actor: Actor, instance: str, name: str, message: str = "", *,
    override: str = "", revision: int | None = None,
) -> Published:  # fmt: skip
    """As :func:`ccc.services.flows.publish_flow`, after the draft's test cases.

    TestsFailedError names those that fail, unless ``override`` says why it is published all the same: that is kept in
    the version's message and in the log. StaleError when the draft is no longer at ``revision``.
    """
    actor.require(instance, "admin")
    draft = draft_of(store, instance, name)
    if revision is not None:
        require_unchanged(draft.revision, revision)
    document = parse_document(draft.document)
    failing = require_tested(store, registry, instance, name, document, override)
    if not failing:
        return store_version(store, registry, actor, draft, document, message)
    reason = override.strip()
    said = f"{message} [{len(failing)} tests fail: {reason}]".strip()
    return store_version(store, registry, actor, draft, document, said, override=reason, failing=failing)


def require_tested(
    store: Store, registry: Registry, instance: str, name: str, document: FlowDocument, override: str = ""
) -> list[str]:
    """The names of the test cases that fail; TestsFailedError when some do and ``override`` gives no reason."""
    suite = test_flow(document, registry, others(store, instance) | {name: document})
    failing = [result.case.name for result in suite.results if result.failure is not None]
    if failing and not override.strip():  # one that does not even compile is refused by the check
        raise TestsFailedError(
            say("Test cases fail: %(names)s. Mend the flow or the test case, or say why it is published all the same."),
            field="override",
            values={"names": ", ".join(failing[:_NAMED]) + (" ..." if len(failing) > _NAMED else "")},
        )
    return failing


def others(store: Store, instance: str) -> dict[str, FlowDocument]:
    """The instance's flows as sub-flows of a simulated call: the live versions, else the drafts."""
    with store.read() as session:
        rows = flows.overview(session, instance)
    found = {row.flow.name: (row.live or row.flow).document for row in rows}
    return {name: parse_document(document) for name, document in found.items()}
