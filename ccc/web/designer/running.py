"""What runs, in the words of the bar: published, live, the calls now."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from ccc.services.flow_running import Running


def running_words(found: Running) -> str:
    """``published v7, live v7 · 2 calls (1 on v6)``."""
    if found.published is None:
        text = _("Not published")
    elif not found.known:
        return str(_("published v%(version)s", version=found.published))
    elif found.live is None:
        text = _("published v%(version)s, not live yet", version=found.published)
    else:
        text = _("published v%(version)s, live v%(live)s", version=found.published, live=found.live)
    total = sum(found.calls.values())
    if not total:
        return str(text)
    text = f"{text} · " + ngettext("%(num)d call", "%(num)d calls", total)
    others = sorted(version for version in found.calls if version != found.live)
    parts = [
        _("%(count)s on v%(version)s", count=found.calls[one], version=one)
        if one
        else _("%(count)s on the draft", count=found.calls[one])
        for one in others
    ]
    return f"{text} ({', '.join(parts)})" if parts else str(text)
