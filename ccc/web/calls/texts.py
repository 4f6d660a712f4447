"""What the live page's script says."""

from __future__ import annotations

from flask_babel import gettext as _


def texts() -> dict[str, str]:
    """Key -> text in the page's language."""
    return {
        "connecting": _("Connecting…"),
        "connected": _("Live"),
        "lost": _("Connection lost. Trying again…"),
        "none": _("No calls in progress"),
        "none_hint": _("Calls appear here the moment they arrive."),
        "in_flow": _("In flow"),
        "ringing": _("Ringing"),
        "queued": _("Waiting"),
        "talking": _("Talking"),
        "hold": _("On hold"),
        "wrap-up": _("Wrap-up"),
        "waiting_n": _("{n} waiting"),
        "ready_n": _("{n} ready"),
        "longest": _("longest {t}"),
        "anonymous": _("Anonymous"),
    }
