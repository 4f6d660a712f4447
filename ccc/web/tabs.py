"""Two tabs, two instances: a page says which instance it shows, so that nothing it does happens in another one."""

from __future__ import annotations

from flask import Flask, request
from flask_babel import gettext as _

from ccc.errors import ConflictError
from ccc.web.auth import rights

HEADER = "X-CCC-Instance"
"""Sent by the scripts of a page: the instance it was opened in."""


def set_up(app: Flask) -> None:
    """Ask before every request."""
    app.before_request(_only_there)


def _only_there() -> None:
    """409 when the page is of another instance than the one chosen since, or its instance is gone for this user."""
    shown = request.headers.get(HEADER, "")
    who = rights.profile_or_none() if shown else None
    if who is None:
        return
    here = rights.place_or_none()
    if here is not None and here.instance == shown:
        return
    known = {one.instance: one.title for one in who.places}
    if here is None or shown not in known:
        raise ConflictError(
            _("You are no longer in the instance %(name)s: it was deleted, or you were taken out.", name=shown)
        )
    raise ConflictError(
        _(
            "You have changed to the instance %(here)s in another tab; this page is of %(shown)s. "
            "Change back there, or reload this page.",
            here=here.title,
            shown=known[shown],
        )
    )
