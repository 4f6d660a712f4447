"""What the workbench's scripts say."""

from __future__ import annotations

from flask_babel import gettext as _

from ccc.web.callback_words import REASONS


def texts() -> dict[str, str]:
    """Key -> text in the page's language; ``{name}`` is filled in by the script."""
    return _states() | _calls() | _callbacks() | sound() | _problems() | _shortcuts()


def _states() -> dict[str, str]:
    return {
        "connecting": _("Connecting…"),
        "state.offline": _("Offline"),
        "state.ready": _("Ready"),
        "state.break": _("On break"),
        "state.ringing": _("Ringing"),
        "state.talking": _("Talking"),
        "state.hold": _("On hold"),
        "state.wrap-up": _("Wrap-up"),
        "reason.ring-timeout": _("Call not answered"),
        "reason.media": _("No sound"),
        "none.offline": _("You are offline"),
        "none.offline.hint": _("No call reaches you until you go ready."),
        "none.ready": _("Waiting for calls"),
        "none.ready.hint": _("The next call rings here. You may work in another window."),
        "none.break": _("You are on a break"),
        "none.break.hint": _("Calls go to your colleagues meanwhile."),
        "none.ring-timeout": _("You missed a call"),
        "none.ring-timeout.hint": _("Nobody answered in time, so you were put on break. Go ready when you are back."),
        "none.media": _("No sound"),
        "none.media.hint": _("The audio connection failed, so you were put on break. Check the sound, then go ready."),
        "none.other": _("One moment"),
        "take_calls": _("Take calls"),
        "back_ready": _("Back to ready"),
        "queue.waiting": _("{n} waiting"),
        "queue.ready": _("{n} ready"),
        "queue.empty": _("nobody waiting"),
        "queue.callbacks": _("{n} callbacks"),
        "queue.more": _("+{n} queues"),
        "chosen": _("{by} has chosen your state: {state}"),
    }


def _calls() -> dict[str, str]:
    return {
        "call.ringing": _("Incoming call"),
        "call.connecting": _("Connecting…"),
        "call.talking": _("Talking"),
        "call.hold": _("On hold"),
        "call.wrap-up": _("Call ended"),
        "call.muted": _("You are muted"),
        "anonymous": _("Anonymous"),
        "place.unknown": _("Unknown place"),
        "none": _("none"),
        "note.saving": _("Saving…"),
        "note.saved": _("Saved"),
        "note.unsaved": _("Not saved yet, trying again"),
        "notify.title": _("Incoming call {number}"),
        "notify.body": _("{place} · {group} · waited {waited}"),
        "title.ringing": _("☎ {number} is calling"),
        "history.today": _("Today"),
        "history.listen": _("Recording"),
        "history.no_recording": _("No recording"),
        "history.details": _("Details"),
        "history.failed": _("The list could not be loaded: {message}"),
        "min_ago": _("{n} min"),
    }


def _callbacks() -> dict[str, str]:
    reasons = {f"callback.{name}": str(text) for name, text in REASONS.items()}
    return reasons | {
        "callback.ringing": _("Callback: answer, then the customer is called"),
        "callback.connecting": _("Calling the customer…"),
        "callback.attempt": _("Callback · call {n} of {m}"),
        "callback.last": _("last time: {reason}"),
        "callback.missed": _("Customer not reached: {reason}"),
    }


def sound() -> dict[str, str]:
    """Microphone, speaker and audio path: also what a test call says of them."""
    return {
        "device.default": _("System default"),
        "device.number": _("Device {n}"),
        "device.lost": _("The microphone {label} was unplugged; the default one is used."),
        "chip.none": _("No microphone"),
        "mic.refused.title": _("The browser refuses the microphone."),
        "mic.refused.cure": _(
            "Click the lock or microphone sign in the address bar, allow the microphone, then try again."
        ),
        "mic.insecure.title": _("This address is not secure, so the browser hides the microphone."),
        "mic.insecure.cure": _(
            "Open the page over https:// (the administrator starts CCC with --tls self) or on localhost."
        ),
        "mic.absent.title": _("No microphone found."),
        "mic.absent.cure": _("Plug in a headset or switch the microphone on, then try again."),
        "mic.busy.title": _("The microphone is in use."),
        "mic.busy.cure": _("Close the other program that uses it, then try again."),
        "mic.failed.title": _("The microphone does not work."),
        "mic.failed.cure": _("Choose another one under Sound, or restart the browser. ({detail})"),
        "mic.unsupported.title": _("This browser cannot make calls."),
        "mic.unsupported.cure": _("Use a current Chrome, Edge, Firefox or Safari."),
        "mic.needed": _("Callers could not hear you: the microphone comes first."),
        "speaker.refused": _("The browser refuses this speaker; the old one stays."),
        "stats.state": _("Audio path"),
        "stats.rtt": _("Round trip"),
        "stats.loss": _("Lost packets"),
        "stats.jitter": _("Jitter"),
        "media.up": _("connected"),
        "media.connecting": _("connecting"),
        "media.down": _("down"),
    }


def _problems() -> dict[str, str]:
    return {
        "lost.wait": _("Next attempt in {n} s"),
        "takeover.title": _("The workbench is open in another window"),
        "takeover.text": _("Calls ring there. A running call goes on; you can bring it here without interruption."),
        "disabled.title": _("Your user was disabled"),
        "disabled.text": _("Ask an administrator, then sign in again."),
        "session.title": _("Your session has ended"),
        "session.text": _("Sign in again to go on. A running call is kept for you."),
        "signed-out.title": _("You were signed out"),
        "signed-out.text": _("This sign-in was ended, or your password was changed. Sign in again to go on."),
        "error.offline": _("Not connected right now; try again in a moment."),
        "error.gone": _("That call is no longer yours: the caller hung up, or it rings somebody else."),
        "error.not-talking": _("You are not talking on that call."),
        "error.no-media": _("Your sound is not connected yet. Check the microphone, then try again."),
        "error.taken-over": _("Another window has taken over the workbench."),
        "error.internal": _("Something went wrong on our side; the log names it."),
        "error.timeout": _("The server did not answer in time; try again."),
    }


def _shortcuts() -> dict[str, str]:
    return {
        "key.accept": _("Answer the call"),
        "key.reject": _("Reject the call"),
        "key.mute": _("Mute or unmute"),
        "key.hold": _("Hold or resume"),
        "key.keypad": _("Open the keypad"),
        "key.hangup": _("Hang up"),
        "key.note": _("Go to the note"),
        "key.done": _("Finish the wrap-up"),
        "key.ready": _("Go ready"),
        "key.break": _("Take a break"),
        "key.offline": _("Go offline"),
        "key.sound": _("Sound settings"),
        "key.help": _("This help"),
    }
