"""A small runtime for the web tests: agents' and live WebSockets on a Unix socket, as docs/protocols.md says.

The test is the telephone side: it moves the one agent's call with :meth:`FakeRuntime.ring` and friends. Operations from
the page are kept in ``ops`` and change the state the way the real runtime would.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, unix_serve
from websockets.exceptions import ConnectionClosed

from ccc.bus import server as bus_server
from ccc.bus.ticket import Gate
from ccc.errors import CccError

ANSWER = "\r\n".join(
    (
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "a=ice-lite",
        "m=audio 9 UDP/TLS/RTP/SAVPF 8",
        "c=IN IP4 127.0.0.1",
        "a=mid:0",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=rtpmap:8 PCMA/8000",
        "a=ice-ufrag:fake",
        "a=ice-pwd:fakefakefakefakefakefake",
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        "a=setup:passive",
        "a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host",
        "",
    )
)
"""Nobody listens there: the page stays 'connecting'."""
LIVE_QUEUE = {
    "working": 3,
    "service_level_s": 20.0,
    "today": {"answered": 41, "abandoned": 8, "left": 2, "service_level": 0.8163, "average_wait_s": 11.4},
}
HEALTH = {"runtime": "up", "sip": "up", "media": ["up"], "journal": "up", "calls": 0}


def now_ms() -> int:
    return round(time.time() * 1000)


class FakeRuntime:
    """Runs in its own thread; every method may be called from the test's thread."""

    def __init__(self, socket: Path, key: bytes, *, bus: Path | None = None) -> None:
        self.socket, self.bus, self.key = socket, bus, key
        self.health: dict[str, Any] = dict(HEALTH)
        self.ops: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.refuse: dict[str, tuple[str, str]] = {}
        self.asked: list[dict[str, Any]] = []
        self.answers: dict[str, dict[str, Any]] = {}
        self.reset()
        self._pages: list[ServerConnection] = []
        self._live: list[ServerConnection] = []
        self._seq = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop: asyncio.Event
        self._thread = threading.Thread(target=self._main, daemon=True)

    def reset(self) -> None:
        self.refusing: str | None = None
        self.state: dict[str, Any] = {"state": "offline", "reason": "", "since": now_ms()}
        self.call: dict[str, Any] | None = None
        self.queues: list[dict[str, Any]] = [
            {"group": "support", "title": "客户服务", "waiting": 0, "longest_since": None, "ready": 1}
        ]
        self.calls: list[dict[str, Any]] = []
        self.agents: list[dict[str, Any]] = []
        self.charts: dict[str, Any] | None = None

    # lifetime

    def start(self) -> FakeRuntime:
        self._thread.start()
        assert self._ready.wait(5)
        return self

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)

    def _main(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        self.gate = Gate(self.key)
        async with unix_serve(self._connection, str(self.socket), close_timeout=1):
            if self.bus is None:
                self._ready.set()
                await self._stop.wait()
                return
            async with bus_server.serve(self.bus, self._bus):
                self._ready.set()
                await self._stop.wait()

    async def _bus(self, message: dict[str, Any]) -> dict[str, Any]:
        if message["op"] == "health":
            return self.health
        self.asked.append(message)
        return self.answers.get(message["op"], {})

    # WebSocket

    async def _connection(self, connection: ServerConnection) -> None:
        request = connection.request
        assert request is not None
        url = urlsplit(request.path)
        self.headers.append({name.lower(): value for name, value in request.headers.raw_items()})
        if url.path == "/rt/echo":
            async for message in connection:
                await connection.send(message)
            return
        scope = "agent" if url.path == "/rt/agent" else "live"
        try:
            ticket = self.gate.admit(parse_qs(url.query).get("ticket", [""])[0], scope, time.time())
        except CccError as error:
            await connection.close(4403, error.message[:100])
            return
        if scope == "live":
            self._live.append(connection)
            await self._send_live(connection)
        else:
            for page in list(self._pages):
                await self._tell(page, "bye", why="taken-over")
                await page.close(4001)
            self._pages = [connection]
            await self._tell(connection, "hello", **self._hello(ticket.user, ticket.instance))
        try:
            async for message in connection:
                await self._op(connection, json.loads(message))
        except ConnectionClosed:
            pass
        finally:
            for connections in (self._pages, self._live):
                if connection in connections:
                    connections.remove(connection)

    def _hello(self, user: str, instance: str) -> dict[str, Any]:
        return {
            "now": now_ms(),
            "agent": {
                "user": user,
                "name": "王小明",
                "instance": instance,
                "groups": ["support"],
                "auto_answer": False,
            },
            "breaks": ["小休", "用餐", "培训", "会议"],
            "dispositions": {"support": ["已解决", "需跟进", "投诉", "打错电话"]},
            "state": self.state,
            "call": self.call,
            "queues": self.queues,
            "team": [],
        }

    async def _op(self, page: ServerConnection, message: dict[str, Any]) -> None:
        if message.get("op") != "ping":
            self.ops.append(message)
        op, reply = message["op"], {"t": "reply", "re": message["id"]}
        if op in self.refuse:
            code, text = self.refuse[op]
            await self._tell(page, "reply", re=message["id"], ok=False, code=code, message=text)
            return
        extra: dict[str, Any] = {}
        if op == "rtc-offer":
            extra["sdp"] = ANSWER
        await self._tell(page, "reply", re=message["id"], ok=True, **extra)
        assert reply["re"] == message["id"]
        self._apply(op, message)
        await self._push()

    def _apply(self, op: str, message: dict[str, Any]) -> None:
        call = self.call
        if op == "state":
            self._state(message["state"], message.get("reason", ""))
        elif call is None:
            return
        elif op == "accept":
            call.update(state="talking", since=now_ms())
            self._state("talking")
        elif op == "reject":
            self.call = None
            self._state("ready")
        elif op in ("hold", "unhold"):
            name = "hold" if op == "hold" else "talking"
            call["state"] = name
            self._state(name)
        elif op == "hangup":
            call.update(state="wrap-up", wrap_up_until=now_ms() + 30_000, since=now_ms())
            self._state("wrap-up")
        elif op == "note":
            call.update(note=message["note"], disposition=message["disposition"])
        elif op == "wrap-up-done":
            self.call = None
            self._state("ready")

    def _state(self, state: str, reason: str = "") -> None:
        self.state = {"state": state, "reason": reason, "since": now_ms()}

    async def _tell(self, page: ServerConnection, kind: str, **fields: Any) -> None:
        self._seq += 1
        await page.send(json.dumps({"seq": self._seq, "t": kind, **fields}, ensure_ascii=False))

    async def _push(self) -> None:
        for page in list(self._pages):
            await self._tell(page, "agent", state=self.state)
            await self._tell(page, "call", call=self.call)
            await self._tell(page, "queues", queues=self.queues)
        for page in list(self._live):
            await self._send_live(page)

    async def _send_live(self, page: ServerConnection) -> None:
        queues = [{**LIVE_QUEUE, **queue} for queue in self.queues]
        today = {"day": "2026-11-20", "calls": 61, "answered": 41, "abandoned": 8, "other": 12}
        await self._tell(
            page, "live", now=now_ms(), calls=self.calls, queues=queues, agents=self.agents, today=today,
            refusing=self.refusing,
        )  # fmt: skip
        if self.charts is not None:
            await self._tell(page, "charts", **self.charts)

    # the test's levers

    def run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(5)

    def push(self) -> None:
        self.run(self._push())

    def ring(self, **changes: Any) -> None:
        """A call rings the agent."""
        at = now_ms()
        self.call = {
            "id": "01JCALL0000000000000000001",
            "direction": "inbound",
            "state": "ringing",
            "since": at,
            "started_at": at - 41_000,
            "caller": "13800138000",
            "callee": "4001",
            "province": "北京",
            "city": "北京",
            "skill_group": "support",
            "waited_s": 18,
            "keys": "1",
            "path": [
                {"node": "start", "name": "开始", "type": "start", "exit": "next", "at": at - 41_000},
                {"node": "menu", "name": "主菜单", "type": "menu", "exit": "key_1", "at": at - 40_000},
                {"node": "say", "name": "播放欢迎语", "type": "play", "exit": "done", "at": at - 30_000},
                {"node": "queue", "name": "转人工", "type": "queue", "exit": None, "at": at - 18_000},
            ],
            "variables": {"account": "88001234", "vip": "是"},
            "recording": True,
            "note": "",
            "disposition": "",
            "wrap_up_until": None,
        } | changes
        self._state("ringing")
        self.push()

    def tell(self, kind: str, **fields: Any) -> None:
        """Any message to every agent's page and every board."""

        async def tell() -> None:
            for page in [*self._pages, *self._live]:
                await self._tell(page, kind, **fields)

        self.run(tell())

    def drop_pages(self, code: int = 1012) -> None:
        async def drop() -> None:
            for page in [*self._pages, *self._live]:
                await page.close(code)

        self.run(drop())
