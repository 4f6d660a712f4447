"""The user agent core: datagrams in, datagrams and callbacks out. No socket, no clock of its own (RFC 3261 8, 11).

``receive`` and ``on_time`` get the time as an argument; what the owner calls on a session takes it from ``clock``.
"""

from __future__ import annotations

import logging
import random
import secrets
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from ccc.sip import build
from ccc.sip.address import parse_uri
from ccc.sip.admission import Admission
from ccc.sip.dialog import Dialog
from ccc.sip.digest import Credentials
from ccc.sip.errors import MalformedError
from ccc.sip.incoming import Incoming
from ccc.sip.login import Login
from ccc.sip.message import Hop, Request, Response, parse
from ccc.sip.sdp import Offer
from ccc.sip.session import Session
from ccc.sip.transactions import ClientTransaction, Wire
from ccc.sip.uac import ClientSession
from ccc.sip.uas import Asked, ServerSession
from ccc.snapshot.model import Trunk

log = logging.getLogger(__name__)


class Handler(Protocol):
    """What the owner of calls gives the stack."""

    def on_invite(self, session: ServerSession, trunk_id: str) -> None:
        """A new call; 100 is sent. Must not block; answer, ring or reject now or later."""

    def accepting(self) -> tuple[int, str] | None:
        """None while calls can be taken, else the refusal (503, reason); Retry-After is added."""

    def turned_away(self, asked: Asked, trunk_id: str, reason: str) -> None:
        """An INVITE got that refusal: once for each, not for its repetitions. Must be cheap."""


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
        """By dialog key."""
        self.first: dict[str, ServerSession] = {}
        """By Call-ID, From tag and CSeq of the initial INVITE: merged requests are told by it (8.2.2.2)."""
        self.token = token
        self.rng = rng or random.Random()
        self.admission = Admission(secrets.token_bytes(32))
        self.on_output: Callable[[], None] | None = None
        """Called when ``wire.out`` has datagrams or a deadline may have moved; the driver sets it."""
        self._contact = contact
        self._incoming = Incoming(self, handler, contact)
        self._clock = clock
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
            self.malformed += 1
            self._incoming.malformed(error, source)
        else:
            if isinstance(message, Request):
                self._incoming.request(message, source)
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
        """Prepare a call to ``target_uri`` by way of ``hop``; set its callbacks, then ``place`` it.

        Raises MalformedError for a URI that cannot be read.
        """
        parse_uri(target_uri)
        parse_uri(from_uri)
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
            if self.first.get(key) is session:
                del self.first[key]

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

    def _response(self, response: Response) -> None:
        if len(response.headers["via"]) > 1 or response.via.rest:
            return  # more than our own Via: not for us (8.1.3.3)
        transaction = self.wire.clients.get(f"{response.via.branch}|{response.cseq_method}")
        if transaction is not None:
            transaction.receive(response)


__all__ = ["Handler", "Offer", "UserAgent"]
