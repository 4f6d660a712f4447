"""The switchboard: takes INVITEs, routes them, holds every running call, and knows when no more can be taken."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from ccc.errors import NotFoundError
from ccc.fetch.client import FetchClient
from ccc.fetch.guard import Allowed
from ccc.flow.compile import CompiledFlow
from ccc.geo import GeoTable, geo_path
from ccc.home import Home
from ccc.journal import Writer
from ccc.prompts.keys import hold_music_path
from ccc.runtime import views
from ccc.runtime.call import Call
from ccc.runtime.call_id import new_call_id
from ccc.runtime.callback_call import CallbackCall
from ccc.runtime.config import Configuration, Index
from ccc.runtime.desks import Desks
from ccc.runtime.familiar import Familiar
from ccc.runtime.leg import CallerLeg
from ccc.runtime.media_pool import MediaPool
from ccc.runtime.prompts import PromptFinder
from ccc.runtime.refusals import Refusals
from ccc.runtime.router import Refusal, Route, route
from ccc.runtime.sip_leg import SipLeg
from ccc.runtime.tallies import SAMPLE_S, Tallies
from ccc.runtime.tally import Day
from ccc.runtime.watcher import Watcher
from ccc.sip.endpoint import Endpoint
from ccc.sip.uas import Asked, ServerSession
from ccc.snapshot.model import Trunk

log = logging.getLogger(__name__)
LAST_CALLS_S = 2.5
"""For calls that are ended by a shutdown; a little more than what a call's own clean-up may take."""
SHUTTING_DOWN, UNWRITABLE, NO_MEDIA = "Shutting down", "Call records cannot be written", "No media capacity"
CAUSES = {SHUTTING_DOWN: "shutdown", UNWRITABLE: "journal", NO_MEDIA: "full"}
"""Why every new INVITE is refused, and the cause in the records of those that were."""


