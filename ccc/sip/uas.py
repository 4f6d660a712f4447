"""A call that came in: INVITE to 200 and its ACK, CANCEL races (RFC 3261 13.3, 9.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ccc.sip import build
from ccc.sip.address import parse_name_addr, parse_uri, readable, split_list, user_of
from ccc.sip.dialog import Dialog
from ccc.sip.errors import MalformedError
from ccc.sip.login import Login
from ccc.sip.message import Hop, Request
from ccc.sip.reinvite import contact_lines
from ccc.sip.sdp import Offer
from ccc.sip.session import Session
from ccc.sip.timers import Timer
from ccc.sip.transactions import InviteServer
from ccc.snapshot.model import Trunk

if TYPE_CHECKING:
    from ccc.sip.ua import UserAgent

KEEP_RINGING_S = 60.0
"""A provisional answer is repeated so that proxies on the way do not give up (13.3.1.1)."""


class Party(NamedTuple):
    """Who a header names: user part of the URI (no telephone parameters), display name, the URI."""

    user: str = ""
    display: str = ""
    uri: str = ""


NOBODY = Party()


def party(value: str) -> Party:
    """Read a From, To, P-Asserted-Identity or Diversion value. Raises MalformedError."""
    address = parse_name_addr(value)
    return Party(_shown(readable(user_of(address.uri))), _shown(address.display), address.uri)


def _shown(text: str) -> str:
    """Escapes in a URI may stand for line ends and worse: those never reach logs, records or our own headers."""
    return text if text.isprintable() else "".join([char if char.isprintable() else "?" for char in text])


def optional_party(request: Request, header: str) -> Party:
    """The first value of a header that may be absent; one that cannot be read counts as absent."""
    values = request.headers.get(header)
    if not values:
        return NOBODY
    try:
        return party(split_list(values)[0])
    except (MalformedError, IndexError):
        return NOBODY


class Asked:
    """What an INVITE says that no session is made for; '' for what is absent or cannot be read."""

    __slots__ = ("_request",)

    def __init__(self, request: Request) -> None:
        self._request = request

    from_user = property(lambda self: optional_party(self._request, "from").user)
    to_user = property(lambda self: optional_party(self._request, "to").user)
    pai_user = property(lambda self: optional_party(self._request, "p-asserted-identity").user)
    diversion_user = property(lambda self: optional_party(self._request, "diversion").user)

    @property
    def request_user(self) -> str:
        """The user part of the Request-URI."""
        try:
            return _shown(readable(user_of(self._request.uri)))
        except MalformedError:
            return ""


class ServerSession(Session):
    """States: incoming -> ringing -> confirmed -> ending -> ended."""

    def __init__(
        self, ua: UserAgent, request: Request, transaction: InviteServer, source: Hop, contact: tuple[str, int]
    ) -> None:
        """Raises MalformedError when From, To, Contact or the Request-URI cannot be read."""
        super().__init__(ua, request.call_id, source, Login(None, ua.token))
        parse_uri(request.uri)
        self.from_ = party(request.headers["from"][0])
        self.to = party(request.headers["to"][0])
        self.dialog = Dialog.from_request(request, ua.token(), contact, source)
        self.request: Request | None = request
        """The INVITE while it is unanswered."""
        self.request_uri = request.uri
        self.pai = optional_party(request, "p-asserted-identity")
        self.diversion = optional_party(request, "diversion")
        self.trunk: Trunk | None = None
        self.state = "incoming"
        self._transaction = transaction
        self._head = build.echo_head(request, source, self.dialog.local_tag)
        self._cseq = request.cseq
        self._again: Timer | None = None

    from_user = property(lambda self: self.from_.user)
    from_display = property(lambda self: self.from_.display)
    to_user = property(lambda self: self.to.user)
    to_display = property(lambda self: self.to.display)
    pai_user = property(lambda self: self.pai.user)
    pai_display = property(lambda self: self.pai.display)
    diversion_user = property(lambda self: self.diversion.user)
    diversion_display = property(lambda self: self.diversion.display)

    @property
    def request_user(self) -> str:
        """The user part of the Request-URI."""
        return _shown(readable(user_of(self.request_uri)))

    @property
    def trunk_id(self) -> str:
        """The trunk it came on."""
        return self.trunk.id if self.trunk is not None else ""

    def ring(self, status: int = 180, sdp: bytes = b"") -> None:
        """Send 180 (or 181-183, with early media 183 and ``sdp``). States: incoming, ringing."""
        self.require("ring", "incoming", "ringing")
        self.ua.tick()
        self._ring(status, sdp)
        self.ua.flush()

    def answer(self, sdp: bytes) -> None:
        """Send 200 with ``sdp``: the answer, or our offer when ``offer`` is None. States: incoming, ringing."""
        self.require("answer", "incoming", "ringing")
        ua = self.ua
        ua.tick()
        assert self.dialog is not None
        self._close_invite()
        self.state = "confirmed"
        self.local_sdp = sdp
        extra = contact_lines(self.dialog) + self._record_routes() + "Supported:\r\n"
        data = build.response(200, "OK", self._head, extra, sdp)
        self._transaction.respond(200, data)
        self.ok_sent(self._cseq, data, self._transaction.hop, offered=self.offer is None)
        self._head = ""
        self.request = None
        ua.flush()

    def reject(self, status: int, reason: str = "", headers: build.Headers = ()) -> None:
        """Refuse with 300-699. States: incoming, ringing. ``on_end("rejected")`` runs before this returns."""
        self.require("reject", "incoming", "ringing")
        self.ua.tick()
        self._refuse(status, reason, build.lines(headers))
        self.end("rejected")
        self.ua.flush()

    def cancelled(self) -> None:
        """The caller sent CANCEL (or BYE) before our answer: 487 (9.2)."""
        self._refuse(487, "", "")
        self.state = "ending"
        self.fire(self.on_cancel)
        self.end("cancelled")

    def _refuse(self, status: int, reason: str, extra: str) -> None:
        self._close_invite()
        data = build.response(status, build.one_line(reason) or build.REASONS.get(status, "Refused"), self._head, extra)
        self._transaction.respond(status, data)

    def _ring(self, status: int, sdp: bytes) -> None:
        assert self.dialog is not None
        self.state = "ringing"
        extra = contact_lines(self.dialog) + self._record_routes()
        data = build.response(status, build.REASONS.get(status, "Progress"), self._head, extra, sdp)
        self._transaction.respond(status, data)
        if self._again is not None:
            self._again.cancel()
        wire = self.ua.wire
        self._again = wire.timers.at(wire.now + KEEP_RINGING_S, lambda: self._ring(status, sdp))

    def _close_invite(self) -> None:
        if self._again is not None:
            self._again.cancel()
            self._again = None

    def _record_routes(self) -> str:
        assert self.dialog is not None
        return "".join([f"Record-Route: {route}\r\n" for route in self.dialog.route_set])

    def unanswered(self) -> bool:
        """Whether CANCEL still has an effect."""
        return self.state in ("incoming", "ringing")

    def end(self, cause: str) -> None:
        """Drop the INVITE with the session."""
        self._close_invite()
        self.request = None
        super().end(cause)


__all__ = ["NOBODY", "Asked", "Offer", "Party", "ServerSession", "party"]
