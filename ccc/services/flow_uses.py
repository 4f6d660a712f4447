"""Where an instance's flows use a thing: shown beside it, and asked before it is taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from ccc.flow.uses import users_of
from ccc.loader import Registry
from ccc.store.repos import flows


@dataclass(frozen=True, slots=True)
class Use:
    """A node that uses it; ``version`` None is the draft, else the live version."""

    flow: str
    title: str
    node: str
    version: int | None = None

    def __str__(self) -> str:
        which = "draft" if self.version is None else f"live version {self.version}"
        return f"flow {self.flow} ({which}), node {self.node}"


@dataclass(frozen=True, slots=True)
class Text:
    """What a flow says: its draft (``version`` None) or the version on the air."""

    flow: str
    title: str
    version: int | None
    document: Mapping[str, Any]


def texts(session: Session, instance: str) -> list[Text]:
    """Drafts and live versions of the instance, read at once: a list of many things looks through the same ones."""
    found = []
    for row in flows.overview(session, instance):
        flow, title = row.flow.name, row.flow.title or row.flow.name
        found.append(Text(flow, title, None, row.flow.document))
        if row.live is not None:
            found.append(Text(flow, title, row.live.version, row.live.document))
    return found


def uses_in(found: Sequence[Text], registry: Registry, kind: str, name: str) -> tuple[Use, ...]:
    """The nodes in these texts that use the ``kind`` (``audio``, ``table``, ...) of that name."""
    return tuple(
        Use(text.flow, text.title, node, text.version)
        for text in found
        if not (kind == "table" and name in text.document.get("tables", {}))  # the flow's own of that name
        for node in users_of(text.document, registry, kind, name)
    )


def uses(session: Session, registry: Registry, instance: str, kind: str, name: str) -> tuple[Use, ...]:
    """The nodes of the instance's drafts and live versions that use it."""
    return uses_in(texts(session, instance), registry, kind, name)
