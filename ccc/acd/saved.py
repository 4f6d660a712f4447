"""Agents' states across a restart: plain JSON data with ages instead of clock readings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ccc.acd.model import NO_MEDIA, Chosen
from ccc.acd.queues import Queues
from ccc.acd.roster import Roster
from ccc.errors import InvalidError


def chosen_state(state: str, reason: str) -> tuple[Chosen, str]:
    """What an agent had chosen, from a state as shown or journalled: busy or without audio means ready."""
    if state == "offline":
        return "offline", ""
    if state == "break" and reason != NO_MEDIA:
        return "break", reason
    return "ready", ""


def export(roster: Roster, queues: Queues, now: float) -> dict[str, Any]:
    """JSON data for :func:`restore`: ``{"agents": [...], "groups": [...]}``; all times are ages in seconds."""
    agents = []
    for seat in roster.seats.values():
        left = None if seat.wrap_until is None else max(0.0, seat.wrap_until - now)
        away = None if seat.online or seat.lost_at is None else now - seat.lost_at
        agents.append(
            {
                "agent": seat.user,
                "state": seat.chosen,
                "reason": seat.reason,
                "misses": seat.misses,
                "idle_s": now - seat.idle_since,
                "away_s": away,
                "wrap_up_left_s": left,
                "wrap_up_call": seat.wrap_call,
            }
        )
    groups = [
        {"group": name, "handle_s": line.handle_s, "finished": line.finished} for name, line in queues.lines.items()
    ]
    return {"agents": agents, "groups": groups}


def restore(roster: Roster, queues: Queues, data: Mapping[str, Any], now: float) -> list[str]:
    """Take over an export or journalled states (only ``agent``, ``state`` and ``reason`` are needed).

    Agents and groups that no longer exist are left out. Returns the agents still in wrap-up.
    InvalidError when ``data`` is not such data.
    """
    wrapping = []
    try:
        for row in data.get("agents", ()):
            seat = roster.seats.get(row["agent"])
            if seat is None:
                continue
            seat.chosen, seat.reason = chosen_state(row["state"], row.get("reason", ""))
            seat.misses = int(row.get("misses", 0))
            seat.idle_since = now - float(row.get("idle_s", 0.0))
            seat.lost_at = now - float(row.get("away_s") or 0.0)
            if row.get("wrap_up_left_s"):
                seat.wrap_until = now + float(row["wrap_up_left_s"])
                seat.wrap_call = row.get("wrap_up_call")
                wrapping.append(seat.user)
            roster.touch(seat)
        for row in data.get("groups", ()):
            line = queues.lines.get(row["group"])
            if line is not None:
                line.handle_s, line.finished = float(row["handle_s"]), int(row["finished"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidError(f"agents' states cannot be restored ({error!r}); they start as offline") from error
    return wrapping
