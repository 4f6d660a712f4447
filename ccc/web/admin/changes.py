"""Who changed a thing last, in words."""

from __future__ import annotations

from flask_babel import gettext as _

from ccc.services.log import last_change
from ccc.web.auth import rights
from ccc.web.shell import moment


def changed_by(instance: str, object_: str, prefix: str) -> str:
    """``李静, 14:02:11.``; '' when the audit log does not say."""
    entry = last_change(rights.store(), rights.actor(), instance, object_, prefix)
    return _("%(user)s, %(time)s.", user=entry.user, time=moment(entry.at, "HH:mm:ss")) if entry is not None else ""
