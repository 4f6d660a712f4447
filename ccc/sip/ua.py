"""The user agent core: datagrams in, datagrams and callbacks out. No socket, no clock of its own (RFC 3261 8, 11).

``receive`` and ``on_time`` get the time as an argument; what the owner calls on a session takes it from ``clock``.
"""

from __future__ import annotations

import hashlib
import logging
import random
import secrets
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from ccc.sip import build
from ccc.sip.admission import Accept, Admission, Drop, Refuse
from ccc.sip.dialog import Dialog, key_of
from ccc.sip.digest import Credentials
from ccc.sip.errors import MalformedError, SdpError, SipError
from ccc.sip.login import Login
from ccc.sip.message import Hop, Request, Response, parse
from ccc.sip.multipart import sdp_part
from ccc.sip.sdp import Offer
from ccc.sip.session import Session
from ccc.sip.transactions import ClientTransaction, InviteServer, ServerTransaction, Wire, server_key
from ccc.sip.uac import ClientSession
from ccc.sip.uas import ServerSession
from ccc.snapshot.model import Trunk

log = logging.getLogger(__name__)


class Handler(Protocol):
    """What the owner of calls gives the stack."""

    def on_invite(self, session: ServerSession, trunk_id: str) -> None:
        """A new call; 100 is sent. Must not block; answer, ring or reject now or later."""

    def accepting(self) -> tuple[int, str] | None:
        """None while calls can be taken, else the refusal (503, reason); Retry-After is added."""


