"""A call as SIP sees it (RFC 3261 12-15): what both directions share. ``uas`` and ``uac`` add how it begins.

Every session ends with exactly one ``on_end(cause)``. Causes: ``remote-bye``, ``local-bye``, ``cancelled``,
``rejected``, ``no-ack``, ``timeout``, ``dialog-gone`` (the peer answered 481 or 408 inside the dialog), ``bad-answer``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ccc.sip import build, reinvite
from ccc.sip.dialog import Dialog
from ccc.sip.errors import MalformedError, SdpError, SipStateError
from ccc.sip.login import Login
from ccc.sip.message import Hop, Request, Response
from ccc.sip.sdp import Offer, parse_offer
from ccc.sip.timers import T1_S, T2_S, TIMEOUT_S, Timer
from ccc.sip.transactions import ClientTransaction, InviteServer, ServerTransaction

if TYPE_CHECKING:
    from ccc.sip.ua import UserAgent

DEFERRED = object()
"""Returned by ``on_bye``: the 200 goes out when ``respond()`` is called, not on return."""


class PendingOk:
    """A 200 to INVITE repeated until its ACK, at most 64*T1 (13.3.1.4)."""

    __slots__ = ("begun", "data", "hop", "offered", "session", "timer", "wait_s")

    def __init__(self, session: Session, data: bytes, hop: Hop, offered: bool) -> None:
        wire = session.ua.wire
        self.session = session
        self.data = data
        self.hop = hop
        self.offered = offered
        """The 200 carries our offer; the ACK must carry the answer."""
        self.begun = wire.now
        self.wait_s = T1_S
        self.timer: Timer = wire.timers.at(wire.now + T1_S, self._repeat)

    def _repeat(self) -> None:
        wire = self.session.ua.wire
        left = self.begun + TIMEOUT_S - wire.now
        if left <= 0.001:
            self.session.unacknowledged()
            return
        wire.send(self.data, self.hop)
        self.wait_s = min(2 * self.wait_s, T2_S)
        self.timer = wire.timers.at(wire.now + min(self.wait_s, left), self._repeat)


class Session:
    """One call. Methods are legal in named states only, a breach raises SipStateError."""

    # Set by the owner; all run synchronously inside the stack and must not block.
    on_ack: Callable[[Offer | None], None] | None = None
    on_cancel: Callable[[], None] | None = None
    on_bye: Callable[[Callable[[], None]], object] | None = None
    on_reinvite: Callable[[Offer | None], bytes | tuple[int, str]] | None = None
    on_reinvited: Callable[[int, Offer | None], None] | None = None
    on_info: Callable[[str, bytes], None] | None = None
    on_end: Callable[[str], None] | None = None

    def __init__(self, ua: UserAgent, call_id: str, source: Hop, login: Login) -> None:
        self.ua = ua
        self.call_id = call_id
        self.hop = source
        self.login = login
        self.state = "new"
        self.dialog: Dialog | None = None
        self.offer: Offer | None = None
        """The peer's newest session description."""
        self.local_sdp = b""
        self.unacked: dict[int, PendingOk] = {}
        self.changing: reinvite.Change | None = None
        """Our re-INVITE under way."""
        self._bye_reason: str | None = None
        self._bye_cause = "local-bye"
        self._keys: list[str] = []

    @property
    def source(self) -> tuple[str, int]:
        """(host, port) the peer's first message came from, or ours went to."""
        return self.hop.host, self.hop.port

    # -- what the owner does

    def bye(self, reason: str = "") -> None:
        """Hang up. States: confirmed. ``reason``: text of a Reason header (RFC 3326).

        Before the ACK to our 200 the BYE waits for it or for 64*T1 (15.1.1).
        """
        self.require("bye", "confirmed")
        self.ua.tick()
        self._hang_up(reason)
        self.ua.flush()

    def reinvite(self, sdp: bytes) -> None:
        """Offer ``sdp`` in a re-INVITE. States: confirmed, none under way. The result comes as ``on_reinvited``."""
        self.require("reinvite", "confirmed")
        if self.changing is not None or self.unacked:
            raise SipStateError(f"call {self.call_id}: an INVITE is under way; wait for on_reinvited or on_ack")
        self.ua.tick()
        self.changing = reinvite.Change(self, sdp)
        self.changing.send()
        self.ua.flush()

    def dialog_state(self) -> dict[str, Any]:
        """JSON-able dict from which ``Endpoint.resume_bye`` can end this call after a crash."""
        if self.dialog is None:
            raise SipStateError(f"call {self.call_id} is {self.state}: it has no dialog yet")
        return self.dialog.state()

    # -- what the user agent delivers

    def acked(self, request: Request) -> None:
        """An ACK to one of our 200s."""
        pending = self.unacked.pop(request.cseq, None)
        if pending is None:
            return
        pending.timer.cancel()
        answer: Offer | None = None
        if pending.offered:
            try:
                answer = parse_offer(request.body)
                self.offer = answer
            except SdpError as error:
                self._bye_cause = "bad-answer"
                if self.state == "confirmed":
                    self._hang_up(f'SIP;cause=488;text="ACK: {_quotable(error.message)}"')
                    return
        if self.state == "confirmed":
            self.fire(self.on_ack, answer)
        elif self._bye_reason is not None:
            self._send_bye(self._bye_reason)

    def unacknowledged(self) -> None:
        """No ACK within 64*T1: BYE, and the owner learns why."""
        self._stop_oks()
        if self.state == "ending":
            self._send_bye(self._bye_reason or "")
            return
        self._bye_cause = "no-ack"
        self.state = "ending"
        self._send_bye('SIP;cause=408;text="no ACK"')

    def received(self, request: Request, key: str, source: Hop) -> None:
        """A request inside the dialog, ACK and CANCEL excepted."""
        dialog = self.dialog
        assert dialog is not None
        wire = self.ua.wire
        method = request.method
        hop = build.response_hop(request, source)
        if method == "INVITE":
            reinvite.incoming(self, request, InviteServer(wire, key, hop), source)
            return
        transaction = ServerTransaction(wire, key, hop)
        if request.cseq <= dialog.remote_seq:
            self.reply(transaction, request, source, 500)
            return
        dialog.remote_seq = request.cseq
        if method == "BYE":
            self._remote_bye(transaction, request, source)
        elif method == "UPDATE":
            reinvite.updated(self, request, transaction, source)
        elif method == "INFO":
            self.fire(self.on_info, request.get("content-type").partition(";")[0].strip().lower(), request.body)
            self.reply(transaction, request, source, 200)
        else:
            self.reply(transaction, request, source, 200, f"Allow: {build.ALLOW}\r\nAccept: application/sdp\r\n")

    def reply(
        self,
        transaction: Any,
        request: Request,
        source: Hop,
        status: int,
        extra: str = "",
        body: bytes = b"",
        reason: str = "",
    ) -> bytes:
        """Answer a request inside the dialog; returns what was sent."""
        head = build.echo_head(request, source, "")
        data = build.response(status, reason or build.REASONS.get(status, "Unknown"), head, extra, body)
        transaction.respond(status, data)
        return data

    def ok_sent(self, cseq: int, data: bytes, hop: Hop, offered: bool) -> None:
        """A 200 to INVITE is out: repeat it until the ACK."""
        self.unacked[cseq] = PendingOk(self, data, hop, offered)

    # -- ending

    def _remote_bye(self, transaction: ServerTransaction, request: Request, source: Hop) -> None:
        self._stop_oks()
        sent = False

        def respond() -> None:
            nonlocal sent
            if not sent:
                sent = True
                self.ua.tick()
                self.reply(transaction, request, source, 200)
                self.ua.flush()

        if self.state in ("ending", "ended"):  # both hung up at once
            respond()
            self.end(self._bye_cause)
            return
        self.state = "ending"
        if self.fire(self.on_bye, respond) is not DEFERRED:
            respond()
        self.end("remote-bye")

    def _hang_up(self, reason: str) -> None:
        self.state = "ending"
        if self.unacked:
            self._bye_reason = reason
        else:
            self._send_bye(reason)

    def _send_bye(self, reason: str) -> None:
        self._bye_reason = None
        extra = f"Reason: {build.one_line(reason)}\r\n" if reason else ""
        self.ua.in_dialog(self, "BYE", extra, b"", "", lambda response: self.end(self._bye_cause))

    def gone(self, cause: str) -> None:
        """The peer no longer knows the dialog or is silent: BYE all the same (12.2.1.2) and end."""
        if self.state == "confirmed":
            self._bye_cause = cause
            self._hang_up("")

    def _stop_oks(self) -> None:
        for pending in self.unacked.values():
            pending.timer.cancel()
        self.unacked.clear()

    def end(self, cause: str) -> None:
        """The one place where a session ends."""
        if self.state == "ended":
            return
        self.state = "ended"
        self._stop_oks()
        if self.changing is not None:
            self.changing.stop()
            self.changing = None
        self.ua.forget(self._keys, self)
        callback = self.on_end
        self.fire(callback, cause)
        # No cycle through the owner's closures stays behind: memory goes without the garbage collector.
        self.on_ack = self.on_cancel = self.on_bye = self.on_reinvite = None
        self.on_reinvited = self.on_info = self.on_end = None

    # -- helpers

    def register(self, key: str) -> None:
        """Be found by a dialog key."""
        self._keys.append(key)
        self.ua.sessions[key] = self

    def remember(self, key: str) -> None:
        """Another table of the user agent holds us under ``key`` until the end."""
        self._keys.append(key)

    def require(self, what: str, *states: str) -> None:
        """State guard."""
        if self.state not in states:
            raise SipStateError(f"call {self.call_id} is {self.state}; {what}() is legal in: {', '.join(states)}")

    def fire(self, callback: Callable[..., Any] | None, *args: Any) -> Any:
        """Run a callback of the owner; its exception is logged and never harms the stack."""
        return self.ua.fire(self.call_id, callback, *args)

    def read_offer(self, message: Request | Response) -> Offer | None:
        """The session description of a message, None without a body. Raises SdpError."""
        return parse_offer(message.body) if message.body else None

    def refresh(self, message: Request | Response, source: Hop | None) -> None:
        """Target refresh; a Contact that cannot be read leaves the old one."""
        assert self.dialog is not None
        try:
            self.dialog.refresh(message, source)
        except MalformedError as error:
            self.ua.log_problem(self.call_id, error.message)


def _quotable(text: str) -> str:
    return text.replace("\\", "/").replace('"', "'")


__all__ = ["DEFERRED", "ClientTransaction", "PendingOk", "Session"]
