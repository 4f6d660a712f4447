"""Beside the outline, without JavaScript as well: the draft's test cases, and publishing it."""

from __future__ import annotations

import json
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from ccc.errors import CccError, StaleError
from ccc.flow.document import MAX_BYTES, parse_document
from ccc.services import drafts, rehearsals
from ccc.store.records import FlowRecord
from ccc.web.admin.page import AdminPage, accepts_bytes, expose, for_roles
from ccc.web.auth import rights
from ccc.web.designer import publishing
from ccc.web.designer.case_words import names_of, result_view
from ccc.web.designer.icons import TOOLS, symbols
from ccc.web.designer.outline import cases, operations, saving
from ccc.web.errors import in_words
from ccc.web.plugins import registry

Answer = str | Response | tuple[str, int]


class OutlineMorePage(AdminPage):
    """Test cases and publishing."""

    endpoint_name, path, title = "outline_more", "/designer", _("Outline")
    roles = drafts.EDITORS

    @expose("/<key>/outline-cases")
    def cases(self, key: str) -> str:
        """The test cases and how they go with the draft."""
        return self._cases(self._draft(key))

    @expose("/<key>/outline-cases", methods=("POST",))
    @accepts_bytes(MAX_BYTES)
    def change(self, key: str) -> Answer:
        """Add, change or remove one (``op`` = ``case``, ``case-remove``)."""
        record = self._draft(key)
        try:
            done = operations.run(parse_document(record.document), request.form, registry(), {})
            saving.save(self, record.name, done)
        except (drafts.LockedError, StaleError) as error:
            return saving.conflict(self, self._draft(key), error), 409
        except CccError as error:
            return self._cases(record, in_words(error)), error.status
        flash(done.said)
        return redirect(url_for("outline_more.cases", key=key))

    @expose("/<key>/outline-publish")
    @for_roles("admin")
    def publish(self, key: str) -> str:
        """What publishing would do, and the form that does it."""
        return self._publish(key)

    @expose("/<key>/outline-publish", methods=("POST",))
    @for_roles("admin")
    def do_publish(self, key: str) -> Answer:
        """Publish the draft of the posted revision; refused: the page again, with the reason."""
        try:
            done = drafts.publish_draft(
                rights.store(), registry(), rights.actor(), self.instance, key, revision=saving.revision(),
                message=request.form.get("message", "")[:500], override=request.form.get("override", "")[:200],
            )  # fmt: skip
        except CccError as error:
            return self._publish(key, in_words(error)), error.status
        flash(gettext("Version %(version)s is live.", version=done.version.version))
        return redirect(url_for("outline.outline", key=key))

    def _draft(self, key: str) -> FlowRecord:
        return drafts.draft(rights.store(), rights.actor(), self.instance, key)

    def _cases(self, record: FlowRecord, refused: str = "") -> str:
        """``refused``: why what was posted was not done; it stays in its fields."""
        document = parse_document(record.document)
        done = rehearsals.run_cases(rights.store(), registry(), rights.actor(), self.instance, document)
        results = {one.case.name: result_view(one, document, registry()) for one in done.results}
        typed: Any = request.form if refused and request.form.get("op") == "case" else {}
        return render_template(
            "outline/cases.html", page=self, flow=record, refused=refused, broken=done.broken, results=results,
            cases=document.tests, failing=sum(one["failed"] for one in results.values()), typed=typed,
            mine=lambda name: typed.get("id") == name, texts={one.name: cases.written(one) for one in document.tests},
            blank=json.dumps(cases.BLANK, indent=1), names=names_of(document, registry()), glyphs=symbols(TOOLS),
        )  # fmt: skip

    def _publish(self, key: str, refused: str = "") -> str:
        about = publishing.about(rights.store(), registry(), rights.actor(), self.instance, key)
        return render_template(
            "outline/publish.html",
            page=self,
            flow=self._draft(key),
            about=about,
            refused=refused,
            glyphs=symbols(TOOLS),
        )
