"""What pages are shown: plain dictionaries as in docs/protocols.md. Times here are epoch milliseconds."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ccc.acd.decisions import AgentChanged
from ccc.acd.model import QueueView
from ccc.runtime.tally import Day, GroupCount

if TYPE_CHECKING:
    from ccc.runtime.call import Call
    from ccc.runtime.callback_call import CallbackCall
    from ccc.runtime.desk import Desk
    from ccc.runtime.desks import Desks
    from ccc.runtime.record import CallRecord

HIDDEN_PREFIX = "sys."
NO_COUNT = GroupCount()


def to_ms(monotonic: float | None) -> int | None:
    """A monotonic reading as epoch milliseconds."""
    if monotonic is None:
        return None
    return round((time.time() - time.monotonic() + monotonic) * 1000)


def wall_ms(epoch_s: float | None) -> int | None:
    return None if epoch_s is None else round(epoch_s * 1000)


def path_of(record: CallRecord) -> list[dict[str, Any]]:
    """The way through the flow."""
    return [
        {key: step[key] for key in ("node", "name", "type", "exit")} | {"at": wall_ms(step["entered_at"])}
        for step in record.steps
    ]


def variables_of(variables: Mapping[str, Any]) -> dict[str, Any]:
    """What the flow has set."""
    return {name: value for name, value in variables.items() if not name.startswith(HIDDEN_PREFIX)}


def inbound(call: Call) -> dict[str, Any]:
    """A caller's part of CallView."""
    record, route = call.record, call.route
    province, city = call.board.place(route.caller)
    return {
        "direction": route.direction,
        "kind": "",
        "started_at": wall_ms(record.started_at),
        "caller": route.caller,
        "callee": route.callee,
        "province": province,
        "city": city,
        "keys": record.keys,
        "path": path_of(record),
        "variables": variables_of(call.control.variables),
        "recording": record.recording is not None,
        "callback": None,
    }


class Card:
    """The call in front of an agent, from the first ring to the end of wrap-up. Outlives the call."""

    def __init__(self, call: Call | CallbackCall, state: str, group: str, waited_s: float) -> None:
        self.call_id = call.id
        self.state = state
        self.note = ""
        self.disposition = ""
        self._call = call
        self._group = group
        self.caller: str = call.shown()["caller"]
        self.waited_s = waited_s
        self._since = round(time.time() * 1000)
        self._wrap_up_until: int | None = None

    def change(self, state: str) -> None:
        self.state, self._since = state, round(time.time() * 1000)

    def wrap_up(self, until: float | None) -> None:
        self.change("wrap-up")
        self._wrap_up_until = to_ms(until)

    def as_dict(self) -> dict[str, Any]:
        """CallView."""
        return {
            **self._call.shown(),
            "id": self.call_id,
            "state": self.state,
            "since": self._since,
            "skill_group": self._group,
            "waited_s": round(self.waited_s, 1),
            "note": self.note,
            "disposition": self.disposition,
            "wrap_up_until": self._wrap_up_until,
        }


def agent_state(state: AgentChanged) -> dict[str, Any]:
    """AgentState."""
    return {"state": state.state, "reason": state.reason, "since": to_ms(state.since), "until": to_ms(state.until)}


def queue(view: QueueView) -> dict[str, Any]:
    """QueueView."""
    return {
        "group": view.group,
        "title": view.title or view.group,
        "waiting": view.waiting,
        "longest_since": to_ms(view.longest_since),
        "ready": view.ready,
        "callbacks": view.callbacks,
    }


def queues(desks: Desks, groups: set[str] | None = None) -> list[dict[str, Any]]:
    return [queue(view) for view in desks.acd.queues() if groups is None or view.group in groups]


def own_queues(desk: Desk) -> list[dict[str, Any]]:
    """The queues the agent serves."""
    return queues(desk.desks, {membership.group for membership in desk.agent.groups})


