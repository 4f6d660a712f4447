"""The page 技能组 (SKL-1)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from ccc.geo import inbound_only
from ccc.services import agents, audio, groups, numbers
from ccc.services.flow_uses import Use
from ccc.store.records import GroupRecord
from ccc.web import plugins
from ccc.web.admin.actions import Action, Done, Question
from ccc.web.admin.changes import changed_by
from ccc.web.admin.crud import EditPage, Empty
from ccc.web.admin.forms import options
from ccc.web.admin.groups.form import GroupForm
from ccc.web.admin.lists import Column, Listing, Query, alphabetical, arrange
from ccc.web.auth import rights


class GroupsPage(EditPage):
    """Skill groups of the instance."""

    endpoint_name, path, title = "groups", "/groups", _("Skill groups")
    readers = ("supervisor",)
    columns = (
        Column(_("Name"), "title"),
        Column(_("Agents"), "members", "num right"),
        Column(_("Ring for"), "", "num right"),
        Column(_("Wrap-up"), "", "num right"),
        Column(_("Service level"), "", "num right"),
        Column(_("Outbound numbers")),
        Column(_("Dispositions")),
    )
    default_sort = "title"
    search_hint = _("Name, reference name or agent")
    cells = "groups/_cells.html"
    empty = Empty(
        _("No skill groups yet"),
        _("A skill group is a queue and the agents who serve it. A flow hands callers over to one."),
        "people",
    )
    new_title, edit_title = _("New skill group"), _("Skill group")
    form = GroupForm
    actions = (Action("delete", _("Delete"), "trash", bulk=True, danger=True, ask=True),)

    def rows(self, query: Query) -> Listing[GroupRecord]:
        """Some dozens: all of them, arranged here."""
        names = self._names()
        return arrange(
            groups.list_groups(rights.store(), rights.actor(), self.instance),
            query,
            search=lambda row: (
                row.title,
                row.name,
                *row.numbers,
                *row.members,
                *(names.get(u, "") for u in row.members),
            ),
            sort={"title": lambda row: alphabetical(row.title), "members": lambda row: len(row.members)},
        )

    def key_of(self, row: GroupRecord) -> str:
        return row.name

    def name_of(self, row: GroupRecord) -> str:
        return row.title

    def context(self) -> dict[str, Any]:
        return {"names": self._names()}

    def load(self, key: str) -> GroupRecord:
        return groups.get_group(rights.store(), rights.actor(), self.instance, key)

    def values(self, record: GroupRecord | None) -> dict[str, Any]:
        wanted = request.args.get("name", "")[:64] if request.method == "GET" else ""
        shown = record or GroupRecord(self.instance, wanted, wanted)
        texts = {"dispositions": "\n".join(shown.dispositions), "members": shown.members}
        limits = {name: round(getattr(shown, name)) for name in groups.LIMITS}
        same = ("max_waiting", "announce_position", "announce_wait", "music", "familiar")
        plain = {name: getattr(shown, name) for name in same} | {"numbers": list(shown.numbers)}
        return {"title": shown.title, "name": shown.name, **texts, **limits, **plain}

    def prepare(self, form: GroupForm, record: GroupRecord | None) -> None:
        form.members.choices = options(self._names().items())
        form.familiar.choices = [
            ("", gettext("as the instance has it")),
            ("on", gettext("On")),
            ("off", gettext("Off")),
        ]
        registry = plugins.registry()
        items = audio.list_audio(rights.store(), registry, rights.actor(), self.instance)
        names = [item.audio.name for item in items]
        form.music.choices = [("", gettext("built-in music")), *((name, name) for name in names)]
        own = numbers.instance_numbers(rights.store(), rights.actor(), self.instance)
        form.numbers.choices = [(item.number, item.number) for item in own if not inbound_only(item.number)]
        if record is not None:
            del form.name

    def create(self, form: GroupForm) -> Done:
        name = (form.name.data or form.title.data).strip()
        made = groups.create_group(rights.store(), rights.actor(), self._record(form, name))
        return Done(gettext("Skill group %(name)s made.", name=made.title), made.name)

    def save(self, key: str, form: GroupForm, revision: int) -> Done:
        saved = groups.change_group(rights.store(), rights.actor(), self._record(form, key), revision)
        return Done(gettext("Skill group %(name)s saved.", name=saved.title), key)

    def stale_note(self, key: str) -> str:
        return changed_by(self.instance, key, "group.")

    def ask_delete(self, keys: Sequence[str]) -> Question:
        """Refused while flows use it; else says whose group it is."""
        found = [self.load(key) for key in keys]
        used = [(item, use) for item in found for use in self._uses(item.name)]
        if used:
            names = "、".join(dict.fromkeys(item.title for item, _use in used))
            return Question(
                gettext("Still used"),
                gettext(
                    "%(groups)s: calls are handed over to it. Change these flows first, then delete it.", groups=names
                ),
                [(use.title, self._where(use)) for _item, use in used],
                gettext("Used by"),
                refused=True,
            )
        items = [
            (item.title, ngettext("%(num)d agent loses it", "%(num)d agents lose it", len(item.members)))
            for item in found
        ]
        title = ngettext("Delete %(num)d skill group?", "Delete %(num)d skill groups?", len(found))
        text = gettext("The agents stay, past calls keep its name. Its settings and dispositions are lost.")
        return Question(title, text, items)

    def do_delete(self, keys: Sequence[str], _form: None) -> Done:
        """Delete them; the first that is used stops it."""
        registry = plugins.registry()
        for key in keys:
            groups.delete_group(rights.store(), registry, rights.actor(), self.instance, key)
        return Done(ngettext("%(num)d skill group deleted.", "%(num)d skill groups deleted.", len(keys)))

    def _uses(self, name: str) -> list[Use]:
        registry = plugins.registry()
        return groups.group_uses(rights.store(), registry, rights.actor(), self.instance, name)

    @staticmethod
    def _where(use: Use) -> str:
        if use.version is None:
            return str(gettext("node %(node)s, draft", node=use.node))
        return str(gettext("node %(node)s, live", node=use.node))

    def _names(self) -> dict[str, str]:
        people = agents.list_agents(rights.store(), rights.actor(), self.instance)
        return {item.username: item.name for item in people}

    def _record(self, form: GroupForm, key: str) -> GroupRecord:
        names = [field.name for field in dataclasses.fields(GroupRecord) if field.name in form]
        values = {name: form[name].data for name in names}
        values["dispositions"] = tuple((form.dispositions.data or "").splitlines())
        values["numbers"] = tuple(form.numbers.data or ())
        return GroupRecord(**{**values, "instance": self.instance, "name": key})
