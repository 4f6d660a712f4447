"""The menus (DOMAIN section 6): each place that is meant to be, shown once its page exists and the role may see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext

from ccc.web.auth.rights import ACCEPTED
from ccc.web.counts import new_voicemails


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu. ``endpoints``: the first one that exists is opened; all of them mark it as current."""

    title: Any
    icon: str
    endpoints: tuple[str, ...]
    count: Callable[[], int] | None = None
    """A number beside it: what is new there."""
    count_endpoint: str = ""
    """Answers ``{count}`` to pages that stay open."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its lines."""

    title: Any
    entries: tuple[Entry, ...]


INSTANCE: tuple[Entry | Section, ...] = (
    Entry(_("Workbench"), "headset", ("workbench.page",)),
    Entry(_("Live board"), "activity", ("live.index",)),
    Section(
        _("Customer service"),
        (
            Entry(_("Agents"), "agents", ("agents.index",)),
            Entry(_("Skill groups"), "people", ("groups.index",)),
            Entry(_("Dedicated agents"), "pin", ("dedicated.index",)),
        ),
    ),
    Section(
        _("Flows and audio"),
        (
            Entry(_("IVR flows"), "flow", ("flows.index",)),
            Entry(_("Audio"), "speaker", ("audio.index",)),
            Entry(_("Lookup tables"), "table", ("tables.index", "table_rows.index")),
        ),
    ),
    Entry(lazy_pgettext("menu", "Numbers"), "phone", ("numbers.index",)),
    Entry(_("Blacklist"), "block", ("blacklist.index",)),
    Entry(_("Call records"), "list", ("calls.past", "calls.detail", "tags.index")),
    Entry(_("Callbacks"), "in", ("callbacks.index",)),
    Entry(_("Voicemail"), "voicemail", ("voicemail.index",), new_voicemails, "voicemail.count"),
    Entry(_("Messages sent"), "bell", ("notices.index",)),
    Entry(_("Jobs"), "clock", ("instance_jobs.index",)),
    Entry(_("Settings"), "settings", ("settings.index", "display.index", "hours.index", "pop.index", "storage.index")),
)
CONSOLE: tuple[Entry | Section, ...] = (
    Entry(lazy_pgettext("menu", "Instances"), "instances", ("instances.index",)),
    Entry(_("My numbers"), "phone", ("account_numbers.index",)),
    Entry(_("Trunks"), "trunk", ("trunks.index",)),
    Entry(_("Users and rights"), "key", ("users.index",)),
    Entry(_("Audit log"), "history", ("audit.index",)),
    Entry(_("Plugins"), "plugin", ("plugins.index",)),
    Entry(_("Jobs"), "clock", ("jobs.index",)),
)


def shown(tree: Iterable[Entry | Section], role: str) -> list[dict[str, Any]]:
    """``[{title, icon, url, current}]`` and, for sections, ``[{title, entries: [...]}]``; nothing empty."""
    found: list[dict[str, Any]] = []
    for item in tree:
        if isinstance(item, Section):
            entries = shown(item.entries, role)
            if entries:
                found.append({"title": item.title, "entries": entries})
            continue
        endpoint = next((name for name in item.endpoints if name in current_app.view_functions), None)
        if endpoint is not None and role in getattr(current_app.view_functions[endpoint], ACCEPTED, ()):
            current = "page" if _is_here(item) else ""
            line = {"title": item.title, "icon": item.icon, "url": url_for(endpoint), "current": current}
            if item.count is not None:
                line |= {"count": item.count(), "count_url": url_for(item.count_endpoint)}
            found.append(line)
    return found


def in_console() -> bool:
    """Whether the page asked for belongs to the console."""
    return any(isinstance(item, Entry) and _is_here(item) for item in CONSOLE)


def console_url(role: str) -> str:
    """The first console page this account role may open; '' when there is none."""
    lines = shown(CONSOLE, role) if role else []
    return str(lines[0]["url"]) if lines else ""


def _is_here(item: Entry) -> bool:
    here = request.endpoint or ""
    # a page of the framework has a blueprint of its own: each of its addresses belongs to its line
    owned = {name.partition(".")[0] for name in item.endpoints if name.endswith(".index")}
    return here in item.endpoints or (request.blueprint or "") in owned
