"""One change of a draft by a posted form: under the edit lock, from the revision the page was made from."""

from __future__ import annotations

from collections.abc import Callable

from flask import render_template, request
from flask_babel import gettext

from ccc.errors import CccError, UsageError
from ccc.services import draft_changes, drafts
from ccc.store.base import utc_now
from ccc.store.records import ChangeRecord, FlowRecord
from ccc.store.repos.flow_changes import Change
from ccc.web.admin.page import AdminPage
from ccc.web.auth import rights
from ccc.web.designer.outline import operations
from ccc.web.shell import moment

OURS = ("csrf_token", "revision", "take_over")
"""Form fields that are not part of what was asked for."""


def revision() -> int:
    """The one the form was made from. UsageError when the form has none."""
    text = request.form.get("revision", "")
    if not text.isdecimal() or len(text) > 9:
        raise UsageError(gettext("The form is incomplete. Close it, then open it again."), field="revision")
    return int(text)


def save(page: AdminPage, name: str, done: operations.Done) -> None:
    """Store what was done. LockedError, StaleError: nothing is."""

    def store(token: str) -> None:
        drafts.save_draft(
            rights.store(), rights.actor(), page.instance, name, done.document.as_dict(), revision=revision(),
            token=token, shown_name=rights.profile().name, now=utc_now(), change=Change(done.what, done.subject),
        )  # fmt: skip

    _locked(page, name, store)


def turn(page: AdminPage, name: str, *, forward: bool) -> ChangeRecord:
    """Take the last change back, or do again what was taken back. NothingLeftError when there is none."""
    found: list[ChangeRecord] = []

    def back(token: str) -> None:
        done = draft_changes.turn(
            rights.store(), rights.actor(), page.instance, name, revision=revision(), token=token, now=utc_now(),
            forward=forward,
        )  # fmt: skip
        found.append(done)

    _locked(page, name, back)
    return found[0]


def _locked(page: AdminPage, name: str, change: Callable[[str], None]) -> None:
    """Under the lock, which is free again afterwards: the page that made the form may be closed by now."""
    held = drafts.take_lock(
        rights.store(), rights.actor(), page.instance, name, token="", shown_name=rights.profile().name, now=utc_now(),
        from_holder="take_over" in request.form,
    )  # fmt: skip
    try:
        change(held.token)
    finally:
        drafts.release_lock(rights.store(), rights.actor(), page.instance, name, held.token)


def conflict(page: AdminPage, record: FlowRecord, error: CccError) -> str:
    """What was asked for, to be done all the same or given up. ``record``: the draft as it is by now."""
    held = drafts.holder(rights.store(), rights.actor(), page.instance, record.name, utc_now())
    locked = isinstance(error, drafts.LockedError) and held is not None
    asked = [(name, value) for name in request.form for value in request.form.getlist(name) if name not in OURS]
    return render_template(
        "outline/conflict.html", page=page, flow=record, locked=locked, stale=record.revision != revision(),
        asked=asked, own=held is not None and held.user == rights.actor().user, held=held, url=request.path,
        since=moment(held.since, "HH:mm") if held else "", at=moment(record.edited_at, "HH:mm:ss"),
    )  # fmt: skip
