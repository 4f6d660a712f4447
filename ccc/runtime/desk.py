"""One agent's desk: his page, his audio leg, the call in front of him. The server owns it, the page shows it."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

from ccc.acd import events
from ccc.acd.decisions import AgentChanged, Ring
from ccc.acd.model import Chosen
from ccc.errors import CccError, ConflictError
from ccc.runtime import views
from ccc.runtime.leg import MediaLeg
from ccc.snapshot.model import Agent

if TYPE_CHECKING:
    from ccc.runtime.call import Call
    from ccc.runtime.callback_call import CallbackCall
    from ccc.runtime.conversation import Conversation
    from ccc.runtime.desks import Desks
    from ccc.runtime.page import Page

log = logging.getLogger(__name__)

LEG_GONE = ("no-leg", "media-worker-died")
AWAY_S = 12.0
"""A page that is gone so long (reload and network breaks are shorter) makes the agent offline, unless he talks."""
SILENT_S = 15.0
"""An agent who talks and whose audio is gone so long loses the caller to the head of the queue."""


class Desk:
    """State of one agent in one instance; lives as long as the runtime."""

    def __init__(self, desks: Desks, agent: Agent) -> None:
        self.desks = desks
        self.agent = agent
        self.page: Page | None = None
        self.leg: MediaLeg | None = None
        self.media = "down"
        self.state = AgentChanged(agent.user, "offline", "", time.monotonic())
        self.card: views.Card | None = None
        self.conversation: Conversation | None = None
        self.queues_shown: list[dict[str, Any]] | None = None
        """What the page was told last about its queues."""
        self.setup_shown: dict[str, Any] = {}
        """And about its groups, dispositions, breaks."""
        self._patience: asyncio.TimerHandle | None = None
        self._offering = asyncio.Lock()

    @property
    def user(self) -> str:
        return self.agent.user

    # The page --------------------------------------------------------------------------------

    def connect(self, page: Page) -> None:
        """A page takes the desk; an older one is told so (a second tab, a reload)."""
        old, self.page = self.page, None
        if old is not None:
            old.close("taken-over")
        self._wait(None)
        self.desks.handle(events.AgentOnline(self.user))
        self.page, self.queues_shown = page, None  # only now: its first message is the whole picture
        self.setup_shown = views.setup(self)
        page.send("hello", **views.hello(self))
        page.send("media", state=self.media)
        if self.media == "up":
            self.desks.handle(events.MediaUp(self.user))

    def disconnect(self, page: Page) -> None:
        """The page is gone. Nothing else happens yet: it may come back."""
        if self.page is not page:
            return
        self.page = None
        self.desks.handle(events.MediaDown(self.user))
        if self.conversation is not None and self.media == "down":
            self._lost()
        else:
            self._wait(AWAY_S)

    def configured(self, agent: Agent) -> None:
        """A new configuration is in force: the page gets what it works with, when that has changed."""
        self.agent = agent
        setup = views.setup(self)
        if setup == self.setup_shown:
            return
        self.setup_shown = setup
        if self.page is not None:
            self.queues_shown = views.own_queues(self)
            self.page.send("setup", **setup, queues=self.queues_shown)

    def close(self, why: str) -> None:
        """The user was disabled, removed or signed out (offline at once), or we shut down."""
        if self.page is not None:
            self.page.close(why)
            self.page = None
        self._wait(None)
        if why != "shutdown":  # a shutdown changes nobody's state: it is restored at the next start
            self.desks.handle(events.AgentLost(self.user))
        self._drop_leg()

    def choose_for(self, chosen: Chosen, reason: str, by: str) -> None:
        """A supervisor chooses the agent's state; his page says who. ConflictError ``away`` when no page is there."""
        if self.page is None:
            raise ConflictError(f"agent {self.user} is not at the workbench", code="away")
        self.desks.handle(events.AgentState(self.user, chosen, reason))
        self.page.send("chosen", state=chosen, reason=reason, by=by)

    def _drop_leg(self) -> None:
        self.media = "down"
        if self.leg is not None:
            self.leg.release()
            self.leg = None

    def _wait(self, seconds: float | None) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        if seconds is not None:
            self._patience = asyncio.get_running_loop().call_later(seconds, self._out_of_patience)

    def _out_of_patience(self) -> None:
        self._patience = None
        if self.page is None and self.conversation is not None and self.media == "up":
            return  # the voice path is alive: the page (or the web process) may come back any time
        self._lost()

    def _lost(self) -> None:
        log.info("agent %s is lost (page %s, media %s)", self.user, "up" if self.page else "gone", self.media)
        self._wait(None)
        self.desks.handle(events.AgentLost(self.user))
        if self.page is None:
            self._drop_leg()

    # Audio -----------------------------------------------------------------------------------

    async def offer(self, sdp: str) -> str:
        """The page offers its RTCPeerConnection; the same leg goes on when there is one. Returns the answer's SDP."""
        async with self._offering:  # a second tab offers while the first one's leg is still opening
            self._set_media("connecting")
            try:
                answer = await self._reoffer(sdp) or await self._open(sdp)
            except BaseException:
                self._set_media("down")
                raise
            return answer

    async def _reoffer(self, sdp: str) -> str | None:
        """The answer of the leg that is there; None when there is none (any more)."""
        leg = self.leg
        if leg is None or leg.link is None:
            return None
        try:
            answer = await leg.link.request("reoffer", leg=leg.id, offer=sdp)
        except CccError as error:
            if error.code not in LEG_GONE:
                raise
            leg.release()
            return None
        return str(answer["answer"])

    async def _open(self, sdp: str) -> str:
        leg = MediaLeg(f"agent-{self.desks.instance}-{self.user}")
        leg.on_up = self._media_up
        leg.on_down = self._media_down
        self.leg = leg
        try:
            answer = await leg.open_on(self.desks.board.pool.pick(), kind="webrtc", offer=sdp)
        except BaseException:
            if self.leg is leg:
                self.leg = None
            raise
        if self.conversation is not None and not self.conversation.on_hold:
            await self.conversation.join()  # the worker that held the old leg is gone
        return str(answer["answer"])

    def _media_up(self) -> None:
        self._set_media("up")
        if self.page is not None:
            self._wait(None)
            self.desks.handle(events.AgentOnline(self.user))
            self.desks.handle(events.MediaUp(self.user))

    def _media_down(self, why: str) -> None:
        """DTLS closed, no STUN for 8 s, or the worker died."""
        log.info("agent %s: audio down (%s)", self.user, why)
        if why == "media-worker-died":
            self.leg = None
        self._set_media("down")
        self.desks.handle(events.MediaDown(self.user))
        if self.conversation is None:
            return
        if self.page is None:
            self._lost()
        else:
            self._wait(SILENT_S)

    def _set_media(self, state: str) -> None:
        self.media = state
        if self.page is not None:
            self.page.send("media", state=state)

    # The call in front of the agent ----------------------------------------------------------

    def ring(self, call: Call | CallbackCall, decision: Ring) -> None:
        self.card = views.Card(call, "ringing", decision.group, decision.waited_s)
        self.show_call()

    def stop_ring(self, call_id: str) -> None:
        if self.card is not None and self.card.call_id == call_id and self.card.state == "ringing":
            self.clear()

    def connecting(self, waited_s: float) -> None:
        if self.card is not None:
            self.card.waited_s = waited_s
        self.card_state("connecting")

    def talking(self, conversation: Conversation) -> None:
        """The legs are joined. Page and audio may have gone while they were being joined."""
        self.conversation = conversation
        self.card_state("talking")
        if self.media != "down":
            return
        if self.page is None:
            self._lost()
        else:
            self._wait(SILENT_S)

    def card_state(self, state: str) -> None:
        if self.card is not None:
            self.card.change(state)
            self.show_call()

    def save_note(self, card: views.Card) -> None:
        """Note and disposition go to the journal as they are typed; the last ones count."""
        self.desks.board.journal.append(
            {
                "k": "wrap-up",
                "id": card.call_id,
                "agent": self.user,
                "at": round(time.time(), 3),
                "note": card.note,
                "disposition": card.disposition,
            }
        )

    def clear(self) -> None:
        self.card = self.conversation = None
        self.show_call()

    def state_changed(self, decision: AgentChanged) -> None:
        self.state = decision
        if decision.state == "wrap-up" and self.card is not None:
            self.conversation = None
            self.card.wrap_up(decision.until)
            self.show_call()
        elif decision.state in ("ready", "break", "offline") and self.card is not None:
            self.clear()
        if self.page is not None:
            self.page.send("agent", state=views.agent_state(decision))

    def show_call(self) -> None:
        if self.page is not None:
            self.page.send("call", call=self.card.as_dict() if self.card else None)

    def current(self, call_id: str) -> views.Card:
        """The card the page speaks of. ConflictError when it is not (or no longer) in front of this agent."""
        if self.card is None or self.card.call_id != call_id:
            raise ConflictError("that call is no longer yours", code="gone")
        return self.card

    def hang_up(self, call_id: str) -> None:
        """The agent ends the conversation, or gives up a customer whose telephone rings."""
        self.current(call_id)
        dialled = self.desks.callbacks.call(call_id)
        if self.conversation is None and dialled is not None and dialled.dialling:
            dialled.give_up()
        else:
            self.talk(call_id).hang_up()

    def talk(self, call_id: str) -> Conversation:
        """The running conversation the page speaks of."""
        self.current(call_id)
        if self.conversation is None:
            raise CccError("you are not talking on that call", code="not-talking")
        return self.conversation
