"""The page 回呼: customers who asked to be called back; agents see those of their skill groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from ccc.services import callbacks, places, voicemails
from ccc.store.records import CallbackRecord
from ccc.web.admin.actions import Action, Done, Question, each
from ccc.web.admin.crud import Empty, ListPage
from ccc.web.admin.lists import Column, Filter, Listing, Query
from ccc.web.auth import rights
from ccc.web.callback_words import REASONS, STATES

TONES = {
    "waiting": "tag-info", "calling": "tag-warn", "talking": "tag-warn", "done": "tag-good", "failed": "tag-bad",
    "cancelled": "", "expired": "tag-bad",
}  # fmt: skip


def _states() -> list[tuple[str, Any]]:
    return [("open", _("Open")), *STATES.items()]


def _groups() -> list[tuple[str, str]]:
    found = voicemails.skill_groups(rights.store(), rights.actor(), rights.place().instance)
    return [(group.name, group.title or group.name) for group in found]


class CallbacksPage(ListPage):
    """Callbacks of the instance, newest first. While some are open the list asks for itself again."""

    endpoint_name, path, title = "callbacks", "/callbacks", _("Callbacks")
    roles = rights.EVERYBODY
    columns = (
        Column(_("State")),
        Column(_("Customer")),
        Column(_("Skill group")),
        Column(_("Asked for at")),
        Column(_("Attempts"), css="num right"),
        Column(_("Next call")),
        Column(_("Agent")),
        Column(_("Call")),
    )
    filters = (Filter("state", _("State"), _states), Filter("group", _("Skill group"), _groups))
    search_hint = _("A whole number")
    cells = "callbacks/_cells.html"
    empty = Empty(
        _("No callbacks"),
        _("A flow with the step “callback request” lets callers hang up and keep their place in the queue."),
        "phone",
    )
    actions = (
        Action("now", _("Call now"), "phone", when=lambda row: row.state == "waiting" and row.next_at is not None),
        Action(
            "cancel",
            _("Cancel callback"),
            "close",
            bulk=True,
            danger=True,
            ask=True,
            when=lambda row: row.state == "waiting",
        ),
    )

    def rows(self, query: Query) -> Listing[CallbackRecord]:
        state = query.filters.get("state", "")
        found = callbacks.list_callbacks(
            rights.store(),
            rights.actor(),
            self.instance,
            state=state if state in (*STATES, "open") else "",
            skill_group=query.filters.get("group", ""),
            number=query.q.replace(" ", ""),
            after=query.after or None,
        )
        moving = any(row.state in ("calling", "talking") for row in found.items)
        g.look_again_s = 4 if moving else 20  # not oftener: a menu that is open closes with it
        g.first_open = next((row.id for row in found.items if row.open), "")
        return Listing(found.items, after=found.after)

    def key_of(self, row: CallbackRecord) -> str:
        return row.id

    def name_of(self, row: CallbackRecord) -> str:
        return row.number

    def context(self) -> dict[str, Any]:
        return {"groups": dict(_groups()), "states": STATES, "tones": TONES}

    def do_now(self, keys: Sequence[str], _form: None) -> Done:
        """To the head of the queue, first of all to who asked for it."""
        for key in keys:
            callbacks.call_back_now(rights.store(), rights.actor(), self.instance, key)
        return Done(gettext("It is next: an agent who is ready is rung now."), keys[0])

    def ask_cancel(self, keys: Sequence[str]) -> Question:
        """Whom nobody will call."""
        found = [callbacks.get_callback(rights.store(), rights.actor(), self.instance, key) for key in keys]
        title = ngettext("Cancel %(num)d callback?", "Cancel %(num)d callbacks?", len(found))
        text = gettext("The customer was promised a call and will not get one.")
        return Question(
            title, text, [(row.number, row.skill_group) for row in found], confirm=gettext("Cancel callback")
        )

    def do_cancel(self, keys: Sequence[str], _form: None) -> Done:
        """Each that still waits; the others are named."""
        place = (rights.store(), rights.actor(), self.instance)
        problems = each(keys, lambda key: callbacks.cancel_callback(*place, key))
        count = len(keys) - len(problems)
        return Done(ngettext("%(num)d callback cancelled.", "%(num)d callbacks cancelled.", count), problems=problems)

    def place_of(self, number: str) -> str:
        """Province and city."""
        return places.place_of(rights.store().home, number)

    @staticmethod
    def reason(row: CallbackRecord) -> Any:
        """Why, in words; '' when there is nothing to say."""
        return REASONS.get(row.reason, row.reason)
