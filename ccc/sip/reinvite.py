"""Changing a session in mid-call: re-INVITE both ways with glare (RFC 3261 14), UPDATE (RFC 3311)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccc.sip import build
from ccc.sip.dialog import Dialog
from ccc.sip.errors import SdpError
from ccc.sip.invite_client import InviteClient
from ccc.sip.message import Hop, Request, Response
from ccc.sip.outgoing import OutInvite
from ccc.sip.sdp import Offer
from ccc.sip.timers import Timer
from ccc.sip.transactions import InviteServer, ServerTransaction

if TYPE_CHECKING:
    from ccc.sip.session import Session

MAX_GLARE = 5


class Change:
    """Our re-INVITE: sent, repeated after 491 (14.1), answered digest challenges, acknowledged."""

    def __init__(self, session: Session, sdp: bytes) -> None:
        self._session = session
        self._sdp = sdp
        self._tried: set[tuple[str, str]] = set()
        self._glares = 0
        self._timer: Timer | None = None
        self.waiting = False
        """Refused with 491 and not yet sent again: the peer's own re-INVITE may pass meanwhile."""
        self._acks: dict[int, tuple[bytes, Hop]] = {}

    def send(self) -> None:
        """Send it, now or again."""
        session, ua = self._session, self._session.ua
        dialog = session.dialog
        if dialog is None or session.state != "confirmed":
            return
        if session.unacked:  # the peer's INVITE is not finished (14.1)
            self._again(0.5)
            return
        self.waiting = False
        dialog.local_seq += 1
        sent = in_dialog_invite(dialog, ua.new_branch(), dialog.local_seq)
        extra = contact_lines(dialog) + session.login.lines("INVITE", sent.uri)
        data = sent.serialise(extra, self._sdp)
        cseq = sent.cseq
        InviteClient(ua.wire, f"{sent.branch}|INVITE", data, sent.hop, lambda r: self._response(cseq, r), sent.ack)

    def stop(self) -> None:
        """The session ended: no retry."""
        if self._timer is not None:
            self._timer.cancel()

    def _again(self, wait_s: float) -> None:
        self.waiting = True
        wire = self._session.ua.wire
        self._timer = wire.timers.at(wire.now + wait_s, self.send)

    def _response(self, cseq: int, response: Response | None) -> None:
        session = self._session
        if response is None:
            self._done()
            session.gone("timeout")
        elif 200 <= response.status < 300:
            self._accepted(cseq, response)
        elif response.status < 200:
            return
        elif response.status in (401, 407) and session.login.learn(response, self._tried):
            self.send()
        elif response.status == 491 and self._glares < MAX_GLARE and session.state == "confirmed":
            self._glares += 1
            self._again(session.ua.glare_wait_s(session))
        elif response.status in (481, 408):
            self._done()
            session.gone("dialog-gone")
        else:
            self._done()
            session.fire(session.on_reinvited, response.status, None)

    def _accepted(self, cseq: int, response: Response) -> None:
        session = self._session
        wire = session.ua.wire
        known = self._acks.get(cseq)
        if known is not None:  # the 200 came again: its ACK was lost
            wire.send(*known)
            return
        dialog = session.dialog
        if dialog is None:
            return
        session.refresh(response, None)
        uri = dialog.route()[0]
        ack = dialog.request("ACK", session.ua.new_branch(), cseq, session.login.lines("ACK", uri))
        self._acks[cseq] = ack
        wire.send(*ack)
        self._done()
        try:
            offer = session.read_offer(response)
        except SdpError as error:
            session.ua.log_problem(session.call_id, f"answer to our re-INVITE: {error.message}")
            offer = None
        if offer is not None:
            session.offer = offer
        session.local_sdp = self._sdp
        session.fire(session.on_reinvited, response.status, offer)

    def _done(self) -> None:
        self.stop()
        if self._session.changing is self:
            self._session.changing = None


def in_dialog_invite(dialog: Dialog, branch: str, cseq: int) -> OutInvite:
    """The values of an INVITE inside a dialog."""
    uri, routes, hop = dialog.route()
    host, port = dialog.contact
    via = f"SIP/2.0/{hop.transport} {build.bracketed(host)}:{port};rport;branch={branch}"
    return OutInvite(uri, via, routes, dialog.local, dialog.remote, dialog.call_id, cseq, branch, hop)


def contact_lines(dialog: Dialog) -> str:
    """Contact and Allow as every INVITE and its 2xx carry them."""
    host, port = dialog.contact
    transport = "" if dialog.hop.transport == "UDP" else f";transport={dialog.hop.transport.lower()}"
    return f"Contact: <sip:{build.bracketed(host)}:{port}{transport}>\r\nAllow: {build.ALLOW}\r\n"


def incoming(session: Session, request: Request, transaction: InviteServer, source: Hop) -> None:
    """The peer's re-INVITE (14.2): 500 out of order, 491 on glare, 488 leaves the session as it was."""
    dialog = session.dialog
    assert dialog is not None
    if request.cseq <= dialog.remote_seq or session.state in ("incoming", "ringing"):
        retry = f"Retry-After: {session.ua.rng.randint(0, 10)}\r\n"
        session.reply(transaction, request, source, 500, retry)
        return
    dialog.remote_seq = request.cseq
    if session.state != "confirmed":
        session.reply(transaction, request, source, 481 if session.state == "ended" else 487)
        return
    if _busy(session):
        session.reply(transaction, request, source, 491)
        return
    decided = _decide(session, request)
    if isinstance(decided, tuple):
        session.reply(transaction, request, source, decided[0], reason=decided[1])
        return
    session.refresh(request, source)
    session.local_sdp = decided
    data = session.reply(transaction, request, source, 200, contact_lines(dialog), decided)
    session.ok_sent(request.cseq, data, transaction.hop, offered=not request.body)


def updated(session: Session, request: Request, transaction: ServerTransaction, source: Hop) -> None:
    """UPDATE (RFC 3311 5.2): without a body only a target refresh, with one an offer answered in its 200."""
    dialog = session.dialog
    assert dialog is not None
    if session.state != "confirmed":
        session.reply(transaction, request, source, 500, f"Retry-After: {session.ua.rng.randint(0, 10)}\r\n")
        return
    if request.body and _busy(session):
        session.reply(transaction, request, source, 491)
        return
    body = b""
    if request.body:
        decided = _decide(session, request)
        if isinstance(decided, tuple):
            session.reply(transaction, request, source, decided[0], reason=decided[1])
            return
        body = session.local_sdp = decided
    session.refresh(request, source)
    session.reply(transaction, request, source, 200, contact_lines(dialog), body)


def _busy(session: Session) -> bool:
    """An offer is open: ours in a re-INVITE, or in a 200 whose ACK has not come."""
    ours = session.changing is not None and not session.changing.waiting
    return ours or any(pending.offered for pending in session.unacked.values())


def _decide(session: Session, request: Request) -> bytes | tuple[int, str]:
    """Our description for the peer's offer (or lack of one), or the refusal."""
    try:
        offer: Offer | None = session.read_offer(request)
    except SdpError as error:
        return error.status, error.reason
    if offer is not None and offer == session.offer and session.local_sdp:
        return session.local_sdp  # same version, same content: a session refresh is answered unchanged (RFC 3264 8)
    if session.on_reinvite is None:
        return session.local_sdp if offer is None and session.local_sdp else (488, "Not Acceptable Here")
    answer = session.fire(session.on_reinvite, offer)
    if isinstance(answer, bytes):
        if offer is not None:
            session.offer = offer
        return answer
    if isinstance(answer, tuple):
        return answer
    return 500, "Server Internal Error"
