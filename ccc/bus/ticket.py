"""One-time tickets for WebSockets: made by the web process, verified by the runtime with a key in ``instance/``."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass

from ccc.errors import ForbiddenError

LIFETIME_S = 30.0
KEY = "ticket.key"
"""Name of the secret in ``instance/secrets`` that web and runtime share."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who may connect, to what. ``scope`` is ``agent``, ``live`` or ``call``."""

    user: str
    instance: str
    role: str
    scope: str
    expires_at: float
    nonce: str
    subject: str = ""
    """What it is about, where the scope alone does not say: of a test call ``number:4001`` or ``draft:<id>``."""
    session: str = ""
    """The sign-in of the browser that asked: the page closes when it ends."""


def issue(
    key: bytes, *, user: str, instance: str, role: str, scope: str, now: float, subject: str = "", session: str = ""
) -> str:
    """A signed ticket valid for 30 s after ``now`` (epoch seconds)."""
    ticket = Ticket(user, instance, role, scope, now + LIFETIME_S, secrets.token_hex(16), subject, session)
    body = base64.urlsafe_b64encode(json.dumps(asdict(ticket)).encode()).rstrip(b"=")
    return f"{body.decode()}.{_sign(key, body)}"


def _sign(key: bytes, body: bytes) -> str:
    return hmac.new(key, body, hashlib.sha256).hexdigest()


class Gate:
    """Verifies tickets and remembers used ones until they expire."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._used: dict[str, float] = {}

    def admit(self, text: str, scope: str, now: float) -> Ticket:
        """The ticket, once. ForbiddenError when forged, expired, used before or for another scope."""
        body, _, signature = text.partition(".")
        if not text.isascii() or not hmac.compare_digest(signature, _sign(self._key, body.encode())):
            raise ForbiddenError("the ticket is not valid; reload the page")
        padded = body + "=" * (-len(body) % 4)
        ticket = Ticket(**json.loads(base64.urlsafe_b64decode(padded)))
        self._used = {nonce: until for nonce, until in self._used.items() if until > now}
        if ticket.expires_at <= now or ticket.nonce in self._used or ticket.scope != scope:
            raise ForbiddenError("the ticket has expired; reload the page")
        self._used[ticket.nonce] = ticket.expires_at
        return ticket
