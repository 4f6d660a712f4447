"""Work of the jobs process in words."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from ccc.store.records import JobRecord

KINDS: dict[str, Any] = {
    "export": _("Export of call records"),
    "import": _("Import of agents"),
    "speech": _("Speaking a text"),
    "conversion": _("Converting an audio file"),
}
RECURRING: dict[str, tuple[Any, Any]] = {
    "notices": (_("Sending messages"), _("every minute, and at once when a flow leaves one")),
    "cleaning": (_("Clean-up"), _("every night")),
}
STATES: dict[str, Any] = {
    "waiting": _("Waiting"),
    "running": _("Running"),
    "failed": _("Failed"),
    "done": _("Finished"),
}
TONES = {"waiting": "tag-warn", "running": "tag-info", "failed": "tag-bad", "done": "tag-good"}
COUNTS: dict[str, Any] = {
    "rows": _("rows"),
    "sent": _("sent"),
    "made": _("imported"),
    "bad": _("rows left out"),
    "calls": _("calls deleted"),
    "voicemails": _("voicemails deleted"),
    "notifications": _("messages deleted"),
    "exports": _("exports expired"),
    "files": _("temporary files deleted"),
    "jobs": _("old jobs forgotten"),
}


def kind_title(kind: str) -> Any:
    """What people call it; a plugin's own work by its name."""
    return KINDS.get(kind) or RECURRING.get(kind, (kind,))[0]


def result(job: JobRecord) -> str:
    """What came of it: the counts that are not 0."""
    counts = {name: count for name, count in job.result.items() if isinstance(count, int) and count}
    told = [f"{count} {COUNTS.get(name, name)}" for name, count in counts.items()]
    if told:
        return " · ".join(str(one) for one in told)
    return str(gettext("nothing to do")) if job.state == "done" and job.recurring else ""


def why(job: JobRecord) -> str:
    """Why it failed, in the page's language where the error is one of ours."""
    said = job.result.get("said")
    if not isinstance(said, str):
        return job.error
    text = str(gettext(said))
    return text % job.result["values"] if job.result.get("values") else text


def took_s(job: JobRecord) -> float | None:
    """How long it ran."""
    if job.started_at is None or job.ended_at is None:
        return None
    return (job.ended_at - job.started_at).total_seconds()
