"""The foot of lists whose rows are deleted after some days (``templates/_keep.html``)."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _

from ccc.errors import InvalidError
from ccc.services import retention
from ccc.services.retention import Kind
from ccc.web.auth import rights


def days(kind: Kind) -> int:
    """How long the chosen instance keeps them; 0: for ever."""
    return retention.get_retention(rights.store(), rights.actor(), rights.place().instance, kind)


def change(kind: Kind) -> None:
    """Take the days from the form. InvalidError when they are none."""
    text = request.form.get("days", "").strip()
    if not text.isdecimal() or len(text) > 6:
        raise InvalidError(_("Give a number of days, or 0 to keep everything."), field="days")
    retention.set_retention(rights.store(), rights.actor(), rights.place().instance, int(text), kind)
