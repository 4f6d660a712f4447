"""Why a call ended, in words."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

CAUSES = (
    "normal",
    "caller-hangup",
    "agent-hangup",
    "callee-hangup",
    "abandoned",
    "cancelled",
    "flow-error",
    "media-timeout",
    "max-length",
    "media-worker-died",
    "lost",
    "no-ack",
    "timeout",
    "dialog-gone",
    "bad-answer",
    "no-flow",
    "closed",
    "limit",
    "full",
    "journal",
    "shutdown",
    "rejected",
)


@dataclass(frozen=True, slots=True)
class Cause:
    """``tone`` is ``good``, ``plain``, ``warn`` or ``bad``."""

    title: str
    tone: str
    meaning: str


def cause_in_words(code: str) -> Cause:
    """Title, tone and meaning in the page's language; an unknown code speaks for itself."""
    table = {
        "normal": Cause(_("Completed"), "good", _("The flow ended the call.")),
        "caller-hangup": Cause(_("Caller hung up"), "good", _("The caller ended the call.")),
        "agent-hangup": Cause(_("Agent hung up"), "good", _("The agent ended the call.")),
        "callee-hangup": Cause(_("Called party hung up"), "good", _("The outside number the flow called hung up.")),
        "abandoned": Cause(_("Abandoned"), "warn", _("The caller hung up while waiting in the queue.")),
        "cancelled": Cause(_("Cancelled"), "warn", _("The caller hung up before the call was answered.")),
        "flow-error": Cause(_("Flow error"), "bad", _("A step of the flow failed; the last step below names it.")),
        "media-timeout": Cause(_("No audio"), "bad", _("No audio arrived for too long, so the call was ended.")),
        "max-length": Cause(_("Too long"), "warn", _("The call reached the greatest length the instance allows.")),
        "media-worker-died": Cause(_("Audio process failed"), "bad", _("The process that carried the audio stopped.")),
        "lost": Cause(_("Lost"), "bad", _("The telephone side stopped during the call.")),
        "no-ack": Cause(_("Not confirmed"), "bad", _("The other side never confirmed our answer (no SIP ACK).")),
        "timeout": Cause(_("Line dead"), "bad", _("The other side did not answer our signalling any more.")),
        "dialog-gone": Cause(_("Line lost"), "bad", _("The other side knew nothing of the call any more.")),
        "bad-answer": Cause(_("Wrong answer"), "bad", _("The other side's audio description could not be used.")),
        "limit": Cause(_("All lines busy"), "warn", _("The trunk or the instance had all the calls it may have.")),
        "full": Cause(_("No capacity"), "bad", _("This installation could not carry another call's audio.")),
        "shutdown": Cause(_("Shut down"), "warn", _("The telephone side was stopped while the call ran or came in.")),
        "journal": Cause(_("Not recordable"), "bad", _("Call records could not be written, so no call was taken.")),
        "no-flow": Cause(_("No flow"), "bad", _("No published flow is bound to the called number.")),
        "closed": Cause(_("Number closed"), "warn", _("The caller heard that the number is closed.")),
        "rejected": Cause(_("Rejected"), "warn", _("The call was refused.")),
    }
    return table.get(code, Cause(code or _("In progress"), "plain", ""))


def cause_title(code: str) -> str:
    """The short form."""
    return cause_in_words(code).title
