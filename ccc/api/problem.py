"""A problem found in a flow document, and what a node may ask about the world while it is being checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. ``node`` and ``field`` name the place (field is a dotted path inside the node's config)."""

    severity: Literal["error", "warning"]
    code: str
    message: str
    node: str | None = None
    field: str | None = None

    def as_dict(self) -> dict[str, str | None]:
        return {
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
            "node": self.node,
            "field": self.field,
        }


RefKind = Literal["audio", "skill-group", "flow", "voice", "variable", "table", "trunk", "hours"]


class References(Protocol):
    """Symbolic names known where the flow will run. A name a document uses must be here."""

    def has(self, kind: RefKind, name: str) -> bool: ...