def setup(desk: Desk) -> dict[str, Any]:
    """What the page works with, as it is configured. Dispositions of every group: a dedicated agent serves more than
    his own."""
    desks, agent = desk.desks, desk.agent
    names = {membership.group for membership in agent.groups}
    return {
        "agent": {
            "user": agent.user,
            "name": agent.name,
            "instance": desks.instance,
            "groups": sorted(names),
            "auto_answer": agent.auto_answer,
        },
        "breaks": list(desks.board.index.instances[desks.instance].break_reasons),
        "dispositions": {group.name: list(group.dispositions) for group in desks.groups()},
    }


def hello(desk: Desk) -> dict[str, Any]:
    """The whole snapshot a page starts from."""
    desks = desk.desks
    return {
        "now": round(time.time() * 1000),
        **setup(desk),
        "queues": own_queues(desk),
        "state": agent_state(desk.state),
        "call": desk.card.as_dict() if desk.card else None,
        "team": [
            {"user": other.user, "name": other.agent.name, "state": other.state.state} for other in desks.all_desks()
        ],
    }


def whereabouts(call: Call | CallbackCall, step: Mapping[str, Any]) -> dict[str, Any]:
    """A node the call is in now, and the flow it belongs to."""
    flow = call.route.flow
    return {
        "flow": step.get("flow", flow.name),
        "flow_version": step.get("flow_version", flow.version),
        "node": step["node"],
        "since": wall_ms(step["entered_at"]),
    }


def live_call(call: Call | CallbackCall) -> dict[str, Any]:
    """LiveCall."""
    record = call.record
    step = record.steps[-1] if record.steps else None
    return {
        "id": call.id,
        "direction": call.route.direction,
        "caller": call.route.caller,
        "callee": call.route.callee,
        "flow": call.route.flow.name,
        "flow_version": call.route.flow.version,
        "node": step["node"] if step else None,
        "node_name": step["name"] if step else None,
        "node_since": wall_ms(step["entered_at"]) if step else None,
        "at": [whereabouts(call, step) for step in record.running or record.steps[-1:]],
        "agent": record.agent if call.conversation else None,
        "started_at": wall_ms(record.started_at),
        "answered_at": wall_ms(record.answered_at),
        "skill_group": record.skill_group,
        "state": "hold" if call.conversation is not None and call.conversation.on_hold else call.state.value,
    }


def counted(call: Call | CallbackCall) -> dict[str, Any]:
    """A call in progress for today's figures: what its closing record will say, as far as it is known."""
    record = call.record
    return {
        "started_at": record.started_at,
        "agent": record.agent,
        "skill_group": record.skill_group,
        "waited_s": record.waited_s,
    }


def live_agent(desk: Desk) -> dict[str, Any]:
    """LiveAgent."""
    card = desk.card
    return {
        "user": desk.user,
        "name": desk.agent.name,
        **agent_state(desk.state),
        "groups": sorted(membership.group for membership in desk.agent.groups),
        "call": {"id": card.call_id, "caller": card.caller, "state": card.state} if card is not None else None,
    }


def live_queue(desks: Desks, view: QueueView, day: Day) -> dict[str, Any]:
    """LiveQueue: a queue with its day."""
    return {
        **queue(view),
        "working": view.working,
        "service_level_s": desks.board.tallies.level_s(desks.instance, view.group),
        "today": day.groups.get(view.group, NO_COUNT).shown(),
    }


def live(desks: Desks, day: Day) -> dict[str, Any]:
    """Everything the live page of one instance shows."""
    calls = [call for call in desks.board.calls.values() if call.route.instance.name == desks.instance]
    return {
        "calls": [live_call(call) for call in calls],
        "queues": [live_queue(desks, view, day) for view in desks.acd.queues()],
        "agents": [live_agent(desk) for desk in desks.all_desks()],
        "today": day.shown(),
        "closed": closed_numbers(desks),
    }


def closed_numbers(desks: Desks) -> list[dict[str, Any]]:
    """The instance's numbers that are closed (紧急关闭)."""
    now, found = time.time(), []
    for item in desks.board.index.numbers.values():
        if item.instance == desks.instance and (closure := item.closure) is not None and closure.holds(now):
            times = {"since": wall_ms(closure.at), "until": wall_ms(closure.until)}
            found.append({"number": item.number, "by": closure.by, "reason": closure.reason, **times})
    return found
