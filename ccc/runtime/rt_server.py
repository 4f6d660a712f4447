"""The WebSocket server of the runtime, on a Unix socket; the web process passes ``/rt/*`` through to it."""

from __future__ import annotations

import contextlib
import http
import logging
import time
from collections.abc import AsyncIterator, Callable
from urllib.parse import parse_qs, urlsplit
from weakref import WeakKeyDictionary

from websockets.asyncio.server import ServerConnection, unix_serve
from websockets.http11 import Request, Response

from ccc.bus.ticket import KEY, LIFETIME_S, Gate, Ticket
from ccc.errors import CccError
from ccc.home import Home
from ccc.runtime.board import Switchboard
from ccc.runtime.desk import Desk
from ccc.runtime.messages import CLOSE_CODES
from ccc.runtime.page import LivePage, Page
from ccc.runtime.testcall.page import CallPage
from ccc.runtime.testcall.trials import Trials

log = logging.getLogger(__name__)
SCOPES = {"/rt/agent": "agent", "/rt/live": "live", "/rt/call": "call"}
ROLES = {"agent": ("admin", "supervisor", "agent"), "live": ("admin", "supervisor"), "call": ("admin",)}
"""Who may open which channel; test calls are for those who may change flows and numbers."""
LIVE_PAGES = 8
"""Live pages a user may have open: boards, a wallboard or two. Each is a picture a second; one more ends the oldest."""
MAX_MESSAGE = 64 * 1024


def same_origin(origin: str | None, host: str | None) -> bool:
    """A browser's Origin names the host the page came from; a request without Origin is not a browser's."""
    if origin is None:
        return True
    try:
        return bool(host) and urlsplit(origin).netloc == host
    except ValueError:
        return False


class RtServer:
    """Admits connections by one-time ticket and hands them to a page object."""

    def __init__(self, home: Home, board: Switchboard) -> None:
        self._home = home
        self._board = board
        self._gate = Gate(home.secret(KEY))
        self._tickets: WeakKeyDictionary[ServerConnection, Ticket] = WeakKeyDictionary()
        self._live: dict[LivePage, Ticket] = {}
        self._agents: dict[Page, tuple[Desk, Ticket]] = {}
        self._callers: dict[CallPage, Ticket] = {}
        self._ended: list[tuple[float, Callable[[Ticket], bool]]] = []
        """Sign-ins that ended a moment ago: when (epoch seconds), and whose tickets that concerns."""
        self.trials = Trials(board)

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        path = self._home.socket("rt")
        path.unlink(missing_ok=True)
        async with unix_serve(
            self._serve, str(path), process_request=self._admit, max_size=MAX_MESSAGE, ping_interval=5, ping_timeout=5
        ):
            path.chmod(0o600)
            yield

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """403 unless path, ticket and origin are right."""
        try:
            url = urlsplit(request.path)
        except ValueError:
            return connection.respond(http.HTTPStatus.BAD_REQUEST, "not an address\n")
        scope = SCOPES.get(url.path)
        host = request.headers.get("X-Forwarded-Host") or request.headers.get("Host")
        if scope is None:
            return connection.respond(http.HTTPStatus.NOT_FOUND, "no such channel\n")
        if not same_origin(request.headers.get("Origin"), host):
            log.warning("WebSocket from origin %s refused", request.headers.get("Origin"))
            return connection.respond(http.HTTPStatus.FORBIDDEN, "wrong origin\n")
        try:
            ticket = self._gate.admit(parse_qs(url.query).get("ticket", [""])[0], scope, time.time())
        except CccError as error:
            log.warning("WebSocket refused: %s", error.message)
            return connection.respond(http.HTTPStatus.FORBIDDEN, error.message + "\n")
        if not self._welcome(ticket) or self._signed_out(ticket):
            return connection.respond(http.HTTPStatus.FORBIDDEN, "this user may not work in this instance\n")
        self._tickets[connection] = ticket
        return None

    def _welcome(self, ticket: Ticket) -> bool:
        """What the snapshot says now, not what the ticket said when it was made."""
        agent = self._board.index.agents.get((ticket.instance, ticket.user))
        if agent is None or agent.disabled:
            return False
        return agent.role in ROLES[ticket.scope]

    def _signed_out(self, ticket: Ticket) -> bool:
        """Whether its sign-in has ended after it was issued: a ticket in hand is no way back in."""
        now = time.time()
        self._ended = [(at, over) for at, over in self._ended if now - at < LIFETIME_S]
        return any(over(ticket) and ticket.expires_at - LIFETIME_S <= at for at, over in self._ended)

    def recheck(self, disabled: str = "") -> None:
        """Rights have changed: close live and callers' pages of those who lost theirs, and of the user ``disabled``."""
        open_now: list[tuple[LivePage | CallPage, Ticket]] = [*self._live.items(), *self._callers.items()]
        for page, ticket in open_now:
            if ticket.user == disabled or not self._welcome(ticket):
                page.close("disabled")

    def sign_out(self, user: str, *, only: str, but: str) -> None:
        """Close the user's pages that were opened with one sign-in, or with every other; the agent is offline then."""

        def over(ticket: Ticket) -> bool:
            return ticket.user == user and (ticket.session == only if only else not but or ticket.session != but)

        self._ended.append((time.time(), over))
        for page, (desk, ticket) in list(self._agents.items()):
            if over(ticket) and desk.page is page:
                desk.close("signed-out")
        others: list[tuple[LivePage | CallPage, Ticket]] = [*self._live.items(), *self._callers.items()]
        for other, ticket in others:
            if over(ticket):
                other.close("signed-out")

    async def _serve(self, connection: ServerConnection) -> None:
        ticket = self._tickets.pop(connection)
        if ticket.scope == "live":
            await self._serve_live(LivePage(connection, self._board, ticket.instance), ticket)
            return
        if ticket.scope == "call":
            await self._serve_caller(CallPage(connection, self._board, self.trials, ticket), ticket)
            return
        desk = self._board.desks(ticket.instance).desk(ticket.user)
        if desk is None:  # removed since the handshake
            await connection.close(CLOSE_CODES["disabled"])
            return
        page = Page(connection, desk)
        self._agents[page] = (desk, ticket)
        try:
            await page.run()
        finally:
            del self._agents[page]

    async def _serve_live(self, page: LivePage, ticket: Ticket) -> None:
        own = [other for other, held in self._live.items() if held.user == ticket.user]
        for other in own[: max(0, len(own) + 1 - LIVE_PAGES)]:
            del self._live[other]
            other.close("taken-over")
        self._live[page] = ticket
        try:
            await page.run()
        finally:
            self._live.pop(page, None)

    async def _serve_caller(self, page: CallPage, ticket: Ticket) -> None:
        self._callers[page] = ticket
        try:
            await page.run()
        finally:
            del self._callers[page]
