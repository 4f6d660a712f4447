"""What the scripts of these pages say."""

from __future__ import annotations

from flask_babel import gettext as _


def texts() -> dict[str, str]:
    """Key -> text in the page's language; ``{name}`` is filled in by the script."""
    return {
        "unknown_type": _("Unknown type {type}"),
        "note.empty": _("Write something…"),
        "exit.error": _("Error"),
        "step.of": _("Step {n} of {all}"),
        "live.here": _("{n} here now"),
        "live.nobody": _("Nobody is here now."),
        "live.calls": _("{n} calls now"),
        "live.others": _("{n} more run other versions"),
        "live.since": _("for {t}"),
        "live.anonymous": _("Anonymous"),
        "live.lost": _("Connection lost; it comes back by itself."),
        "live.on": _("Live"),
        "heat.visits": _("Visits"),
        "heat.dropped": _("Ended here"),
        "heat.average": _("Average time"),
        "heat.exits": _("Exits taken"),
        "heat.none": _("No call came here."),
        "heat.then": _("then"),
    }
