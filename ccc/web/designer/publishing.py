"""What publishing a draft would do: its problems, the numbers and flows that lead to it, the calls in it now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ccc.flow.document import FlowDocument, content_hash, parse_document
from ccc.loader import Registry
from ccc.services import drafts, flow_admin, rehearsals
from ccc.services.actor import Actor
from ccc.services.flow_admin import FlowItem
from ccc.store import Store
from ccc.web.designer.case_words import result_view
from ccc.web.designer.problems import listed


@dataclass(frozen=True, slots=True)
class About:
    """``calls`` None: the telephone side does not answer, so nobody knows."""

    flow: FlowItem
    errors: list[dict[str, Any]]
    warnings: list[dict[str, Any]]
    calls: int | None
    same: bool
    """The live version says the same: there is nothing to publish."""
    failing: list[dict[str, Any]]
    """Test cases that fail, as ``result_view`` has them."""
    names: dict[str, str]
    """Node id -> what people call the node."""


def about(store: Store, registry: Registry, actor: Actor, instance: str, name: str) -> About:
    """What the dialog tells. NotFoundError when there is no such flow."""
    item = flow_admin.flow_item(store, registry, actor, instance, name)
    document = parse_document(drafts.draft(store, actor, instance, name).document)
    problems = listed(drafts.check_document(store, registry, actor, instance, document), document, registry)
    same = False
    if item.live_version is not None:
        live = flow_admin.version_of(store, actor, instance, name, item.live_version)
        same = live.hash == content_hash(document)
    return About(
        flow=item,
        errors=[one for one in problems if one["severity"] == "error"],
        warnings=[one for one in problems if one["severity"] == "warning"],
        calls=drafts.calls_in(store, actor, instance, name),
        same=same,
        failing=_failing(store, registry, actor, instance, document),
        names={node.id: node.name or node.id for node in document.nodes},
    )


def _failing(
    store: Store, registry: Registry, actor: Actor, instance: str, document: FlowDocument
) -> list[dict[str, Any]]:
    done = rehearsals.run_cases(store, registry, actor, instance, document)
    return [result_view(result, document, registry) for result in done.results if result.failure is not None]
