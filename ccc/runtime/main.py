"""The telephone side: one asyncio process that owns calls, agents' pages and the journal."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import time
from collections.abc import Awaitable, Callable

import uvloop

from ccc.bus import serve
from ccc.bus.frames import Message
from ccc.errors import NotFoundError, UsageError
from ccc.fetch.guard import parse_allowed
from ccc.home import Home
from ccc.journal import Writer
from ccc.journal.recover import scan
from ccc.loader import load
from ccc.runtime.board import Switchboard
from ccc.runtime.config import Configuration, Index
from ccc.runtime.media_pool import MediaPool
from ccc.runtime.recovery import settle
from ccc.runtime.rt_server import RtServer
from ccc.runtime.tallies import Tallies
from ccc.runtime.watchdog import Watchdog
from ccc.settings import Settings, split_address
from ccc.sip.endpoint import Endpoint

log = logging.getLogger(__name__)


def run(home: Home, settings: Settings) -> None:
    """Run until SIGTERM; calls in progress get ``drain_s`` to end."""
    uvloop.run(_Runtime(home, settings).main())


async def keep(name: str, work: Callable[[], Awaitable[None]], again_s: float = 1.0) -> None:
    """Run ``work`` until cancelled: one that fails is told and begun anew. Calls do not depend on its bugs."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("%s failed; it begins anew", name)
        await asyncio.sleep(again_s)


class _Runtime:
    def __init__(self, home: Home, settings: Settings) -> None:
        self._home = home
        self._settings = settings
        tallies = Tallies(home.tally, time.time())
        before = scan(home.journal, tallies.since)
        tallies.catch_up(before.closed)
        self._lost_calls = before.calls
        self._journal = Writer(home.journal)
        registry = load()
        self._config = Configuration(home.snapshot, registry)
        workers = [home.socket(f"media-{k}") for k in range(settings.media_workers)]
        self._pool = MediaPool(workers, settings.media_capacity)
        self._board = Switchboard(
            home, self._config, self._journal, self._pool, before.agents, tallies, before.callbacks.values()
        )
        self._endpoint = Endpoint((settings.sip_host, settings.sip_port), self._board, advertise=_advertised(settings))
        self._board.dialler = self._endpoint
        self._board.allowed = parse_allowed(settings.http_allow)
        self._pages = RtServer(home, self._board)
        self._config.on_change = self._configure
        self._stop, self._hurry = asyncio.Event(), asyncio.Event()

    def _configure(self, index: Index) -> None:
        self._endpoint.configure(index.snapshot.trunks)
        self._board.configure(index)
        self._pages.recheck()

    def _on_signal(self) -> None:
        """The first one drains, the second one ends calls at once."""
        (self._hurry if self._stop.is_set() else self._stop).set()

    async def main(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal)
        await self._config.reload()
        try:
            async with asyncio.TaskGroup() as group:
                background = [
                    group.create_task(keep(work.__qualname__, work))
                    for work in (
                        self._pool.run,
                        self._config.poll,
                        self._board.tell_pages,
                        self._board.keep_tallies,
                        Watchdog().run,
                    )
                ]
                try:
                    await self._serve()
                finally:
                    for task in background:
                        task.cancel()
                    self._board.tallies.save()
        finally:
            self._journal.close()

    async def _serve(self) -> None:
        async with contextlib.AsyncExitStack() as stack:
            await self._endpoint.start()
            stack.callback(self._endpoint.close)
            stack.push_async_callback(self._board.fetch.close)
            settle(self._lost_calls, self._endpoint, self._journal, self._board.tallies)
            self._lost_calls = {}
            await stack.enter_async_context(self._pages.serving())
            await stack.enter_async_context(serve(self._home.socket("runtime"), self._answer))
            gc.collect()
            gc.freeze()
            log.info("taking calls on %s", self._endpoint.local)
            await self._stop.wait()
            await self._board.drain(self._settings.drain_s, self._hurry)
            self._board.close_pages("shutdown")

    async def _answer(self, message: Message) -> Message:
        """Questions on the bus (docs/protocols.md)."""
        match message.get("op"):
            case "health":
                return self._health()
            case "snapshot":
                return {"counter": await self._config.reload()}
            case "live":
                return self._board.live(str(message.get("instance")))
            case "flow":
                found = self._config.index.flows.get((str(message.get("instance")), str(message.get("flow"))))
                return {"version": found.version if found else None}
            case "trunks":
                return self._board.trunk_figures()
            case "test-draft":
                return {"draft": await self._pages.trials.keep_draft(message)}
            case "callback":
                self._callback(message)
                return {}
            case "agent-state":
                return self._choose_for(message)
            case "user-disabled":
                self._board.close_pages("disabled", str(message.get("user")))
                self._pages.recheck(disabled=str(message.get("user")))
                return {}
            case "sessions-ended":
                only, but = str(message.get("only") or ""), str(message.get("but") or "")
                self._pages.sign_out(str(message.get("user")), only=only, but=but)
                return {}
        raise UsageError(f"unknown operation {message.get('op')!r}")

    def _callback(self, message: Message) -> None:
        """What somebody wants of a callback: ``cancel`` or ``now``."""
        callbacks = self._board.desks(str(message.get("instance"))).callbacks
        callback_id, user = str(message.get("id")), str(message.get("user", ""))
        if message.get("do") == "cancel":
            callbacks.cancel(callback_id, user)
        elif message.get("do") == "now":
            callbacks.call_now(callback_id, user)
        else:
            raise UsageError(f"a callback cannot be {message.get('do')!r}")

    def _choose_for(self, message: Message) -> Message:
        desk = self._board.desks(message["instance"]).desk(message["user"])
        if desk is None:
            raise NotFoundError(f"there is no agent {message['user']} in {message['instance']}")
        desk.choose_for(message["state"], message["reason"], message["by"])
        return {}

    def _health(self) -> Message:
        refusal = self._board.accepting()
        return {
            "runtime": "up",
            "sip": "up",
            "journal": "up" if self._journal.healthy else "unwritable",
            "media": self._pool.health(),
            "taking_calls": refusal is None,
            "refusing": refusal[1] if refusal else None,
            "calls": len(self._board.calls),
            "refused_unrecorded": self._board.refusals.unrecorded,
            "taken": self._board.taken,
            "snapshot": self._config.index.snapshot.counter,
        }


def _advertised(settings: Settings) -> tuple[str, int] | None:
    if not settings.sip_advertise:
        return None
    if ":" in settings.sip_advertise:
        return split_address(settings.sip_advertise)
    return settings.sip_advertise, settings.sip_port
