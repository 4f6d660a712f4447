"""The designer's page and what its scripts ask: lock, draft, faces of nodes, layout, problems, publishing."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import generate_csrf
from pydantic import TypeAdapter, ValidationError
from werkzeug.wrappers import Response as BaseResponse

from ccc.errors import CccError, ConflictError, InvalidError, StaleError, UsageError
from ccc.flow.document import MAX_BYTES, FlowInvalid, Node, parse_document
from ccc.flow.layout import Box, Way, arrange
from ccc.prompts.wav import MAX_BYTES as MAX_AUDIO
from ccc.services import audio, drafts, flow_running, schedules, wall_clock
from ccc.services.flow_tests import TestsFailedError
from ccc.store.base import utc_now
from ccc.web.admin.flows.mistakes import problem_lines
from ccc.web.admin.page import AdminPage, accepts_bytes, expose, for_roles
from ccc.web.auth import rights
from ccc.web.designer import panel as panels
from ccc.web.designer import publishing
from ccc.web.designer.faces import face
from ccc.web.designer.icons import TOOLS, symbols
from ccc.web.designer.placing import placed
from ccc.web.designer.problems import listed
from ccc.web.designer.running import running_words
from ccc.web.designer.start import faces_of, groups, start_block
from ccc.web.errors import in_words
from ccc.web.i18n import language
from ccc.web.plugins import registry
from ccc.web.shell import moment

MOST_BYTES = MAX_BYTES + 64 * 1024
"""A document and what is posted with it."""
_NODES, _BOXES, _WAYS = TypeAdapter(list[Node]), TypeAdapter(list[Box]), TypeAdapter(list[Way])


class DesignerPage(AdminPage):
    """A flow's draft on the canvas."""

    endpoint_name, path, title = "designer", "/designer", _("Flow designer")
    roles = drafts.EDITORS

    @expose("/")
    def index(self) -> BaseResponse:
        """Flows are chosen in their list."""
        return redirect(url_for("flows.index"))

    @expose("/<key>")
    def design(self, key: str) -> str:
        """The page with the draft in it."""
        record = drafts.draft(rights.store(), rights.actor(), self.instance, key)
        start, types = start_block(record, registry(), self.instance)
        icons = symbols([*TOOLS, *(each["icon"] for each in types)])
        return render_template(
            "designer/page.html",
            page=self,
            flow=record,
            start=start,
            types=types,
            icons=icons,
            groups=groups(types),
            max_audio=MAX_AUDIO,
        )

    @expose("/<key>/lock", methods=("POST",))
    def lock(self, key: str) -> Response:
        """Take or keep the edit lock: ``{token}``; 409 ``{holder}`` while somebody else has it."""
        asked = _body()
        now = utc_now()
        try:
            mine = drafts.take_lock(
                rights.store(), rights.actor(), self.instance, key, token=_text(asked, "token"),
                shown_name=rights.profile().name, now=now, from_holder=asked.get("take_over") is True,
            )  # fmt: skip
        except drafts.LockedError as error:
            return self._held(key, error, now)
        record = drafts.draft(rights.store(), rights.actor(), self.instance, key)
        return jsonify({"token": mine.token, "revision": record.revision})

    @expose("/<key>/unlock", methods=("POST",))
    def unlock(self, key: str) -> Response:
        """The page is being closed."""
        drafts.release_lock(rights.store(), rights.actor(), self.instance, key, _text(_body(), "token"))
        return jsonify({})

    @expose("/<key>/draft")
    def draft(self, key: str) -> Response:
        """The stored draft: ``{document, revision, by, at, problems}``; ``csrf`` for a session that began anew."""
        record = drafts.draft(rights.store(), rights.actor(), self.instance, key)
        document = parse_document(record.document)
        drawn = placed(document, faces_of(document, registry()), registry())
        problems = drafts.check_document(rights.store(), registry(), rights.actor(), self.instance, document)
        about = {"document": drawn.as_dict(), "revision": record.revision, **_who(record)}
        return jsonify(about | {"problems": listed(problems, document, registry()), "csrf": generate_csrf()})

    @expose("/<key>/draft", methods=("POST",))
    @accepts_bytes(MOST_BYTES)
    def save(self, key: str) -> Response:
        """Save ``{document, revision, token}``: ``{revision, at, problems}``; 409 ``locked``, ``stale``: not saved."""
        sent, now = _body(), utc_now()
        document = sent.get("document")
        if not isinstance(document, Mapping) or not isinstance(sent.get("revision"), int):
            raise UsageError(gettext("The request has no document and revision."), field="document")
        try:
            saved = drafts.save_draft(
                rights.store(), rights.actor(), self.instance, key, document, revision=sent["revision"],
                token=_text(sent, "token"), shown_name=rights.profile().name, now=now,
            )  # fmt: skip
        except drafts.LockedError as error:
            return self._held(key, error, now)
        except StaleError as error:
            return self._stale(key, error)
        except FlowInvalid as error:
            raise InvalidError("; ".join(problem_lines(error.problems[:3]))) from error
        stored = parse_document(saved.document)
        problems = drafts.check_document(rights.store(), registry(), rights.actor(), self.instance, stored)
        shown = listed(problems, stored, registry())
        return jsonify({"revision": saved.revision, **_who(saved), "problems": shown})

    @expose("/<key>/faces", methods=("POST",))
    @accepts_bytes(MOST_BYTES)
    def faces(self, key: str) -> Response:
        """What nodes ``{nodes: [...]}`` show on the canvas, by id."""
        nodes = _listed(_NODES, _body().get("nodes"), "nodes")
        return jsonify({"faces": {node.id: face(node, registry(), language()) for node in nodes}})

    @expose("/<key>/panel", methods=("POST",))
    @accepts_bytes(MOST_BYTES)
    def panel(self, key: str) -> str:
        """The form of the node that is posted."""
        node = panels.node_of(request.form.get("node"))
        return self._form(key, panels.Posting(node, registry().node_types.get(node.type), dict(node.config)))

    @expose("/<key>/panel/read", methods=("POST",))
    @accepts_bytes(MOST_BYTES)
    def read(self, key: str) -> Response:
        """What a form that is being filled in says: ``{id, config, face, problems}``."""
        return jsonify(panels.answer(panels.posted(request.form, registry()), registry()))

    @expose("/<key>/panel/edit", methods=("POST",))
    @accepts_bytes(MOST_BYTES)
    def edit(self, key: str) -> str:
        """The form after a row was added, removed, moved or made of another kind."""
        posting = panels.posted(request.form, registry())
        return self._form(key, panels.change(posting, request.form.get("op", ""), request.form.get("path", "")))

    def _form(self, key: str, posting: panels.Posting) -> str:
        names = drafts.names(rights.store(), registry(), rights.actor(), self.instance)
        return panels.shown(
            posting, registry(), names, key=key, read_only="read_only" in request.form,
            admin=rights.place().role == "admin", examples=panels.examples(request.form),
        )  # fmt: skip

    @expose("/<key>/speak", methods=("POST",))
    def speak(self, key: str) -> Response:
        """A text as callers will hear it: a WAV of the form's ``text``, ``voice``, ``speed``, ``volume``."""
        voice, speed = request.form.get("voice", ""), request.form.get("speed", "") or "1"
        volume = request.form.get("volume", "") or "100"
        try:
            pace = float(speed)
        except ValueError:
            raise UsageError(gettext("Choose a speed."), field="speed") from None
        if not volume.isdecimal():
            raise UsageError(gettext("Choose a volume."), field="volume")
        drafts.draft(rights.store(), rights.actor(), self.instance, key)
        alaw = audio.try_text(
            rights.store(), rights.actor(), self.instance, request.form.get("text", ""), voice, pace, int(volume[:4])
        )
        return Response(audio.as_wav(alaw), mimetype="audio/wav")

    @expose("/<key>/layout", methods=("POST",))
    @accepts_bytes(MOST_BYTES)
    def layout(self, key: str) -> Response:
        """Upper left corners for ``{boxes, ways, starts}``, by node id."""
        sent = _body()
        starts = [one for one in sent.get("starts", ()) if isinstance(one, str)]
        places = arrange(_listed(_BOXES, sent.get("boxes"), "boxes"), _listed(_WAYS, sent.get("ways"), "ways"), starts)
        return jsonify({"places": places})

    @expose("/<key>/running")
    def running(self, key: str) -> Response:
        """``{text, settled}``: which version is published, which one new calls get, the calls in each."""
        found = flow_running.running(rights.store(), rights.actor(), self.instance, key)
        return jsonify({"text": running_words(found), "settled": found.live == found.published or not found.known})

    @expose("/<key>/publish")
    @for_roles("admin")
    def publish(self, key: str) -> str:
        """The dialog before publishing: problems, numbers and calls it concerns."""
        return self._publish_dialog(key)

    @expose("/<key>/publish", methods=("POST",))
    @for_roles("admin")
    def do_publish(self, key: str) -> Response | tuple[str, int]:
        """Publish the draft of the posted revision: ``{version, revision, live}``; refused: the dialog again."""
        revision, message = request.form.get("revision", ""), request.form.get("message", "")
        if not revision.isdecimal() or len(revision) > 9:
            raise UsageError(gettext("The form is incomplete. Close it, then open it again."), field="revision")
        if request.form.get("when") == "later":
            return self._plan(key, int(revision), message)
        try:
            done = drafts.publish_draft(
                rights.store(), registry(), rights.actor(), self.instance, key, revision=int(revision), message=message,
                override=request.form.get("override", "")[:200],
            )  # fmt: skip
        except (FlowInvalid, TestsFailedError):
            return self._publish_dialog(key), 422
        record = drafts.draft(rights.store(), rights.actor(), self.instance, key)
        version = done.version.version
        return jsonify({"version": version, "revision": record.revision})

    def _plan(self, key: str, revision: int, message: str) -> Response | tuple[str, int]:
        """Publish later: ``{planned}`` tells when, in words; refused: the dialog again."""
        text, which = request.form.get("at", ""), request.form.get("which", "")
        try:
            at = wall_clock.moment(rights.store(), self.instance, text, which)
            plan = schedules.plan_publishing(
                rights.store(), registry(), rights.actor(), self.instance, key, at, message, revision=revision,
                override=request.form.get("override", "")[:200], now=utc_now(),
            )  # fmt: skip
        except (FlowInvalid, TestsFailedError):
            return self._publish_dialog(key), 422
        except StaleError:
            raise
        except (InvalidError, ConflictError) as error:
            return self._publish_dialog(key, error), error.status
        time = moment(plan.at, "yyyy-MM-dd HH:mm")
        return jsonify({"planned": gettext("It will be published %(time)s.", time=time)})

    def _publish_dialog(self, key: str, refusal: CccError | None = None) -> str:
        asked = publishing.about(rights.store(), registry(), rights.actor(), self.instance, key)
        return render_template(
            "designer/_publish.html", page=self, about=asked, given=request.form, refusal=refusal,
            refusal_text=in_words(refusal) if refusal is not None else "",
        )  # fmt: skip

    def _held(self, key: str, error: ConflictError, now: datetime.datetime) -> Response:
        held = drafts.holder(rights.store(), rights.actor(), self.instance, key, now)
        holder = None
        if held is not None:
            own = held.user == rights.actor().user
            holder = {"name": held.shown_name or held.user, "since": moment(held.since, "HH:mm"), "own": own}
        return _refused(error, {"holder": holder})

    def _stale(self, key: str, error: ConflictError) -> Response:
        record = drafts.draft(rights.store(), rights.actor(), self.instance, key)
        return _refused(error, {"revision": record.revision, **_who(record)})


def _refused(error: ConflictError, more: dict[str, Any]) -> Response:
    answer = jsonify({"code": error.code, "message": in_words(error), **more})
    answer.status_code = error.status
    return answer


def _who(record: Any) -> dict[str, str]:
    return {"by": record.edited_by, "at": moment(record.edited_at, "HH:mm:ss")}


def _body() -> dict[str, Any]:
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise UsageError(gettext("The request is not a JSON object."))
    return sent


def _text(sent: Mapping[str, Any], name: str) -> str:
    value = sent.get(name, "")
    if not isinstance(value, str) or len(value) > 64:
        raise UsageError(gettext("%(name)s is not a text of at most 64 characters.", name=name), field=name)
    return value


def _listed(adapter: TypeAdapter[Any], value: Any, name: str) -> Any:
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in (name, *first["loc"]))
        raise UsageError(f"{where}: {first['msg']}", field=name) from error
