"""What inputs of the property panel ask: a node tried with example values, an audio added without leaving the form."""

from __future__ import annotations

import json

from flask import Response, current_app, jsonify, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from ccc.errors import CccError, InvalidError
from ccc.services import attempts, audio, drafts
from ccc.web.admin.page import MAX_UPLOAD, AdminPage, accepts_bytes, expose, for_roles
from ccc.web.auth import rights
from ccc.web.designer import panel
from ccc.web.designer.page import MOST_BYTES
from ccc.web.designer.widgets.words import exit_label, failure_in_words
from ccc.web.errors import in_words
from ccc.web.plugins import registry


class WidgetPage(AdminPage):
    """Answers pieces of the panel and JSON; the page itself is the designer's."""

    endpoint_name, path, title = "designer_widgets", "/designer", _("Flow designer")
    roles = drafts.EDITORS

    @expose("/<key>/try", methods=("POST",))
    @accepts_bytes(MOST_BYTES)
    @for_roles("admin")
    def ask(self, key: str) -> str:
        """The examples that are needed before the node of the posted form can be tried."""
        posting = panel.posted(request.form, registry())
        node = posting.node.model_copy(update={"config": posting.config})
        given = dict(panel.examples(request.form))
        try:
            found = attempts.needed(rights.store(), registry(), rights.actor(), self.instance, key, node)
        except CccError as error:
            return render_template("widgets/_try.html", refused=in_words(error), page_key=key)
        examples = [(one.name, given.get(one.name, one.example)) for one in found]
        return render_template("widgets/_try.html", examples=examples, asked=True, page_key=key)

    @expose("/<key>/try/send", methods=("POST",))
    @accepts_bytes(MOST_BYTES)
    @for_roles("admin")
    def send(self, key: str) -> str:
        """The node is run with the posted examples: its requests, what came back, the variables it set."""
        posting = panel.posted(request.form, registry())
        node = posting.node.model_copy(update={"config": posting.config})
        examples = panel.examples(request.form)
        try:
            done = attempts.attempt(
                rights.store(), registry(), rights.actor(), self.instance, key, node, dict(examples),
                current_app.extensions["ccc_http_allow"],
            )  # fmt: skip
        except CccError as error:
            return render_template(
                "widgets/_try.html", examples=examples, asked=True, refused=in_words(error), page_key=key
            )
        return render_template(
            "widgets/_try.html", examples=examples, asked=True, done=done, page_key=key,
            left_by=exit_label(done.exit, node, registry()), failure=failure_in_words(done.failure),
            failed=[failure_in_words(one.failure) for one in done.exchanges],
            values={name: json.dumps(value, ensure_ascii=False)[:400] for name, value in done.variables.items()},
        )  # fmt: skip

    @expose("/<key>/audio", methods=("POST",))
    @accepts_bytes(MAX_UPLOAD)
    @for_roles("admin")
    def add_audio(self, key: str) -> Response:
        """A WAV (``file``) under a new ``name``: ``{name, seconds}``. Refused as on the page 音频."""
        drafts.draft(rights.store(), rights.actor(), self.instance, key)
        sent = request.files.get("file")
        data = sent.read() if sent is not None else b""
        if not data:
            raise InvalidError(gettext("Choose a WAV file, or record one."), field="file")
        name = request.form.get("name", "").strip()
        made = audio.add_audio(rights.store(), rights.actor(), self.instance, name, data)
        return jsonify({"name": made.name, "seconds": round(made.seconds, 1)})
