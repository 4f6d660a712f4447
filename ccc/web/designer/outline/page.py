"""The outline: a flow's draft as a list, every edit a plain form. Works with a keyboard, a screen reader, no script.

A change is made to the stored draft under its edit lock and with the revision the page was made from; when
somebody else edits or has saved, the answer (409) shows what was asked for and offers to do it all the same.
"""

from __future__ import annotations

import json
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from ccc.errors import CccError, StaleError, UsageError
from ccc.flow import editing
from ccc.flow.document import MAX_BYTES, FlowDocument, FlowInvalid, parse_document
from ccc.services import draft_changes, drafts
from ccc.store.records import FlowRecord
from ccc.web.admin.page import AdminPage, accepts_bytes, expose
from ccc.web.auth import rights
from ccc.web.designer import panel
from ccc.web.designer.icons import TOOLS, symbols
from ccc.web.designer.outline import history, operations, saving, variables
from ccc.web.designer.outline.words import MOST_OPTIONS, items, places
from ccc.web.designer.problems import listed
from ccc.web.designer.schema import fields
from ccc.web.designer.start import groups, palette
from ccc.web.errors import in_words
from ccc.web.i18n import language
from ccc.web.plugins import registry

Answer = str | Response | tuple[str, int]


class OutlinePage(AdminPage):
    """The draft as a list."""

    endpoint_name, path, title = "outline", "/designer", _("Outline")
    roles = drafts.EDITORS

    @expose("/<key>/outline")
    def outline(self, key: str) -> str:
        """The list."""
        return self._list(self._draft(key))

    @expose("/<key>/outline", methods=("POST",))
    @accepts_bytes(MAX_BYTES)
    def change(self, key: str) -> Answer:
        """Do one change (``op`` and its fields) to the draft of ``revision``, then back to the list."""
        record, op = self._draft(key), request.form.get("op")
        try:
            if op in ("undo", "redo"):
                flash(self._turned(record, forward=op == "redo"))
                return redirect(url_for("outline.outline", key=key))
            done = operations.run(parse_document(record.document), request.form, registry(), self._names())
            saving.save(self, record.name, done)
        except (drafts.LockedError, StaleError) as error:
            if op in ("undo", "redo") and isinstance(error, StaleError):  # what would be taken back is another change
                return self._list(self._draft(key), _stale_turn()), error.status
            return saving.conflict(self, self._draft(key), error), 409
        except (FlowInvalid, UsageError) as error:
            return self._list(record, in_words(error)), error.status
        except CccError as error:  # the node is gone, or the change does not fit: the draft is as it was
            return self._list(record, in_words(error)), error.status
        flash(done.said)
        if op == "add":
            return redirect(url_for("outline.settings", key=key, node=done.node))
        return redirect(url_for("outline.outline", key=key, _anchor=done.anchor or None))

    def _turned(self, record: FlowRecord, *, forward: bool) -> str:
        what = history.in_words(saving.turn(self, record.name, forward=forward))
        said = gettext("Done again: %(what)s", what=what) if forward else gettext("Undone: %(what)s", what=what)
        return str(said)

    @expose("/<key>/outline/<node>")
    def settings(self, key: str, node: str) -> str:
        """A node's settings."""
        record = self._draft(key)
        found = editing.node_of(parse_document(record.document), node)
        posting = panel.Posting(found, registry().node_types.get(found.type), dict(found.config))
        return self._form(record, posting, record.revision)

    @expose("/<key>/outline/<node>", methods=("POST",))
    @accepts_bytes(MAX_BYTES)
    def save(self, key: str, node: str) -> Answer:
        """Save the form, or show it after a row was added, removed, moved or made of another kind (``edit``)."""
        record, posting = self._draft(key), operations.settings_of(request.form, registry())
        revision = saving.revision()
        if op := request.form.get("edit"):
            name, _colon, path = op.partition(":")
            return self._form(record, panel.change(posting, name, path), revision, dirty=True)
        try:
            done = operations.run(parse_document(record.document), _with_op("settings"), registry(), self._names())
            saving.save(self, record.name, done)
        except (drafts.LockedError, StaleError) as error:
            return saving.conflict(self, self._draft(key), error), 409
        except CccError as error:
            return self._form(record, posting, revision, in_words(error), dirty=True), error.status
        flash(done.said)
        if panel.mistakes(posting.node.model_copy(update={"config": posting.config}), registry()):
            return redirect(url_for("outline.settings", key=key, node=node))
        return redirect(url_for("outline.outline", key=key, _anchor=f"node-{node}"))

    def _draft(self, key: str) -> FlowRecord:
        return drafts.draft(rights.store(), rights.actor(), self.instance, key)

    def _names(self) -> dict[str, list[tuple[str, str]]]:
        return drafts.names(rights.store(), registry(), rights.actor(), self.instance)

    def _history(self, name: str) -> history.History:
        return history.history(draft_changes.changes(rights.store(), rights.actor(), self.instance, name))

    def _list(self, record: FlowRecord, refused: str = "") -> str:
        """``refused``: why what was posted was not done; texts that were typed stay in their fields."""
        document = parse_document(record.document)
        problems = listed(drafts.check_document(rights.store(), registry(), rights.actor(), self.instance, document))
        every = items(document, registry(), problems, language())
        types = palette(registry(), {})
        return render_template(
            "outline/list.html", page=self, flow=record, document=document, items=every, places=places(every),
            types=types, groups=groups(types), problems=problems, refused=refused,
            names={item.node.id: item.title for item in every},
            long=len(every) > MOST_OPTIONS, glyphs=symbols([*TOOLS, "arrow-right", *(each.icon for each in every)]),
            typed=request.form if refused else {}, history=self._history(record.name),
            variables=variables.written(document.variables),
            may_publish=rights.place().role == "admin",
            notes=[note for note in document.notes if isinstance(note, dict) and isinstance(note.get("id"), str)],
        )  # fmt: skip

    def _form(
        self, record: FlowRecord, posting: panel.Posting, revision: int, refused: str = "", dirty: bool = False
    ) -> str:
        node = posting.node.model_copy(update={"config": posting.config})
        kind, tongue = posting.kind, language()
        return render_template(
            "outline/settings.html", page=self, flow=record, node=node, kind=kind, refused=refused, dirty=dirty,
            label=(kind.label.get(tongue) or kind.label["en"]) if kind else node.type, revision=revision,
            help=(kind.help.get(tongue) or kind.help["en"]) if kind else "", plain=True, page_key=record.name,
            fields=fields(kind.Config.model_json_schema(), node.config, tongue) if kind else [],
            problems=panel.mistakes(node, registry()), names=self._names(), kinds=panel.prompt_kinds(),
            weekdays=panel.weekdays(), node_json=json.dumps(node.model_dump(mode="json"), ensure_ascii=False),
            raw=json.dumps(node.config, ensure_ascii=False, indent=2),
            variables=_variables(parse_document(record.document)),
            glyphs=symbols([*TOOLS, kind.icon if kind else "question-diamond"]),
        )  # fmt: skip


def _stale_turn() -> str:
    text = gettext(
        "Somebody else saved this flow meanwhile. Below is what it says now; undo from here if you still want to."
    )
    return str(text)


def _with_op(op: str) -> Any:
    form = request.form.copy()
    form["op"] = op
    return form


def _variables(document: FlowDocument) -> list[str]:
    found = dict.fromkeys(document.variables)
    for node in document.nodes:
        if isinstance(name := node.config.get("variable"), str) and name:
            found[name] = None
    return list(found)
