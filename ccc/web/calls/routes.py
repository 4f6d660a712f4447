"""Past calls, one call, its recording."""

from __future__ import annotations

import datetime
import itertools
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as WerkzeugResponse

from ccc.services import calls, exports, sessions, tags, titles, users, waveform
from ccc.store.records import CallRecord, CallSummary, Page
from ccc.web import callback_words, keeping, plugins
from ccc.web.auth import rights
from ccc.web.calls import filters
from ccc.web.calls.causes import cause_in_words
from ccc.web.calls.recordings import is_first_part, send_recording
from ccc.web.calls.texts import texts
from ccc.web.i18n import language
from ccc.web.nodes import Names, exit_name, node_names, type_name
from ccc.web.shell import moment

blueprint = Blueprint("calls", __name__, template_folder="templates", url_prefix="/calls")
ROWS = 50


@blueprint.get("")
@rights.roles_accepted(*rights.EVERYBODY)
def past() -> str:
    """Past calls, newest first, by keyset paging. An agent sees the own ones."""
    store, actor, place = rights.store(), rights.actor(), rights.place()
    args = request.args
    page = calls.list_calls(
        store,
        actor,
        place.instance,
        filters.from_query(args),
        after=args.get("after") or None,
        before=args.get("before") or None,
        oldest="oldest" in args,
        size=ROWS,
    )
    kept = filters.kept(args)
    selects = filters.selects()
    by_day = itertools.groupby(page.items, lambda row: moment(row.started_at, "yyyy-MM-dd"))
    return render_template(
        "calls/past.html",
        days=[(day, list(rows)) for day, rows in by_day],
        pages=_pages(page, kept),
        selects=selects,
        spans=[(label, url_for("calls.past", **kept | span)) for label, span in filters.spans()],
        names={value: text for select in selects if select.name == "agent" for value, text in select.options},
        groups={value: text for select in selects if select.name == "group" for value, text in select.options},
        flow_titles=titles.flows_of(store, actor, place.instance),
        cause_in_words=cause_in_words,
        tags=tags.tags_of(store, actor, place.instance, [row.id for row in page.items]),
        kept=kept,
        keep_days=keeping.days("calls"),
        may_export=place.role in exports.MAY,
        start=start(kept),
    )


def _pages(page: Page[CallSummary], kept: dict[str, Any]) -> dict[str, str]:
    """Addresses of the neighbouring pages; '' where there is none."""
    newer = url_for("calls.past", **kept, before=page.before) if page.before else ""
    older = url_for("calls.past", **kept, after=page.after) if page.after else ""
    return {
        "newest": url_for("calls.past", **kept) if newer else "",
        "newer": newer,
        "older": older,
        "oldest": url_for("calls.past", **kept, oldest=1) if older else "",
    }


@blueprint.post("/retention")
@rights.roles_accepted("admin")
def set_retention() -> WerkzeugResponse:
    """Keep calls and recordings for ``days`` (0: for ever)."""
    keeping.change("calls")
    return redirect(url_for("calls.past"))


@blueprint.get("/<call_id>")
@rights.roles_accepted(*rights.EVERYBODY)
def detail(call_id: str) -> str:
    """One call with its steps on a time line."""
    call = calls.get_call(rights.store(), rights.actor(), rights.place().instance, call_id)
    cause = cause_in_words(call.cause)
    names = node_names(plugins.registry(), language())
    people = users.list_users(rights.store(), rights.actor(), rights.place().instance) if _may_see_people() else []
    return render_template(
        "calls/detail.html",
        call=call,
        flow_titles=titles.flows_of(rights.store(), rights.actor(), call.instance),
        group_titles=titles.groups_of(rights.store(), rights.actor(), call.instance),
        cause=cause,
        cause_in_words=cause_in_words,
        related=calls.related(rights.store(), rights.actor(), call),
        callback_states=callback_words.STATES,
        callback_reasons=callback_words.REASONS,
        steps=_time_line(call, names),
        bars=_bars(call, names),
        call_tags=tags.tags_of(rights.store(), rights.actor(), call.instance, [call.id]).get(call.id, []),
        tags=tags.list_tags(rights.store(), rights.actor(), call.instance),
        names={user.username: user.name for user in people},
        start=start({}),
    )


def _may_see_people() -> bool:
    return rights.place().role != "agent"


@blueprint.get("/<call_id>/peaks")
@rights.roles_accepted(*rights.EVERYBODY)
def peaks(call_id: str) -> Response:
    """``{seconds, channels}``: the waveform of the recording."""
    return jsonify(waveform.recording_peaks(rights.store(), rights.actor(), rights.place().instance, call_id))


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
        further=not is_first_part(),
    )
    return send_recording(path, f"{call_id}.wav", download="download" in request.args)


def start(kept: dict[str, Any]) -> dict[str, Any]:
    """What the pages' scripts need."""
    return {
        "csrf": generate_csrf(),
        "timezone": rights.place().timezone,
        "filter": kept,
        "urls": {"exports": url_for("calls.list_exports")},
        "texts": texts(),
    }


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
                "seek_s": _in_recording(record, entered),
            }
        )
    return line


def _in_recording(record: CallRecord, at: datetime.datetime) -> float | None:
    """Where a moment is in the recording, which begins with the answer; None without one."""
    if not record.recording or record.answered_at is None:
        return None
    return max(0.0, round((at - record.answered_at).total_seconds(), 1))


def _bars(record: CallRecord, names: Names) -> list[dict[str, Any]]:
    """The steps as parts of the whole call: ``{left, width}`` in thousandths, for the time line's drawing."""
    whole = (record.ended_at - record.started_at).total_seconds() if record.ended_at else 0.0
    if whole <= 0:
        return []
    bars = []
    for row in _time_line(record, names):
        left = min(1000.0, 1000 * row["after_s"] / whole)
        width = max(2.0, min(1000.0 - left, 1000 * (row["took_s"] or 0.0) / whole))
        bars.append({"left": round(min(left, 998.0), 1), "width": round(width, 1), **row})
    return bars
