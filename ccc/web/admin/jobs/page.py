"""The pages 任务: of an instance, and of the whole account with the installation's recurring work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import g
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from ccc.services import accounts, jobs
from ccc.store.records import JobRecord
from ccc.web.admin.actions import Action, Done, each
from ccc.web.admin.crud import Empty, ListPage
from ccc.web.admin.jobs import words
from ccc.web.admin.lists import Column, Filter, Listing, Query
from ccc.web.auth import rights

UNFINISHED = ("waiting", "running")


def _kinds() -> list[tuple[str, Any]]:
    return list(words.KINDS.items())


class InstanceJobsPage(ListPage):
    """Work asked for in the instance. While some of it is unfinished the list asks for itself again."""

    endpoint_name, path, title = "instance_jobs", "/jobs", _("Jobs")
    roles = jobs.MAY
    searchable = False
    columns: ClassVar[tuple[Column, ...]] = (
        Column(_("What")),
        Column(_("State")),
        Column(_("Asked for by")),
        Column(_("Asked for at")),
        Column(_("Took"), css="num right"),
    )
    filters = (Filter("state", _("State"), words.STATES.items), Filter("kind", _("Kind"), _kinds))
    cells = "jobs/_cells.html"
    empty = Empty(
        _("No jobs yet"),
        _("Exports, imports and texts to be spoken are listed here, with their progress, for 30 days."),
        "clock",
    )
    actions = (
        Action("retry", _("Try again"), "undo", bulk=True, when=lambda row: row.state == "failed" and bool(row.task)),
    )

    def rows(self, query: Query) -> Listing[JobRecord]:
        state = query.filters.get("state", "")
        found = jobs.list_jobs(
            rights.store(),
            rights.actor(),
            instance=self._instance(),
            account=self._account(),
            states=(state,) if state in words.STATES else (),
            kind=query.filters.get("kind", ""),
            after=query.after or None,
        )
        g.first_unfinished = next((row.id for row in found.items if row.state in UNFINISHED), "")
        return Listing(found.items, after=found.after)

    def key_of(self, row: JobRecord) -> str:
        return row.id

    def name_of(self, row: JobRecord) -> str:
        return f"{words.kind_title(row.kind)} {row.about}".strip()

    def context(self) -> dict[str, Any]:
        return {"words": words, "console_scope": self.scope == "console"}

    def do_retry(self, keys: Sequence[str], _form: None) -> Done:
        """Each that has failed; the others are named."""
        place = {"instance": self._instance(), "account": self._account()}
        problems = each(keys, lambda key: jobs.retry_job(rights.store(), rights.actor(), key, **place))
        count = len(keys) - len(problems)
        text = ngettext("%(num)d job waits for another try.", "%(num)d jobs wait for another try.", count)
        return Done(text, keys[0], problems=problems)

    def _instance(self) -> str:
        """Whose work; '' is the account's."""
        return self.instance

    def _account(self) -> str:
        return ""


class JobsPage(InstanceJobsPage):
    """Work of every instance of the account, and what the installation does by itself."""

    scope = "console"
    endpoint_name, path = "jobs", "/console/jobs"
    roles = ("owner", "manager")
    columns = (*InstanceJobsPage.columns[:2], Column(_("Instance")), *InstanceJobsPage.columns[2:])
    list_template = "jobs/list.html"

    def context(self) -> dict[str, Any]:
        known = {job.kind: job for job in jobs.recurring_jobs(rights.store(), rights.actor(), self.account)}
        names = [*words.RECURRING, *(kind for kind in known if kind not in words.RECURRING)]
        places = accounts.list_instances(rights.store(), rights.actor(), self.account)
        return super().context() | {
            "recurring": [(name, known.get(name)) for name in names],
            "places": {place.name: place.title or place.name for place in places},
        }

    def when(self, kind: str) -> Any:
        """How often recurring work is done."""
        return words.RECURRING.get(kind, ("", gettext("by its own schedule")))[1]

    def _instance(self) -> str:
        return ""

    def _account(self) -> str:
        return self.account
