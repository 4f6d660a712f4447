"""``ccc calls``: past calls and the path they took."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import click

from ccc.bus import request
from ccc.commands.common import home_option
from ccc.errors import UnavailableError
from ccc.home import Home
from ccc.services.actor import SYSTEM
from ccc.services.calls import last_calls
from ccc.store import open_store
from ccc.store.records import CallRecord

SETTLE_S = 2.0
STEP_FIELDS = ("node", "type", "entered_at", "left_at", "exit")


@click.command()
@home_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line; times are UTC, ISO 8601.")
@click.option("--last", "count", type=click.IntRange(1, 100_000), default=20, show_default=True, metavar="N")
@click.option("--instance", help="Only calls of this instance.")
def calls(home: Home, as_json: bool, count: int, instance: str | None) -> None:
    """List past calls, newest first, with the path they took."""
    store = open_store(home)
    _settle(home)
    try:
        found = last_calls(store, SYSTEM, count, instance)
    finally:
        store.close()
    for call in found:
        click.echo(json.dumps(as_dict(call), ensure_ascii=False) if as_json else _line(call))
    if not found and not as_json:
        click.echo("no calls yet; dial one with `ccc call 4000`")


def as_dict(call: CallRecord) -> dict[str, Any]:
    """The contract of ``ccc calls --json`` (DESIGN "Contracts")."""
    return {
        "id": call.id,
        "direction": call.direction,
        "kind": call.kind or None,
        "origin": call.origin or None,
        "caller": call.caller,
        "callee": call.callee,
        "started_at": iso(call.started_at),
        "answered_at": iso(call.answered_at),
        "ended_at": iso(call.ended_at),
        "cause": call.cause,
        "flow": call.flow or None,
        "flow_version": call.flow_version,
        "agent": call.agent or None,
        "steps": [_step(call, step) for step in call.steps],
        "legs": [_leg(step["leg"]) for step in call.steps if step.get("leg")],
        "survey": [answer for step in call.steps for answer in step.get("survey", ())],
        "recording": call.recording or None,
    }


def iso(at: datetime | float | None) -> str | None:
    """``2026-11-20T08:15:02.125Z`` from a datetime or epoch seconds."""
    if at is None:
        return None
    moment = datetime.fromtimestamp(at, UTC) if isinstance(at, int | float) else at.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _step(call: CallRecord, step: dict[str, Any]) -> dict[str, Any]:
    """``flow`` is another one than the call's inside a sub-flow."""
    shape = {name: step.get(name) for name in STEP_FIELDS}
    times = {"entered_at": iso(shape["entered_at"]), "left_at": iso(shape["left_at"])}
    ran = {"flow": call.flow or None, "flow_version": call.flow_version}
    return {**shape, **times, **{name: step.get(name, value) for name, value in ran.items()}}


def _leg(leg: dict[str, Any]) -> dict[str, Any]:
    """A party the flow called, from the step that called it."""
    return {**leg, **{name: iso(leg.get(name)) for name in ("started_at", "answered_at", "ended_at")}}


def _line(call: CallRecord) -> str:
    path = " > ".join(f"{step.get('node')}[{step.get('exit') or '-'}]" for step in call.steps)
    seconds = (call.ended_at - call.started_at).total_seconds() if call.ended_at else 0.0
    flow = f"{call.flow} v{call.flow_version}" if call.flow else "-"
    agent = f" agent {call.agent}" if call.agent else ""
    return (
        f"{iso(call.started_at)}  {call.caller or '?'} -> {call.callee}  {seconds:6.1f} s  "
        f"{call.cause:<14} {flow}{agent}  {path}"
    )


def _settle(home: Home) -> None:
    """A call that has just ended is stored within a moment: wait for it, at most 2 s and only while jobs gets on."""
    end = time.monotonic() + SETTLE_S
    while time.monotonic() < end and home.socket("jobs").exists():
        try:
            health = request(home.socket("jobs"), {"op": "health"}, SETTLE_S)
        except UnavailableError:
            return
        if health.get("journal_lag_bytes", 0) == 0 or health.get("store") != "up":
            return
        time.sleep(0.05)