class UserAgent:
    """All transactions, dialogs and sessions of one node."""

    def __init__(
        self,
        handler: Handler,
        contact: Callable[[Hop, Trunk | None], tuple[str, int]],
        clock: Callable[[], float],
        *,
        token: Callable[[], str] = lambda: secrets.token_hex(8),
        rng: random.Random | None = None,
    ) -> None:
        """``contact``: our own (host, port) as a peer at this hop or trunk must see it."""
        self.wire = Wire()
        self.sessions: dict[str, Session] = {}
        self.token = token
        self.rng = rng or random.Random()
        self.admission = Admission(secrets.token_bytes(32))
        self.on_output: Callable[[], None] | None = None
        """Called when ``wire.out`` has datagrams or a deadline may have moved; the driver sets it."""
        self._handler = handler
        self._contact = contact
        self._clock = clock
        self._secret = secrets.token_bytes(16)
        self._first: dict[str, ServerSession] = {}
        self.malformed = 0

    # -- the driver's side

    def receive(self, data: bytes, source: Hop, now: float) -> None:
        """One datagram came."""
        self.wire.now = now
        if len(data) < 12:
            return  # keep-alives: CRLFCRLF, a single zero byte
        try:
            message = parse(data)
        except MalformedError as error:
            self._malformed(error, source)
        else:
            if isinstance(message, Request):
                self._request(message, source)
            else:
                self._response(message)
        self.flush()

    def on_time(self, now: float) -> None:
        """Run the timers that are due."""
        self.wire.now = now
        self.wire.timers.run(now)
        self.flush()

    def next_deadline(self) -> float | None:
        """When ``on_time`` has to be called next."""
        return self.wire.timers.next_deadline()

    def take_output(self) -> list[tuple[bytes, Hop]]:
        """Outgoing datagrams since the last call, in order."""
        out, self.wire.out = self.wire.out, []
        return out

    def flush(self) -> None:
        """Tell the driver there is something to send."""
        if self.on_output is not None:
            self.on_output()

    def tick(self) -> None:
        """The owner calls from outside an event: read the clock."""
        self.wire.now = self._clock()

    # -- the owner's side

    def configure(self, trunks: Iterable[Trunk]) -> None:
        """Replace the trunks."""
        self.admission.configure(trunks)

    def invite(
        self, target_uri: str, hop: Hop, from_uri: str, from_display: str, sdp: bytes, headers: build.Headers = (),
        credentials: Credentials | None = None, trunk: Trunk | None = None,
    ) -> ClientSession:  # fmt: skip
        """Prepare a call to ``target_uri`` by way of ``hop``; set its callbacks, then ``place`` it."""
        contact = self._contact(hop, trunk)
        login = Login(credentials, self.token)
        return ClientSession(self, target_uri, hop, from_uri, from_display, sdp, headers, login, contact)

    def place(self, session: ClientSession) -> None:
        """Send the INVITE of a session from ``invite``."""
        self.tick()
        session.start()
        self.flush()

    def resume_bye(
        self, state: dict[str, Any], reason: str, on_done: Callable[[int | None], None] | None = None
    ) -> None:
        """End a dialog of a dead process. ``on_done`` gets the final status, None when nobody answered.

        Raises MalformedError when ``state`` is not from ``dialog_state``.
        """
        self.tick()
        dialog = Dialog.from_state(state)
        dialog.local_seq += 10  # a re-INVITE may have been sent after the state was written; gaps are legal (12.2.1.1)
        self.bye_dialog(dialog, reason, Login(None, self.token), on_done)
        self.flush()

    # -- for sessions

    def new_branch(self) -> str:
        """A branch parameter, unique and with the magic cookie."""
        return "z9hG4bK" + self.token()

    def glare_wait_s(self, session: Session) -> float:
        """RFC 3261 14.1: the side that made the Call-ID waits 2.1-4 s, the other 0-2 s, in steps of 10 ms."""
        owner = isinstance(session, ClientSession)
        return self.rng.randint(210, 400) / 100 if owner else self.rng.randint(0, 200) / 100

    def in_dialog(
        self,
        session: Session,
        method: str,
        extra: str,
        body: bytes,
        ctype: str,
        done: Callable[[Response | None], None],
    ) -> None:
        """Send a non-INVITE request inside a session's dialog; ``done`` gets the final answer or None."""
        assert session.dialog is not None
        self._send(session.dialog, session.login, method, extra, body, ctype, done, set())

    def bye_dialog(
        self, dialog: Dialog, reason: str, login: Login, on_done: Callable[[int | None], None] | None = None
    ) -> None:
        """BYE for a dialog without a session: a fork, a dead process."""
        extra = f"Reason: {build.one_line(reason)}\r\n" if reason else ""

        def done(response: Response | None) -> None:
            self.fire(dialog.call_id, on_done, None if response is None else response.status)

        self._send(dialog, login, "BYE", extra, b"", "", done, set())

    def _send(
        self, dialog: Dialog, login: Login, method: str, extra: str, body: bytes, ctype: str,
        done: Callable[[Response | None], None], tried: set[tuple[str, str]],
    ) -> None:  # fmt: skip
        dialog.local_seq += 1
        branch = self.new_branch()
        lines = extra + login.lines(method, dialog.route()[0])
        data, hop = dialog.request(method, branch, dialog.local_seq, lines, body, ctype)

        def answered(response: Response | None) -> None:
            if response is not None and response.status < 200:
                return
            if response is not None and login.learn(response, tried):
                self._send(dialog, login, method, extra, body, ctype, done, tried)
                return
            done(response)

        ClientTransaction(self.wire, f"{branch}|{method}", data, hop, answered)

    def forget(self, keys: list[str], session: Session) -> None:
        """A session ended."""
        for key in keys:
            if self.sessions.get(key) is session:
                del self.sessions[key]
            if self._first.get(key) is session:
                del self._first[key]

    def fire(self, call_id: str, callback: Callable[..., Any] | None, *args: Any) -> Any:
        """Run a callback; what it raises is logged with the call, the stack goes on."""
        if callback is None:
            return None
        try:
            return callback(*args)
        except Exception:
            log.exception("call %s: %s failed", call_id, getattr(callback, "__qualname__", callback))
            return None

    def log_problem(self, call_id: str, message: str) -> None:
        """Something odd that a call survives."""
        log.warning("call %s: %s", call_id, message)

    # -- requests

    def _malformed(self, error: MalformedError, source: Hop) -> None:
        self.malformed += 1
        request = error.request
        if request is None or request.method == "ACK" or self.admission.dropped(source.host, self.wire.now):
            return
        status = 505 if error.code == "sip-version" else 400
        self._stateless(request, source, status, build.one_line(error.message) if status == 400 else "")

    def _request(self, request: Request, source: Hop) -> None:
        method = request.method
        if method == "ACK":
            self._ack(request)
            return
        key = server_key(request, method)
        transaction = self.wire.servers.get(key)
        if transaction is not None:
            transaction.retransmitted()
        elif method == "CANCEL":
            self._cancel(request, key, source)
        elif request.to_tag:
            self._in_dialog(request, key, source)
        else:
            self._outside(request, key, source)

    def _ack(self, request: Request) -> None:
        transaction = self.wire.servers.get(server_key(request, "INVITE"))
        if isinstance(transaction, InviteServer) and transaction.acknowledged():
            return
        session = self.sessions.get(key_of(request.call_id, request.to_tag, request.from_tag))
        if session is not None:
            session.acked(request)

    def _cancel(self, request: Request, key: str, source: Hop) -> None:
        """RFC 3261 9.2; the 200 carries the tag of the INVITE's answers."""
        invite = self.wire.servers.get(server_key(request, "INVITE"))
        if not isinstance(invite, InviteServer):
            self._stateless(request, source, 481)
            return
        session = invite.owner
        tag = session.dialog.local_tag if session is not None else self._tag(key)
        transaction = ServerTransaction(self.wire, key, build.response_hop(request, source))
        transaction.respond(200, build.response(200, "OK", build.echo_head(request, source, tag)))
        if session is not None and session.unanswered():
            session.cancelled()

    def _in_dialog(self, request: Request, key: str, source: Hop) -> None:
        session = self.sessions.get(key_of(request.call_id, request.to_tag, request.from_tag))
        if session is None:
            self._stateless(request, source, 481)
            return
        refused = self._unsupported(request)
        if refused is not None:
            self._refuse(request, key, source, *refused)
            return
        if request.method == "BYE" and isinstance(session, ServerSession) and session.unanswered():
            transaction = ServerTransaction(self.wire, key, build.response_hop(request, source))
            session.reply(transaction, request, source, 200)
            session.cancelled()
            return
        session.received(request, key, source)

    def _outside(self, request: Request, key: str, source: Hop) -> None:
        """A request that begins something (8.2)."""
        wire = self.wire
        method = request.method
        if method == "OPTIONS" and self.admission.dropped(source.host, wire.now):
            return
        trunk: Trunk | None = None
        if method != "OPTIONS":
            verdict = self.admission.admit(request, source.host, wire.now)
            if isinstance(verdict, Drop):
                return
            if isinstance(verdict, Refuse):
                extra = "".join([f"WWW-Authenticate: {value}\r\n" for value in verdict.challenges])
                self._stateless(request, source, verdict.status, verdict.reason, extra)
                return
            assert isinstance(verdict, Accept)
            trunk = verdict.trunk
        refused = self._unsupported(request)
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

    def _unsupported(self, request: Request) -> tuple[int, str] | None:
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

    def _invite(self, request: Request, key: str, source: Hop, trunk: Trunk | None) -> None:
        wire = self.wire
        merged = f"{request.call_id}|{request.from_tag}|{request.cseq}"
        if merged in self._first:  # 8.2.2.2: the same request by another path
            self._refuse(request, key, source, 482, "")
            return
        busy = self._handler.accepting()
        if busy is not None:
            self._stateless(request, source, busy[0], busy[1], "Retry-After: 5\r\n")
            return
        transaction = InviteServer(wire, key, build.response_hop(request, source))
        transaction.respond(100, build.response(100, "Trying", build.echo_head(request, source, "")))
        try:
            session = ServerSession(self, request, transaction, source, self._contact(source, trunk))
            session.offer = session.read_offer(request)
        except SipError as error:
            self._bad_invite(request, transaction, source, error)
            return
        session.trunk = trunk
        transaction.owner = session
        assert session.dialog is not None
        session.register(session.dialog.key)
        self._first[merged] = session
        session.remember(merged)
        self.flush()
        try:
            self._handler.on_invite(session, session.trunk_id)
        except Exception:
            log.exception("call %s: on_invite failed", session.call_id)
            if session.unanswered():
                session.reject(500)

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
        transaction = (InviteServer if request.method == "INVITE" else ServerTransaction)(self.wire, key, hop)
        transaction.respond(status, data)

    def _stateless(self, request: Request, source: Hop, status: int, reason: str = "", extra: str = "") -> None:
        """Answer and forget (8.2.7): the tag is derived, so repeats get the same answer."""
        head = build.echo_head(request, source, self._tag(server_key(request, request.method)))
        data = build.response(status, reason or build.REASONS.get(status, "Refused"), head, extra)
        self.wire.send(data, build.response_hop(request, source))

    def _tag(self, key: str) -> str:
        return hashlib.blake2b(key.encode("latin-1", "replace"), key=self._secret, digest_size=8).hexdigest()

    def _response(self, response: Response) -> None:
        transaction = self.wire.clients.get(f"{response.via.branch}|{response.cseq_method}")
        if transaction is not None and len(response.headers["via"]) == 1:  # more Vias: not for us (8.1.3.3)
            transaction.receive(response)


def _has_sdp(request: Request) -> bool:
    """Whether the body is a session description; one inside multipart is unwrapped."""
    ctype = request.get("content-type")
    kind = ctype.partition(";")[0].strip().lower()
    if kind.startswith("multipart/"):
        part = sdp_part(ctype, request.body)
        request.body = part or b""
        return part is not None
    return kind == "application/sdp"


__all__ = ["Handler", "Offer", "UserAgent"]
