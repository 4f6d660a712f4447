"""Past calls, one call, its recording."""

from __future__ import annotations

import datetime
import itertools
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask_babel import gettext as _

from ccc.errors import InvalidError
from ccc.services import calls, sessions, users
from ccc.store.records import CallFilter, CallRecord
from ccc.web.auth import rights
from ccc.web.calls.causes import CAUSES, cause_in_words, cause_title
from ccc.web.calls.recordings import is_first_part, send_recording
from ccc.web.i18n import language
from ccc.web.nodes import Names, exit_name, node_names, type_name
from ccc.web.shell import moment

blueprint = Blueprint("calls", __name__, template_folder="templates", url_prefix="/calls")
ROWS = 50
FILTERS = ("from", "to", "number", "agent", "cause")


@blueprint.get("")
@rights.roles_accepted(*rights.EVERYBODY)
def past() -> str:
    """Past calls, newest first, by keyset paging. An agent sees the own ones."""
    store, actor, place = rights.store(), rights.actor(), rights.place()
    after = request.args.get("after") or None
    page = calls.list_calls(store, actor, place.instance, _filter(request.args), after=after, size=ROWS)
    people = users.list_users(store, actor, place.instance) if place.role != "agent" else []
    kept: dict[str, Any] = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    by_day = itertools.groupby(page.items, lambda row: moment(row.started_at, "yyyy-MM-dd"))
    return render_template(
        "calls/past.html",
        days=[(day, list(rows)) for day, rows in by_day],
        next_url=url_for("calls.past", **kept, after=page.after) if page.after else None,
        first_url=url_for("calls.past", **kept) if request.args.get("after") else None,
        causes=[(code, cause_title(code)) for code in CAUSES],
        names={user.username: user.name for user in people},
        agents=[(user.username, user.name) for user in people],
        cause_in_words=cause_in_words,
        filtered=bool(kept),
        args=request.args,
    )


@blueprint.get("/<call_id>")
@rights.roles_accepted(*rights.EVERYBODY)
def detail(call_id: str) -> str:
    """One call with its steps on a time line."""
    call = calls.get_call(rights.store(), rights.actor(), rights.place().instance, call_id)
    cause = cause_in_words(call.cause)
    names = node_names(current_app.extensions["ccc_registry"], language())
    return render_template("calls/detail.html", call=call, cause=cause, steps=_time_line(call, names))


@blueprint.get("/<call_id>/recording")
@rights.roles_accepted(*rights.EVERYBODY)
def recording(call_id: str) -> Response:
    """The recording as WAV (left caller, right agent). Each play or download is written to the audit log once."""
    path = sessions.recording_file(
        rights.store(),
        rights.actor(),
        rights.place().instance,
        call_id,
        request.remote_addr or "",
        log=is_first_part(),
    )
    return send_recording(path, f"{call_id}.wav", download="download" in request.args)


def _filter(args: Any) -> CallFilter:
    """From the page's query. InvalidError names the field."""
    return CallFilter(
        since=_day(args.get("from", ""), "from", 0),
        until=_day(args.get("to", ""), "to", 1),
        number=args.get("number", "").strip(),
        agent=args.get("agent", ""),
        cause=args.get("cause", ""),
    )


def _day(text: str, field: str, plus_days: int) -> datetime.datetime | None:
    """Midnight of a day in the instance's time zone, in UTC."""
    if not text:
        return None
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError as error:
        raise InvalidError(_("%(text)s is not a date like 2026-01-31.", text=repr(text)), field=field) from error
    zone = ZoneInfo(rights.place().timezone)
    start = datetime.datetime.combine(day + datetime.timedelta(days=plus_days), datetime.time(), zone)
    return start.astimezone(datetime.UTC)


def _time_line(record: CallRecord, names: Names) -> list[dict[str, Any]]:
    """Steps with times, how long they took and how long after the call's start they began (seconds)."""
    line = []
    for step in record.steps:
        entered = datetime.datetime.fromtimestamp(step["entered_at"], datetime.UTC)
        left_at = step.get("left_at")
        left = datetime.datetime.fromtimestamp(left_at, datetime.UTC) if left_at else record.ended_at
        line.append(
            {
                "step": step,
                "type": type_name(names, step["type"]),
                "exit": exit_name(names, step["type"], step.get("exit")),
                "entered": entered,
                "after_s": max(0.0, (entered - record.started_at).total_seconds()),
                "took_s": (left - entered).total_seconds() if left else None,
            }
        )
    return line
