"""The page 通话标签: the words calls may carry. Reached from the call records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length

from ccc.errors import NotFoundError
from ccc.services import tags
from ccc.store.records import TagRecord
from ccc.web.admin.actions import Action, Done, Question
from ccc.web.admin.changes import changed_by
from ccc.web.admin.crud import EditPage, Empty
from ccc.web.admin.forms import PanelForm, options
from ccc.web.admin.lists import Column, Listing, Query, alphabetical, arrange
from ccc.web.auth import rights

COLOURS: dict[str, Any] = {
    "grey": _("Grey"),
    "blue": _("Blue"),
    "green": _("Green"),
    "amber": _("Amber"),
    "red": _("Red"),
    "violet": _("Violet"),
    "teal": _("Teal"),
}


class TagForm(PanelForm):
    """Name and colour."""

    name = StringField(_("Name"), (InputRequired(), Length(max=tags.NAME_LENGTH)), render_kw={"maxlength": 32})
    colour = RadioField(_("Colour"), choices=options(COLOURS.items()), validate_choice=False)


class TagsPage(EditPage):
    """Tags of the instance."""

    endpoint_name, path, title = "tags", "/tags", _("Call tags")
    roles = ("admin", "supervisor")
    columns = (Column(_("Name"), "name"), Column(_("Colour")), Column(_("Calls with it"), css="num right"))
    default_sort = "name"
    cells = "tags/_cells.html"
    list_template = "tags/list.html"
    empty = Empty(
        _("No tags yet"),
        _("Tags are words agents and supervisors put on calls, such as “complaint” or “VIP”, to find them again."),
        "list",
    )
    new_title, edit_title = _("New tag"), _("Tag")
    form = TagForm
    actions = (Action("delete", _("Delete"), "trash", bulk=True, danger=True, ask=True),)

    def rows(self, query: Query) -> Listing[TagRecord]:
        return arrange(
            tags.list_tags(rights.store(), rights.actor(), self.instance),
            query,
            search=lambda row: (row.name,),
            sort={"name": lambda row: alphabetical(row.name)},
        )

    def key_of(self, row: TagRecord) -> str:
        return str(row.id)

    def name_of(self, row: TagRecord) -> str:
        return row.name

    def context(self) -> dict[str, Any]:
        return {"colours": COLOURS}

    def calls_of(self, row: TagRecord) -> str:
        """How many calls carry it; many are not counted to the end."""
        found = tags.count_calls(rights.store(), rights.actor(), self.instance, row.id)
        return str(found) if found < tags.COUNTED else f"{tags.COUNTED}+"

    def load(self, key: str) -> TagRecord:
        return tags.get_tag(rights.store(), rights.actor(), self.instance, _number(key))

    def values(self, record: TagRecord | None) -> dict[str, Any]:
        return {"name": record.name if record else "", "colour": record.colour if record else "blue"}

    def create(self, form: TagForm) -> Done:
        made = tags.create_tag(
            rights.store(), rights.actor(), self.instance, form.name.data or "", form.colour.data or ""
        )
        return Done(gettext("Tag %(name)s made.", name=made.name), str(made.id))

    def save(self, key: str, form: TagForm, revision: int) -> Done:
        wanted = replace(self.load(key), name=form.name.data or "", colour=form.colour.data or "")
        saved = tags.change_tag(rights.store(), rights.actor(), wanted, revision)
        return Done(gettext("Tag %(name)s saved.", name=saved.name), key)

    def stale_note(self, key: str) -> str:
        return changed_by(self.instance, self.load(key).name, "tag.")

    def ask_delete(self, keys: Sequence[str]) -> Question:
        """Says how many calls lose it."""
        found = [self.load(key) for key in keys]
        items = [(row.name, gettext("calls with it: %(count)s", count=self.calls_of(row))) for row in found]
        title = ngettext("Delete %(num)d tag?", "Delete %(num)d tags?", len(found))
        return Question(title, gettext("Calls that carry it lose it. That cannot be undone."), items)

    def do_delete(self, keys: Sequence[str], _form: None) -> Done:
        """Delete them."""
        for key in keys:
            tags.delete_tag(rights.store(), rights.actor(), self.instance, _number(key))
        return Done(ngettext("%(num)d tag deleted.", "%(num)d tags deleted.", len(keys)))


def _number(key: str) -> int:
    if not key.isdecimal() or len(key) > 15:
        raise NotFoundError(gettext("There is nothing at this address."))
    return int(key)
