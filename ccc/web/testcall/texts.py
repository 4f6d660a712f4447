"""What the scripts of a test call say."""

from __future__ import annotations

from flask_babel import gettext as _

from ccc.web.calls.causes import CAUSES, cause_in_words
from ccc.web.workbench.texts import sound


def texts() -> dict[str, str]:
    """Key -> text in the page's language; ``{name}`` is filled in by the script."""
    causes = {f"cause.{code}": cause_in_words(code).title for code in CAUSES}
    meanings = {f"meaning.{code}": cause_in_words(code).meaning for code in CAUSES}
    return sound() | causes | meanings | _states() | _problems()


def _states() -> dict[str, str]:
    return {
        "tc.idle": _("Not called yet"),
        "tc.microphone": _("Waiting for the microphone"),
        "tc.connecting": _("Connecting…"),
        "tc.routed": _("Connecting…"),
        "tc.ringing": _("Ringing"),
        "tc.flow": _("In the flow"),
        "tc.queued": _("Waiting in the queue"),
        "tc.queued.group": _("Waiting in the queue {group}"),
        "tc.talking": _("Talking"),
        "tc.talking.agent": _("Talking with {agent}"),
        "tc.hold": _("On hold"),
        "tc.ended": _("Call ended"),
        "tc.again": _("Call again"),
        "tc.call": _("Call"),
        "tc.listen": _("Call without a microphone"),
        "tc.audio": _("Audio {name}"),
        "tc.tone": _("Tone of {hz} Hz"),
        "tc.key": _("Key {key}"),
        "tc.dialled": _("Calls {callee}"),
        "tc.subflow": _("sub-flow {flow}"),
        "tc.agent": _("{agent} answered"),
        "tc.here": _("Now here"),
    }


def _problems() -> dict[str, str]:
    return {
        "tc.error.busy": _("You are in another test call, perhaps in another tab. Hang it up there first."),
        "tc.error.full": _("No call can be taken just now. Try again in a moment. ({detail})"),
        "tc.error.no-flow": _("No flow that can run is bound to this number. Bind a published flow first."),
        "tc.error.not-found": _("This cannot be called any more. Close the panel, then open it again."),
        "tc.error.flow-invalid": _("The draft has mistakes: {detail}"),
        "tc.error.unavailable": _("The telephone side does not answer. Try again in a moment."),
        "tc.error.offline": _("The connection to the server is gone, so the call is over."),
        "tc.error.disabled": _("You may no longer make test calls here."),
        "tc.error.signed-out": _("You were signed out, so the call is over. Sign in again, then call again."),
        "tc.error.session": _("Your session has ended. Sign in again, then call again."),
        "tc.error.other": _("The call failed: {detail}"),
    }
