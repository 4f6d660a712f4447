"""``GET /healthz``: one state per part; 200 while calls can be taken.

Answered on the event loop, beside Flask: whoever asks, and however often, takes none of the threads that make pages,
and the parts are asked a few times a second at most.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ccc import bus
from ccc.errors import UnavailableError
from ccc.home import Home
from ccc.services import sessions
from ccc.store import Store

PATH = "/healthz"
ANSWER_S = 1.0
KEEP_S = 0.25
"""An answer so old is given again."""
TELEPHONE = ("runtime", "sip", "media", "journal")
HEADERS = (
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Health:
    """An ASGI application of one address."""

    def __init__(self, home: Home, store: Store) -> None:
        self._home = home
        self._store = store
        self._asked: asyncio.Task[dict[str, Any]] | None = None
        self._pinging: asyncio.Task[str] | None = None
        self._known_at = float("-inf")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """200 while the telephone side takes calls (store, jobs or pages may be down), else 503."""
        if scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 405, {"code": "method", "message": "GET or HEAD"}, (b"allow", b"GET, HEAD"))
            return
        parts = await self._parts()
        able = all(parts[name] == "up" for name in TELEPHONE) and "refusing" not in parts
        await _answer(send, 200 if able else 503, {"calls_possible": able, "web": "up", **parts})

    async def _parts(self) -> dict[str, Any]:
        """Everybody who asks meanwhile gets the same answer. Nobody who hangs up takes it from the others."""
        if self._asked is None or (self._asked.done() and time.monotonic() - self._known_at > KEEP_S):
            self._asked = asyncio.create_task(self._ask())
        return await asyncio.shield(self._asked)

    async def _ask(self) -> dict[str, Any]:
        telephone, jobs, store = await asyncio.gather(
            telephone_side(self._home), jobs_side(self._home), self._store_side()
        )
        self._known_at = time.monotonic()
        return {**telephone, **jobs, "store": store}

    async def _store_side(self) -> str:
        """``up`` or ``down``; one that hangs is asked by one thread only."""
        if self._pinging is None or self._pinging.done():
            self._pinging = asyncio.create_task(asyncio.to_thread(_ping, self._store))
        done, _ = await asyncio.wait((self._pinging,), timeout=ANSWER_S)
        return self._pinging.result() if done else "down"


def _ping(store: Store) -> str:
    try:
        sessions.ping(store)
    except UnavailableError:
        return "down"
    return "up"


async def telephone_side(home: Home) -> dict[str, Any]:
    """The runtime's own words; ``media`` becomes one state, ``up`` while at least one worker is.

    ``refusing`` is there only while every new call is refused: why (no media capacity, shutting down);
    ``refused_unrecorded`` while there are refused calls that no record tells of yet.
    """
    try:
        answer = await bus.request_async(home.socket("runtime"), {"op": "health"}, ANSWER_S)
    except UnavailableError:
        return dict.fromkeys(TELEPHONE, "down")
    if "error" in answer:
        return dict.fromkeys(TELEPHONE, "down")
    workers = answer.get("media", [])
    states = [worker.get("state", "up") if isinstance(worker, dict) else worker for worker in workers]
    parts = {name: str(answer.get(name, "down")) for name in TELEPHONE}
    parts["media"] = "up" if "up" in states else "down"
    more = {name: answer[name] for name in ("refusing", "refused_unrecorded") if answer.get(name)}
    return {**parts, **more, "media_workers": states, "calls": answer.get("calls", 0)}


async def jobs_side(home: Home) -> dict[str, Any]:
    """Whether jobs answers, and how far the store lags behind the journal."""
    try:
        answer = await bus.request_async(home.socket("jobs"), {"op": "health"}, ANSWER_S)
    except UnavailableError:
        return {"jobs": "down"}
    kept: dict[str, Any] = {name: answer[name] for name in ("jobs", "journal_lag_bytes") if name in answer}
    return kept or {"jobs": "down"}


async def _answer(send: Send, status: int, body: dict[str, Any], *more: tuple[bytes, bytes]) -> None:
    """The server leaves the body out for HEAD."""
    data = json.dumps(body).encode()
    headers = [*HEADERS, *more, (b"content-length", str(len(data)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": data})
