"""Tags of a call: put on and taken off on its page."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ccc.errors import InvalidError
from ccc.services import tags
from ccc.web.auth import rights
from ccc.web.calls.routes import blueprint


@blueprint.post("/<call_id>/tags")
@rights.roles_accepted(*rights.EVERYBODY)
def set_tags(call_id: str) -> Response:
    """The call carries the tags ``tag`` (ids) and no other. An agent tags the own calls."""
    wanted = request.form.getlist("tag")
    if not all(one.isdecimal() and len(one) < 16 for one in wanted):
        raise InvalidError(_("Choose tags of the list."), field="tag")
    tags.tag_call(rights.store(), rights.actor(), rights.place().instance, call_id, [int(one) for one in wanted])
    return redirect(url_for("calls.detail", call_id=call_id))
