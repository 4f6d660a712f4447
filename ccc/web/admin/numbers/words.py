"""Words for types of numbers (NUM-1)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

KINDS = {
    "landline": _("Landline"),
    "mobile": _("Mobile"),
    "400": _("400 number"),
    "95": _("Service number (95/96)"),
    "international": _("International"),
    "short": _("Short number"),
    "other": _("Other"),
}
