"""What pages call the states of a callback, and why it went as it did."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

STATES = {
    "waiting": _("Waiting"),
    "calling": _("Being called"),
    "talking": _("Talking"),
    "done": _("Called back"),
    "failed": _("Not reached"),
    "cancelled": _("Cancelled"),
    "expired": _("Expired"),
}
REASONS = {
    "busy": _("busy"),
    "no-answer": _("no answer"),
    "refused": _("refused"),
    "failed": _("the trunk failed"),
    "no-line": _("no free line"),
    "no-trunk": _("the trunk is gone"),
    "no-group": _("the skill group is gone"),
    "no-agent": _("no agent"),
    "agent-hangup": _("the agent hung up first"),
    "callee-hangup": _("the customer hung up first"),
    "reached": _("got through by himself"),
    "lost": _("interrupted by a failure"),
    "shutdown": _("interrupted by a restart"),
}
