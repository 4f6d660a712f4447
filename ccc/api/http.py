"""A request to somebody else's server, as a node makes it (``CallControl.http``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ccc.api.control import FlowFailed


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One try. ``url`` is complete and encoded; ``timeout_s`` covers everything, redirects included."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    """Sent as UTF-8; ``Content-Type`` is ``application/json`` unless the headers say otherwise."""
    timeout_s: float = 5.0


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back, whatever its status. ``text`` is decoded by the charset the server names (default UTF-8)."""

    status: int
    text: str
    content_type: str = ""


class HttpFailed(FlowFailed):
    """There is no answer: refused by the guard, not reachable, too slow, too large. ``retry``: may work next time."""

    code = "http-failed"

    def __init__(self, message: str, *, retry: bool) -> None:
        super().__init__(message)
        self.retry = retry
