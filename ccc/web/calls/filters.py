"""The filter of the call records page: from the address to the service, and what there is to choose from."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from ccc.errors import InvalidError
from ccc.services import centre, flows, tags, users
from ccc.store.records import CallFilter
from ccc.web.auth import rights
from ccc.web.calls.causes import CAUSES, cause_title

NAMES = ("from", "to", "number", "agent", "group", "flow", "cause", "disposition", "tag", "tests", "closed")
LONGEST = 128
TESTS = ("only", "without")


def from_query(args: Mapping[str, str]) -> CallFilter:
    """The service's filter. InvalidError names the field."""
    return CallFilter(
        since=_moment(args.get("from", ""), "from", 0),
        until=_moment(args.get("to", ""), "to", 1),
        number=_text(args, "number"),
        agent=_text(args, "agent"),
        skill_group=_text(args, "group"),
        flow=_text(args, "flow"),
        cause=_text(args, "cause"),
        disposition=_text(args, "disposition"),
        tag=_tag(args),
        tests=_choice(args, "tests", TESTS),
        closed=bool(_choice(args, "closed", ("only",))),
    )


def kept(args: Mapping[str, str]) -> dict[str, Any]:
    """The part of an address that is the filter, for links to other pages of the list."""
    return {name: args[name] for name in NAMES if args.get(name)}


@dataclass(frozen=True, slots=True)
class Select:
    """A select of the form: name in the address, label, ``(value, text)`` pairs."""

    name: str
    title: str
    options: list[tuple[str, str]]


def selects() -> list[Select]:
    """What this user may choose from; agents see their own calls only and need no choice of agents."""
    store, actor, place = rights.store(), rights.actor(), rights.place()
    groups = centre.list_skill_groups(store, actor, place.instance)
    dispositions = sorted({text for group in groups for text in group.dispositions})
    found = [
        Select("group", _("Skill group"), [(group.name, group.title or group.name) for group in groups]),
        Select("cause", _("Result"), [(code, cause_title(code)) for code in CAUSES]),
        Select("disposition", _("Disposition"), [(text, text) for text in dispositions]),
        Select("tag", _("Tag"), [(str(tag.id), tag.name) for tag in tags.list_tags(store, actor, place.instance)]),
        Select("tests", _("Test calls"), [("without", _("Without test calls")), ("only", _("Only test calls"))]),
        Select("closed", _("Closed numbers"), [("only", _("Only calls to closed numbers"))]),
    ]
    if place.role != "agent":
        people = users.list_users(store, actor, place.instance)
        drawn = flows.list_flows(store, actor, place.instance)
        found.insert(1, Select("flow", _("Flow"), [(flow.name, flow.title or flow.name) for flow in drawn]))
        found.insert(0, Select("agent", _("Agent"), [(user.username, user.name or user.username) for user in people]))
    return found


def spans() -> list[tuple[str, dict[str, str]]]:
    """The usual spans of days in the instance's zone: label and the part of the address."""
    today = datetime.datetime.now(ZoneInfo(rights.place().timezone)).date()

    def last(count: int, until: int = 0) -> dict[str, str]:
        since, to = (today - datetime.timedelta(days=back) for back in (until + count - 1, until))
        return {"from": since.isoformat(), "to": to.isoformat()}

    return [(_("Today"), last(1)), (_("Yesterday"), last(1, 1)), (_("7 days"), last(7)), (_("30 days"), last(30))]


def _tag(args: Mapping[str, str]) -> int:
    value = args.get("tag", "")
    if value and (not value.isdecimal() or len(value) > 15):
        raise InvalidError(_("%(text)s is not a tag.", text=repr(value)), field="tag")
    return int(value or 0)


def _text(args: Mapping[str, str], name: str) -> str:
    value = args.get(name, "").strip()
    if len(value) > LONGEST:
        raise InvalidError(_("At most %(count)s characters.", count=LONGEST), field=name)
    return value


def _choice(args: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    value = args.get(name, "")
    if value and value not in known:
        raise InvalidError(_("%(text)s is none of the choices.", text=repr(value)), field=name)
    return value


def _moment(text: str, field: str, plus_days: int) -> datetime.datetime | None:
    """A day (its beginning, or its end: ``plus_days`` 1) or a minute on the instance's wall clock, in UTC."""
    if not text:
        return None
    try:
        at = datetime.datetime.fromisoformat(text)
        if "T" not in text:
            at = datetime.datetime.combine(at.date() + datetime.timedelta(days=plus_days), datetime.time())
        return at.replace(tzinfo=ZoneInfo(rights.place().timezone)).astimezone(datetime.UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidError(_("%(text)s is not a date like 2026-01-31.", text=repr(text)), field=field) from error
