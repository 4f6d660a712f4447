"""What the scripts of the call records say."""

from __future__ import annotations

from flask_babel import gettext as _


def texts() -> dict[str, str]:
    """Key -> text in the page's language."""
    return {
        "export.waiting": _("Waiting for its turn"),
        "export.running": _("{n} of {m} calls"),
        "export.done": _("{n} calls · {size} · until {t}"),
        "export.failed": _("Failed: {why}"),
        "export.expired": _("Expired"),
        "export.download": _("Download"),
        "export.offline": _("The export could not be asked for. Try again."),
        "play": _("Play"),
        "pause": _("Pause"),
        "position": _("{t} of {d}"),
        "caller": _("Caller"),
        "agent": _("Agent"),
        "no_waveform": _("No waveform for this recording."),
        "no_audio": _("The recording could not be loaded."),
    }
