"""A call of ours: INVITE, provisional answers, forks, digest, CANCEL (RFC 3261 13.2, 9.1, 22)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ccc.sip import build, reinvite
from ccc.sip.address import parse_name_addr, quoted, split_list
from ccc.sip.dialog import Dialog
from ccc.sip.errors import MalformedError, SdpError
from ccc.sip.invite_client import InviteClient
from ccc.sip.login import Login
from ccc.sip.message import Hop, Response
from ccc.sip.outgoing import OutInvite
from ccc.sip.sdp import Offer
from ccc.sip.session import Session
from ccc.sip.transactions import ClientTransaction

if TYPE_CHECKING:
    from ccc.sip.ua import UserAgent


class ClientSession(Session):
    """States: calling -> ringing -> confirmed -> ending -> ended; cancelling between bye() and the final answer."""

    on_ringing: Callable[[int, Offer | None], None] | None = None
    """A 101-199 came; with its session description when there is early media."""
    on_answer: Callable[[Offer], None] | None = None
    """The 200 came and is acknowledged."""
    on_reject: Callable[[int, str], None] | None = None
    """A final answer of 300 and above; ``on_end("rejected")`` follows. 408 also when nobody answered at all."""

    def __init__(
        self, ua: UserAgent, target_uri: str, hop: Hop, from_uri: str, from_display: str, sdp: bytes,
        headers: build.Headers, login: Login, contact: tuple[str, int],
    ) -> None:  # fmt: skip
        super().__init__(ua, f"{ua.token()}@{build.bracketed(contact[0])}", hop, login)
        self.request_uri = target_uri
        self.local_sdp = sdp
        self.redirects: tuple[str, ...] = ()
        """Contact URIs of a 3xx answer, set before ``on_reject``."""
        self.heard = False
        """Somebody has answered, be it only with 100."""
        self._contact = contact
        self._local = f"{quoted(from_display)}<{from_uri}>;tag={ua.token()}"
        self._headers = build.lines(headers)
        self._cseq = 0
        self._tried: set[tuple[str, str]] = set()
        self._sent: OutInvite | None = None
        self._transaction: InviteClient | None = None
        self._acks: dict[str, tuple[bytes, Hop]] = {}
        self._cancel_reason: str | None = None
        self._early: Offer | None = None

    def start(self) -> None:
        """Send the INVITE (once more after a challenge)."""
        if self.state == "ended":  # hung up before it was sent
            return
        ua = self.ua
        self.state = "calling"
        self._cseq += 1
        host, port = self._contact
        host = build.bracketed(host)
        branch = ua.new_branch()
        via = f"SIP/2.0/{self.hop.transport} {host}:{port};rport;branch={branch}"
        remote = f"<{self.request_uri}>"
        sent = OutInvite(self.request_uri, via, "", self._local, remote, self.call_id, self._cseq, branch, self.hop)
        extra = f"Contact: <sip:{host}:{port}>\r\nAllow: {build.ALLOW}\r\n{self._headers}"
        extra += self.login.lines("INVITE", self.request_uri)
        self._sent = sent
        data = sent.serialise(extra, self.local_sdp)
        self._transaction = InviteClient(
            ua.wire, f"{branch}|INVITE", data, self.hop, lambda response: self._response(sent, response), sent.ack
        )

    def unreachable(self, why: str) -> None:
        """The destination has no address: the INVITE is never sent. States: new."""
        self.require("unreachable", "new")
        self.state = "calling"
        self._failed(503, why, "rejected")

    def bye(self, reason: str = "") -> None:
        """Hang up: CANCEL before the answer (states new, calling, ringing), BYE after it (confirmed)."""
        if self.state == "new":  # not even sent
            self.end("cancelled")
            return
        if self.state not in ("calling", "ringing"):
            super().bye(reason)
            return
        self.ua.tick()
        heard = self.state == "ringing" or (self._transaction is not None and self._transaction.state == "proceeding")
        self.state = "cancelling"
        self._cancel_reason = reason
        if heard:  # 9.1: CANCEL waits for a provisional answer
            self._send_cancel()
        self.ua.flush()

    def _send_cancel(self) -> None:
        sent, transaction = self._sent, self._transaction
        if sent is None or transaction is None or self._cancel_reason is None:
            return
        self._cancel_reason = None
        transaction.give_up_later()
        ClientTransaction(self.ua.wire, f"{sent.branch}|CANCEL", sent.cancel(), sent.hop, lambda response: None)

    def _response(self, sent: OutInvite, response: Response | None) -> None:
        if response is None:
            self._failed(408, "Request Timeout", "timeout")
        elif response.status < 200:
            self.heard = True
            self._provisional(response)
        elif response.status < 300:
            self._accepted(sent, response)
        elif self.state in ("calling", "ringing") and self.login.learn(response, self._tried):
            self.start()
        else:
            if response.status < 400:
                self.redirects = _contacts(response)
            self._failed(response.status, response.reason, "rejected")

    def _failed(self, status: int, reason: str, cause: str) -> None:
        if self.state == "cancelling":
            self.end("cancelled")
        elif self.state in ("calling", "ringing"):
            self.state = "ending"
            self.fire(self.on_reject, status, reason)
            self.end(cause)

    def _provisional(self, response: Response) -> None:
        if self.state == "cancelling":
            self._send_cancel()
            return
        if self.state not in ("calling", "ringing") or response.status == 100:
            return
        self.state = "ringing"
        try:
            early = self.read_offer(response)
        except SdpError:
            early = None  # only a hint; the 200 decides
        self._early = early or self._early
        self.fire(self.on_ringing, response.status, early)

    def _accepted(self, sent: OutInvite, response: Response) -> None:
        """2xx: ACK; the first one becomes the call, every fork after it gets a BYE (13.2.2.4)."""
        ua = self.ua
        known = self._acks.get(response.to_tag)
        if known is not None:
            ua.wire.send(*known)
            return
        try:
            dialog = Dialog.from_response(response, self._contact, self.hop)
        except MalformedError as error:
            ua.log_problem(self.call_id, f"2xx with {error.message}; the INVITE's own URI is used")
            dialog = Dialog(
                self.call_id, response.headers["from"][0], response.headers["to"][0], self._contact, self.hop
            )
            dialog.local_seq = response.cseq
        dialog.target = dialog.target or self.request_uri
        ack = dialog.request("ACK", ua.new_branch(), sent.cseq, self.login.lines("ACK", dialog.route()[0]))
        self._acks[response.to_tag] = ack
        ua.wire.send(*ack)
        if self.dialog is not None or self.state not in ("calling", "ringing", "cancelling"):
            ua.bye_dialog(dialog, "", self.login)
            return
        self.dialog = dialog
        self.register(dialog.key)
        self._established(response)

    def _established(self, response: Response) -> None:
        cancelled = self.state == "cancelling"
        self.state = "confirmed"
        if cancelled:  # the 200 crossed our CANCEL
            self._bye_cause = "cancelled"
            self._hang_up("")
            return
        try:
            answer = self.read_offer(response) or self._early  # some gateways describe themselves in the 183 only
            if answer is None:
                raise SdpError("no session description in the 200")
        except SdpError as error:
            self._bye_cause = "bad-answer"
            self.fire(self.on_reject, 488, error.message)
            self._hang_up('SIP;cause=488;text="answer not usable"')
            return
        self.offer = answer
        self.fire(self.on_answer, answer)

    def end(self, cause: str) -> None:
        """Also free what only this side has: the transaction and we refer to each other."""
        super().end(cause)
        self._transaction = self._sent = None
        self.on_ringing = self.on_answer = self.on_reject = None


def _contacts(response: Response) -> tuple[str, ...]:
    out = []
    for value in split_list(response.headers.get("contact", [])):
        try:
            out.append(parse_name_addr(value).uri)
        except MalformedError:
            continue
    return tuple(out)


__all__ = ["ClientSession", "reinvite"]
