"""What is closed (the red banner of other pages), and the switch for the numbers of the flow in the designer."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from ccc.errors import CccError, UsageError
from ccc.services import closures, flow_admin, numbers
from ccc.store.base import utc_now
from ccc.store.repos.closures import ClosureRecord
from ccc.web.admin.closures.form import CloseForm
from ccc.web.admin.page import AdminPage, expose
from ccc.web.auth import rights
from ccc.web.plugins import registry


def closed_numbers(flow: str = "") -> list[ClosureRecord]:
    """The closed numbers of the chosen instance, or those the flow is concerned with; for templates."""
    place = rights.place_or_none()
    if place is None or place.role not in ("admin", "supervisor"):
        return []
    return closures.closed_numbers(rights.store(), rights.actor(), place.instance, utc_now(), flow)


class ClosuresPage(AdminPage):
    """Closed numbers."""

    endpoint_name, path, title = "closures", "/closures", _("Closed numbers")
    readers = ("supervisor",)

    @expose("/")
    def index(self) -> str:
        """The banner: what is closed in the instance, or of the flow ``flow``."""
        return render_template("closures/_banner.html", flow=request.args.get("flow", ""))

    @expose("/flow/<key>")
    def flow(self, key: str) -> str:
        """The numbers whose calls run the flow, each with its switch."""
        return self._numbers(key)

    @expose("/flow/<key>/close", methods=("POST",))
    def close(self, key: str) -> str | tuple[str, int]:
        """Close ``number``; refused: the form again."""
        form = CloseForm(request.form)
        form.fill(self.instance)
        number = _number()
        if not form.validate():
            return self._numbers(key, number, form), 422
        try:
            how = form.closing(self.instance)
            closures.close_numbers(rights.store(), registry(), rights.actor(), self.instance, [number], how, utc_now())
        except CccError as error:
            if error.status in (403, 404):
                raise
            form.take_error(error)
            return self._numbers(key, number, form), error.status
        return self._numbers(key, said=gettext("%(number)s is closed to new calls.", number=number))

    @expose("/flow/<key>/open", methods=("POST",))
    def open(self, key: str) -> str:
        """Open ``number`` again."""
        number = _number()
        closures.open_numbers(rights.store(), rights.actor(), self.instance, [number], utc_now())
        return self._numbers(key, said=gettext("%(number)s is open again.", number=number))

    def _numbers(self, key: str, number: str = "", form: CloseForm | None = None, said: str = "") -> str:
        """``number``: its form is open."""
        item = flow_admin.flow_item(rights.store(), registry(), rights.actor(), self.instance, key)
        closed = {one.number: one for one in closed_numbers(key)}
        known = {one.number for one in numbers.instance_numbers(rights.store(), rights.actor(), self.instance)}
        if not number and (asked := request.args.get("number", "")) in known:
            number, form = asked, CloseForm()
            form.fill(self.instance)
        found: dict[str, Any] = {one: closed.get(one) for one in dict.fromkeys(item.numbers)}
        return render_template(
            "closures/_numbers.html", page=self, flow=item, numbers=found, number=number, form=form, said=said
        )


def _number() -> str:
    number = request.form.get("number", "")
    if not number:
        raise UsageError(gettext("Choose at least one number."), field="number")
    return number
