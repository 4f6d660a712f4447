"""The page 设置 > 来电弹屏."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField
from wtforms.validators import Length

from ccc.errors import CccError
from ccc.services import instances, screen_pop
from ccc.store.repos.instances import InstanceRecord
from ccc.web.admin.actions import Done
from ccc.web.admin.forms import PanelForm, options
from ccc.web.admin.page import expose, for_changers
from ccc.web.admin.settings.base import OnePage
from ccc.web.auth import rights
from ccc.web.errors import in_words

WHEN = {"off": _("Never"), "ring": _("When it rings"), "accept": _("When the agent has accepted")}
WHERE = {"tab": _("In a new tab"), "window": _("In a small window of its own")}
ABOUT = {
    "caller": _("The caller's number (of a call out: ours)"),
    "callee": _("The number called"),
    "call_id": _("The call's id, as in the call records"),
    "agent": _("The agent's user name"),
    "skill_group": _("The skill group's reference name"),
    "instance": _("The access address"),
    "direction": _("inbound or outbound"),
}


class PopForm(PanelForm):
    """When, where and what is opened."""

    pop_when = SelectField(_("Open it"), choices=options(WHEN.items()), validate_choice=False)
    pop_where = SelectField(_("Where"), choices=options(WHERE.items()), validate_choice=False)
    pop_url = StringField(
        _("Address"),
        (Length(max=screen_pop.MAX_LENGTH),),
        description=_("Begins with https:// or http://. Values are URL-encoded."),
        render_kw={"spellcheck": "false", "inputmode": "url", "placeholder": "https://crm.example/find?tel=${caller}"},
    )


class PopPage(OnePage):
    """Screen pop of the instance."""

    endpoint_name, path, title = "pop", "/settings/screen-pop", _("Settings")
    card = "settings/_pop.html"
    edit_title = _("Screen pop")
    form = PopForm
    panel_template = "settings/_pop_panel.html"

    def context(self) -> dict[str, Any]:
        return {"when": WHEN, "where": WHERE, "about": ABOUT, "fill": screen_pop.fill, "example": self._example()}

    def values(self, record: InstanceRecord | None) -> dict[str, Any]:
        names = ("pop_when", "pop_where", "pop_url")
        return {name: getattr(record, name) for name in names} if record is not None else {}

    def prepare(self, form: PopForm, record: InstanceRecord | None) -> None:
        form.pop_url.render_kw = {
            **form.pop_url.render_kw,
            "hx-get": self.url_for("preview"),
            "hx-trigger": "load, input changed delay:250ms",
            "hx-target": "#live-pop_url",
            "hx-swap": "innerHTML",
            "hx-sync": "this:replace",
            "hx-disabled-elt": "unset",
        }
        form.about = ABOUT

    def save(self, key: str, form: PopForm, revision: int) -> Done:
        wanted = replace(
            self.record(key),
            pop_when=form.pop_when.data or "",
            pop_where=form.pop_where.data or "",
            pop_url=(form.pop_url.data or "").strip(),
        )
        instances.change_settings(rights.store(), rights.actor(), wanted, revision)
        return Done(gettext("Settings saved. Agents get them when they open the workbench next."))

    @expose("/preview")
    @for_changers
    def preview(self) -> str:
        """What would be opened for an example call, while the address is typed."""
        template = request.args.get("pop_url", "").strip()
        error, address = "", ""
        if template:
            try:
                address = screen_pop.fill(screen_pop.check_template(template), self._example())
            except CccError as refused:
                error = in_words(refused)
        return render_template("settings/_pop_preview.html", error=error, address=address)

    def _example(self) -> dict[str, str]:
        return {**screen_pop.EXAMPLE, "instance": self.instance, "agent": rights.actor().user}