class Switchboard:
    """Everything running calls share. The SIP endpoint's handler."""

    def __init__(
        self,
        home: Home,
        config: Configuration,
        journal: Writer,
        pool: MediaPool,
        agents_before: Mapping[tuple[str, str], Mapping[str, Any]],
        tallies: Tallies,
        callbacks_before: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        self.home = home
        self.config = config
        self.journal = journal
        self.pool = pool
        self.calls: dict[str, Call | CallbackCall] = {}
        self.dialler: Endpoint | None = None
        """Who sends our INVITEs; the endpoint and we need each other, so it is set once both are there."""
        self.draining = False
        self.prompts = PromptFinder(home, lambda: self.config.index)
        self.hold_music = str(hold_music_path(home))
        self.taken = 0
        self.tallies = tallies
        self.watchers: set[asyncio.Event] = set()
        """Set with every change a live page may show."""
        self.allowed = Allowed()
        """Where flows may send requests to although it is not public."""
        self._geo = GeoTable.load(geo_path(home))
        self._desks: dict[str, Desks] = {}
        self._by_trunk: Counter[str] = Counter()
        self._by_instance: Counter[str] = Counter()
        self.familiar = Familiar(home.familiar)
        self._restored = dict(agents_before)
        self._callbacks_before = list(callbacks_before)
        self.refusals = Refusals(journal, self._count)
        self._dirty = True
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def index(self) -> Index:
        return self.config.index

    @cached_property
    def fetch(self) -> FetchClient:
        """Sends the requests of flows."""
        return FetchClient(self.allowed)

    # INVITEs (the handler of ccc.sip.Endpoint) -------------------------------------------------

    def accepting(self) -> tuple[int, str] | None:
        """None while calls can be taken, else the refusal for every new INVITE."""
        if self.draining:
            return 503, SHUTTING_DOWN
        if not self.journal.healthy:
            return 503, UNWRITABLE
        if not self.pool.has_room():
            return 503, NO_MEDIA
        return None

    def turned_away(self, asked: Asked, trunk_id: str, reason: str) -> None:
        """An INVITE got the refusal of :meth:`accepting`: it is counted, and recorded like other refused calls."""
        now = time.time()
        self.tallies.trunks.called(trunk_id, now)
        found = route(self.index, trunk_id, asked, now)
        self._missed(Refusal(503, reason, found.callee, found.caller, found.number), trunk_id, CAUSES[reason])

    def on_invite(self, session: ServerSession, trunk_id: str) -> None:
        """A new call; 100 has been sent."""
        self.tallies.trunks.called(trunk_id, time.time())
        found = route(self.index, trunk_id, session, time.time())
        if isinstance(found, Refusal):
            self._refuse(session, found, trunk_id)
            return
        if (reason := self.over_limit(found)) is not None:
            refusal = Refusal(*reason, found.callee, found.caller, found.number)
            self._refuse(session, refusal, trunk_id, "limit")
            return
        flow = self.config.compiled(found.flow)
        if flow is None:
            refusal = Refusal(480, "Flow cannot run here", found.callee, found.caller, found.number)
            self._refuse(session, refusal, trunk_id)
            return
        self.take(SipLeg(new_call_id(), session, self.pool, found.trunk.advertise_media), found, flow)

    def take(self, leg: CallerLeg, found: Route, flow: CompiledFlow, watcher: Watcher | None = None) -> Call:
        """Begin a call; whoever asks has looked at :meth:`accepting` and :meth:`over_limit`."""
        call = Call(self, leg, found, flow, _facts(found), watcher)
        call.start()  # first: a call that cannot even be recorded is refused, not counted
        self.taken += 1
        self._by_trunk[found.trunk.id] += 1
        self.admit(call)
        return call

    def admit(self, call: Call | CallbackCall) -> None:
        """The call runs; it holds a line of its trunk already, :meth:`forget` gives that back."""
        self.calls[call.id] = call
        self._by_instance[call.route.instance.name] += 1
        self._idle.clear()
        self.changed()

    def over_limit(self, found: Route) -> tuple[int, str] | None:
        """None, or the refusal of a trunk or instance that has all the calls it may."""
        if 0 < found.trunk.max_calls <= self._by_trunk[found.trunk.id]:
            return 503, "Trunk limit reached"
        if 0 < found.instance.max_calls <= self._by_instance[found.instance.name]:
            return 486, "Instance limit reached"
        return None

    def seize(self, trunk: Trunk) -> bool:
        """Take one of the trunk's lines for a call out; False when all are in use."""
        if 0 < trunk.max_calls <= self._by_trunk[trunk.id]:
            return False
        self._by_trunk[trunk.id] += 1
        return True

    def yield_line(self, trunk: Trunk) -> None:
        """A call out is over."""
        self._by_trunk[trunk.id] -= 1

    def _refuse(self, session: ServerSession, refusal: Refusal, trunk_id: str, cause: str = "no-flow") -> None:
        log.info("%s from %s refused: %d %s", refusal.callee, refusal.caller, refusal.status, refusal.reason)
        self._missed(refusal, trunk_id, cause)
        session.reject(refusal.status, refusal.reason)

    def _missed(self, refusal: Refusal, trunk_id: str, cause: str) -> None:
        """A call to a number of ours leaves a record: a wrong binding or too few lines are seen."""
        if refusal.number is not None:
            facts = {
                "caller": refusal.caller,
                "callee": refusal.callee,
                "trunk": trunk_id,
                "flow": refusal.number.flow or None,
                "flow_version": None,
            }
            instance = self.index.instances[refusal.number.instance]
            self.refusals.note(new_call_id(), instance, facts, cause, refusal.reason)
        self.tallies.trunks.refused(trunk_id, refusal.callee, refusal.reason, time.time())

    def trunk_figures(self) -> dict[str, Any]:
        """What each trunk does and did today (docs/protocols.md, ``trunks``)."""
        return self.tallies.trunks.shown(self._by_trunk, time.time())

    def forget(self, call: Call | CallbackCall) -> None:
        """The call is over and has given everything back."""
        if self.calls.pop(call.id, None) is not None:
            self._by_trunk[call.route.trunk.id] -= 1
            self._by_instance[call.route.instance.name] -= 1
            if call.record.closed is not None:
                self._count(call.record.closed)
            if desks := self._desks.get(call.route.instance.name):
                desks.callbacks.asker_gone(call.id)
            self.changed()
        if not self.calls:
            self._idle.set()

    def _count(self, closed: Mapping[str, Any]) -> None:
        self.tallies.add(closed, time.time())

    async def drain(self, seconds: float, hurry: asyncio.Event | None = None) -> None:
        """Take no more calls and give running ones time to end, unless ``hurry`` is set; then end them."""
        self.draining = True
        ends = [asyncio.ensure_future(event.wait()) for event in (self._idle, hurry) if event is not None]
        await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
        if self.calls:
            log.warning("ending %d calls that are still running", len(self.calls))
        for call in list(self.calls.values()):
            call.end("shutdown")
        try:
            async with asyncio.timeout(LAST_CALLS_S):
                await self._idle.wait()
        except TimeoutError:
            log.error("%d calls did not end in time", len(self.calls))
        self.refusals.catch_up()

    # Agents ----------------------------------------------------------------------------------

    def desks(self, instance: str) -> Desks:
        """NotFoundError when the instance is no longer configured (its calls may still run)."""
        try:
            return self._desks[instance]
        except KeyError:
            raise NotFoundError(f"instance {instance} is no longer configured", field="instance") from None

    def configure(self, index: Index) -> None:
        """A new snapshot is in force."""
        self.tallies.configure(index, time.time())
        if not len(self._geo):
            self._geo = GeoTable.load(geo_path(self.home))  # made at the first start, beside us
        for name in index.instances:
            fresh = name not in self._desks
            if fresh:
                self._desks[name] = Desks(self, name)
            self._desks[name].configure(index)
            if fresh:
                self._desks[name].restore({"agents": self._states_before(name)}, self._take_callbacks(name))
        for name in set(self._desks) - set(index.instances):
            self._desks[name].configure(index)
            del self._desks[name]
        self.changed()

    def _states_before(self, instance: str) -> list[dict[str, Any]]:
        """What the journal says of the agents' states before a restart."""
        return [
            {"agent": user, "state": record["state"], "reason": record.get("reason", "")}
            for (name, user), record in self._restored.items()
            if name == instance
        ]

    def _take_callbacks(self, instance: str) -> list[Mapping[str, Any]]:
        """Those open before a restart, once."""
        found = [record for record in self._callbacks_before if record.get("instance") == instance]
        self._callbacks_before = [record for record in self._callbacks_before if record.get("instance") != instance]
        return found

    def place(self, number: str) -> tuple[str, str]:
        """(province, city) of a number; '' where unknown."""
        found = self._geo.lookup(number)
        return (found.province, found.city) if found else ("", "")

    def changed(self) -> None:
        """Something the pages show has changed; they are told within a second."""
        self._dirty = True
        self._wake()

    def _wake(self) -> None:
        for watcher in self.watchers:
            watcher.set()

    async def tell_pages(self) -> None:
        """Push queue figures to agents' pages, at most once a second."""
        while True:
            await asyncio.sleep(1.0)
            self.tell_queues()

    def tell_queues(self) -> None:
        """Each page its queues, when they look different from what it was told."""
        if not self._dirty:
            return
        self._dirty = False
        for desks in self._desks.values():
            for desk in desks.all_desks():
                if desk.page is None:
                    continue
                queues = views.own_queues(desk)
                if desk.queues_shown != queues:
                    desk.queues_shown = queues
                    desk.page.send("queues", queues=queues)

    def live(self, instance: str) -> dict[str, Any]:
        """What ``/rt/live`` shows of the instance (docs/protocols.md)."""
        desks = self._desks.get(instance)
        if desks is None:
            return {"calls": [], "queues": [], "agents": [], "today": None, "closed": [], "refusing": None}
        refusal = self.accepting()
        return views.live(desks, self._today(instance)) | {"refusing": refusal and CAUSES[refusal[1]]}

    def charts(self, instance: str) -> dict[str, Any] | None:
        """What the plots of ``/rt/live`` are drawn from."""
        if instance not in self._desks:
            return None
        return self.tallies.tally(instance).charts(self._today(instance))

    def _today(self, instance: str) -> Day:
        """Today's counts, the calls in progress included as far as they are decided."""
        running = (
            (facts, self.tallies.level_s(instance, call.record.skill_group))
            for call in self.calls.values()
            if call.route.instance.name == instance
            and call.route.direction == "inbound"
            and (facts := views.counted(call))
        )
        return self.tallies.tally(instance).today(running, time.time())

    async def keep_tallies(self) -> None:
        """Sample the queues, save today's figures and tell of refused calls that were only counted, until cancelled."""
        while True:
            await asyncio.sleep(SAMPLE_S)
            await self.tallies.keep(
                {name: sum(view.waiting for view in desks.acd.queues()) for name, desks in self._desks.items()}
            )
            self.refusals.catch_up()
            self._wake()

    def close_pages(self, why: str, user: str | None = None) -> None:
        """Close agents' pages: all at shutdown, one user's when he is disabled."""
        for desks in self._desks.values():
            for desk in desks.all_desks():
                if desk.page is not None and (user is None or desk.user == user):
                    desk.close(why)


def _facts(found: Route) -> dict[str, Any]:
    return {
        "instance": found.instance.name,
        "account": found.instance.account,
        "direction": found.direction,
        "caller": found.caller,
        "callee": found.callee,
        "trunk": found.trunk.id,
        "flow": found.flow.name or None,
        "flow_version": found.flow.version or None,
    } | ({"kind": "closed"} if found.closure is not None else {})
