"""What the board's script says."""

from __future__ import annotations

from flask_babel import gettext as _


def texts() -> dict[str, str]:
    """Key -> text in the page's language."""
    return _connection() | _states() | _figures()


def _connection() -> dict[str, str]:
    return {
        "connecting": _("Connecting…"),
        "connected": _("Live"),
        "lost": _("Connection lost. Trying again…"),
        "refusing.full": _("No call is taken now: there is no capacity for audio."),
        "refusing.journal": _("No call is taken now: call records cannot be written. Look at the disk."),
        "refusing.shutdown": _("No call is taken now: the telephone side is being stopped."),
        "bye.taken-over": _("Stopped: you have opened too many live boards. Reload to go on here."),
        "bye.disabled": _("Stopped: you may not watch this instance any more."),
        "bye.signed-out": _("Stopped: you were signed out. Reload to sign in again."),
    }


def _states() -> dict[str, str]:
    return {
        "agent.ready": _("Ready"),
        "agent.ringing": _("Ringing"),
        "agent.talking": _("Talking"),
        "agent.hold": _("On hold"),
        "agent.wrap-up": _("Wrap-up"),
        "agent.break": _("On break"),
        "agent.offline": _("Offline"),
        "reason.ring-timeout": _("Call not answered"),
        "reason.media": _("No sound"),
        "reason.lost": _("Connection lost"),
        "call.flow": _("In flow"),
        "call.queued": _("Waiting"),
        "call.talking": _("Talking"),
        "call.hold": _("On hold"),
    }


def _figures() -> dict[str, str]:
    return {
        "anonymous": _("Anonymous"),
        "test": _("Test call"),
        "answered": _("Answered calls"),
        "abandoned": _("Abandoned calls"),
        "other": _("Without an agent"),
        "waiting": _("Waiting"),
        "within": _("within {s} s"),
        "longest": _("longest {t}"),
        "nobody_waits": _("nobody waits"),
        "of_working": _("of {n} working"),
        "on_calls": _("on calls"),
        "share": _("{p} of queued calls"),
        "average": _("average wait {t}"),
        "plot_calls": _("{n} calls today, {a} answered, {b} abandoned"),
        "plot_waiting": _("{n} waiting now, at most {m} in the last 30 minutes"),
        "more": _("{n} more"),
        "full_screen": _("Full screen"),
        "leave_full_screen": _("Leave full screen"),
        "change_state": _("Change the state of {name}"),
        "state_changed": _("{name}: {state}. A call in progress is finished first."),
        "state_failed": _("That did not work"),
        "closed": _("{number} is closed to new calls"),
        "closed.by": _("closed by {name} since {time}"),
        "closed.until": _("opens by itself {time}"),
        "closed.open_end": _("until somebody opens it"),
    }
