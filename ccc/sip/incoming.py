"""Requests that come in: the transaction, dialog or new call they belong to; refusals (RFC 3261 8.2, 9, 12)."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from ccc.sip import build
from ccc.sip.admission import Accept, Drop, Refuse
from ccc.sip.dialog import key_of
from ccc.sip.errors import MalformedError, SdpError, SipError
from ccc.sip.message import Hop, Request
from ccc.sip.multipart import sdp_part
from ccc.sip.transactions import InviteServer, ServerTransaction, server_key
from ccc.sip.uas import Asked, ServerSession
from ccc.snapshot.model import Trunk

if TYPE_CHECKING:
    from ccc.sip.ua import Handler, UserAgent

log = logging.getLogger(__name__)
Contact = Callable[[Hop, Trunk | None], tuple[str, int]]
"""Our own (host, port) as a peer at this hop or trunk must see it."""
MAX_REFUSED = 1000
"""INVITEs refused without a transaction whose repetitions are still known."""


class Incoming:
    """The server half of a user agent."""

    def __init__(self, ua: UserAgent, handler: Handler, contact: Contact) -> None:
        self._ua = ua
        self._handler = handler
        self._contact = contact
        self._secret = secrets.token_bytes(16)
        self._refused: dict[str, None] = {}

    def malformed(self, error: MalformedError, source: Hop) -> None:
        request = error.request
        if request is None or request.method == "ACK" or self._ua.admission.dropped(source.host, self._ua.wire.now):
            return
        status = 505 if error.code == "sip-version" else 400
        self._stateless(request, source, status, build.one_line(error.message) if status == 400 else "")

    def request(self, request: Request, source: Hop) -> None:
        method = request.method
        if method == "ACK":
            self._ack(request)
            return
        key = server_key(request, method)
        transaction = self._ua.wire.servers.get(key)
        if transaction is not None:
            transaction.retransmitted()
        elif method == "CANCEL":
            self._cancel(request, key, source)
        elif request.to_tag:
            self._in_dialog(request, key, source)
        else:
            self._outside(request, key, source)

    def _ack(self, request: Request) -> None:
        transaction = self._ua.wire.servers.get(server_key(request, "INVITE"))
        if isinstance(transaction, InviteServer) and transaction.acknowledged():
            return
        session = self._ua.sessions.get(key_of(request.call_id, request.to_tag, request.from_tag))
        if session is not None:
            session.acked(request)

    def _cancel(self, request: Request, key: str, source: Hop) -> None:
        """RFC 3261 9.2; the 200 carries the tag of the INVITE's answers."""
        invite = self._ua.wire.servers.get(server_key(request, "INVITE"))
        if not isinstance(invite, InviteServer):
            self._stateless(request, source, 481)
            return
        session = invite.owner
        tag = session.dialog.local_tag if session is not None else self._tag(key)
        transaction = ServerTransaction(self._ua.wire, key, build.response_hop(request, source))
        transaction.respond(200, build.response(200, "OK", build.echo_head(request, source, tag)))
        if session is not None and session.unanswered():
            session.cancelled()

    def _in_dialog(self, request: Request, key: str, source: Hop) -> None:
        session = self._ua.sessions.get(key_of(request.call_id, request.to_tag, request.from_tag))
        if session is None:
            self._stateless(request, source, 481)
            return
        refused = unsupported(request)
        if refused is not None:
            self._refuse(request, key, source, *refused)
            return
        if request.method == "BYE" and isinstance(session, ServerSession) and session.unanswered():
            transaction = ServerTransaction(self._ua.wire, key, build.response_hop(request, source))
            session.reply(transaction, request, source, 200)
            session.cancelled()
            return
        session.received(request, key, source)

    def _outside(self, request: Request, key: str, source: Hop) -> None:
        """A request that begins something (8.2)."""
        wire = self._ua.wire
        method = request.method
        if method == "OPTIONS" and self._ua.admission.dropped(source.host, wire.now):
            return
        trunk: Trunk | None = None
        if method != "OPTIONS":
            verdict = self._ua.admission.admit(request, source.host, wire.now)
            if isinstance(verdict, Drop):
                return
            if isinstance(verdict, Refuse):
                extra = "".join([f"WWW-Authenticate: {value}\r\n" for value in verdict.challenges])
                self._stateless(request, source, verdict.status, verdict.reason, extra)
                return
            assert isinstance(verdict, Accept)
            trunk = verdict.trunk
        refused = unsupported(request)
        if refused is not None:
            self._refuse(request, key, source, *refused)
        elif method == "INVITE":
            self._invite(request, key, source, trunk)
        elif method == "OPTIONS":
            extra = f"Allow: {build.ALLOW}\r\nAccept: application/sdp\r\nSupported:\r\n"
            busy = self._handler.accepting()
            self._stateless(request, source, busy[0] if busy else 200, busy[1] if busy else "", extra)
        else:
            self._refuse(request, key, source, 481, "")

    def _invite(self, request: Request, key: str, source: Hop, trunk: Trunk | None) -> None:
        wire = self._ua.wire
        merged = f"{request.call_id}|{request.from_tag}|{request.cseq}"
        if merged in self._ua.first:  # 8.2.2.2: the same request by another path
            self._refuse(request, key, source, 482, "")
            return
        busy = self._handler.accepting()
        if busy is not None:
            self._stateless(request, source, busy[0], busy[1], "Retry-After: 5\r\n")
            self._turned_away(merged, request, trunk, busy[1])
            return
        transaction = InviteServer(wire, key, build.response_hop(request, source))
        transaction.respond(100, build.response(100, "Trying", build.echo_head(request, source, "")))
        try:
            session = ServerSession(self._ua, request, transaction, source, self._contact(source, trunk))
            session.offer = session.read_offer(request)
        except SipError as error:
            self._bad_invite(request, transaction, source, error)
            return
        session.trunk = trunk
        transaction.owner = session
        assert session.dialog is not None
        session.register(session.dialog.key)
        self._ua.first[merged] = session
        session.remember(merged)
        self._ua.flush()
        try:
            self._handler.on_invite(session, session.trunk_id)
        except Exception:
            log.exception("call %s: on_invite failed", session.call_id)
            if session.unanswered():
                session.reject(500)

    def _turned_away(self, merged: str, request: Request, trunk: Trunk | None, reason: str) -> None:
        """Tell the handler of an INVITE answered without a transaction; repetitions are known by a short memory."""
        known = self._refused
        if merged in known:
            return
        known[merged] = None
        if len(known) > MAX_REFUSED:
            del known[next(iter(known))]
        trunk_id = trunk.id if trunk is not None else ""
        self._ua.fire(request.call_id, self._handler.turned_away, Asked(request), trunk_id, reason)

    def _bad_invite(self, request: Request, transaction: InviteServer, source: Hop, error: SipError) -> None:
        status = error.status if isinstance(error, SdpError) else 400
        reason = error.reason if isinstance(error, SdpError) else build.one_line(error.message)
        text = build.one_line(error.message).replace("\\", "/").replace('"', "'")
        extra = f'Warning: {305 if status == 488 else 399} {build.SERVER} "{text}"\r\n'
        head = build.echo_head(request, source, self._tag(transaction.key))
        transaction.respond(status, build.response(status, reason, head, extra))

    def _refuse(self, request: Request, key: str, source: Hop, status: int, extra: str) -> None:
        """Answer with a transaction, so that a lost answer is repeated."""
        hop = build.response_hop(request, source)
        head = build.echo_head(request, source, self._tag(key))
        data = build.response(status, build.REASONS[status], head, extra)
        transaction = (InviteServer if request.method == "INVITE" else ServerTransaction)(self._ua.wire, key, hop)
        transaction.respond(status, data)

    def _stateless(self, request: Request, source: Hop, status: int, reason: str = "", extra: str = "") -> None:
        """Answer and forget (8.2.7): the tag is derived, so repeats get the same answer."""
        head = build.echo_head(request, source, self._tag(server_key(request, request.method)))
        data = build.response(status, reason or build.REASONS.get(status, "Refused"), head, extra)
        self._ua.wire.send(data, build.response_hop(request, source))

    def _tag(self, key: str) -> str:
        return hashlib.blake2b(key.encode("latin-1", "replace"), key=self._secret, digest_size=8).hexdigest()


def unsupported(request: Request) -> tuple[int, str] | None:
    """Method, scheme, extensions and body type we cannot take: (status, header lines)."""
    method = request.method
    if method not in build.METHODS:
        return (405 if method in build.KNOWN_METHODS else 501), f"Allow: {build.ALLOW}\r\n"
    if request.uri.partition(":")[0].lower() not in ("sip", "sips", "tel"):
        return 416, ""
    if "require" in request.headers:
        required = request.tokens("require")
        if required:
            return 420, f"Unsupported: {', '.join(required)}\r\n"
    if request.body and method in ("INVITE", "UPDATE"):
        if not _has_sdp(request):
            return 415, "Accept: application/sdp\r\n"
        if request.get("content-encoding", "identity").lower() != "identity":
            return 415, "Accept-Encoding: identity\r\n"
    return None


def _has_sdp(request: Request) -> bool:
    """Whether the body is a session description; one inside multipart is unwrapped."""
    ctype = request.get("content-type")
    kind = ctype.partition(";")[0].strip().lower()
    if kind.startswith("multipart/"):
        part = sdp_part(ctype, request.body)
        request.body = part or b""
        return part is not None
    return kind == "application/sdp"
