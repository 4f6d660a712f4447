"""A flow to look at: versions compared on the canvas and rollback, past calls step by step, calls now, heat map."""

from __future__ import annotations

import datetime
from typing import Any

from flask import Response, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response as BaseResponse

from ccc.errors import CccError, NotFoundError, say
from ccc.flow.document import FlowDocument, FlowInvalid, describe, parse_document
from ccc.flow.overlay import overlay
from ccc.services import calls, drafts, flow_admin, flow_traffic, flows, users
from ccc.store.base import utc_now
from ccc.store.records import CallFilter
from ccc.web.admin.flows.page import STATES
from ccc.web.admin.page import AdminPage, expose, for_roles
from ccc.web.auth import rights
from ccc.web.calls.causes import cause_in_words
from ccc.web.designer.look.replay import flows_of, steps_of
from ccc.web.designer.look.start import view_start
from ccc.web.designer.look.versions import compared, marks
from ccc.web.i18n import language
from ccc.web.nodes import node_names
from ccc.web.plugins import registry

DRAFT = "draft"
RECENT = 20
PERIODS = (1, 7, 30, 90)
"""Days of the heat map."""


class LookPage(AdminPage):
    """Nothing here is drawn; ``rollback`` is the only change."""

    endpoint_name, path, title = "look", "/designer", _("Flow")
    roles = drafts.EDITORS

    @expose("/<key>/versions")
    def versions(self, key: str) -> str:
        """Draft and published versions; ``b`` on the canvas, compared with ``a`` ('' with none)."""
        return self._versions(key)

    @expose("/<key>/versions/<int:number>")
    def version(self, key: str, number: int) -> Response:
        """``{document}`` of a published version, for the designer to put into the draft."""
        found = flow_admin.version_of(rights.store(), rights.actor(), self.instance, key, number)
        return jsonify({"document": parse_document(found.document).model_copy(update={"name": key}).as_dict()})

    @expose("/<key>/rollback", methods=("POST",))
    @for_roles("admin")
    def rollback(self, key: str) -> BaseResponse | tuple[str, int]:
        """Publish ``version`` again as the next one."""
        number, message = _number(request.form.get("version")), request.form.get("message", "").strip()
        if number is None:
            raise NotFoundError(say("This names no version."), field="version")
        said = message or gettext("Version %(version)s again", version=number)
        try:
            done = flow_admin.rollback_flow(
                rights.store(), registry(), rights.actor(), self.instance, key, number, said[:500]
            )
        except FlowInvalid as error:
            return self._versions(key, [describe(one) for one in error.problems if one.severity == "error"]), 422
        version = done.version.version
        if done.changed:
            flash(gettext("Version %(version)s is live.", version=version))
        else:
            flash(gettext("Version %(version)s is live and says the same.", version=version))
        return redirect(url_for("look.versions", key=key))

    @expose("/<key>/replay")
    def replay(self, key: str) -> str | BaseResponse:
        """The call ``call`` on the version it ran, also as a sub-flow; without one the newest calls of the flow."""
        wanted = request.args.get("call", "").strip()
        draft = self._draft(key)
        if not wanted:
            return self._recent(key)
        try:
            record = calls.get_call(rights.store(), rights.actor(), self.instance, wanted[:64])
        except NotFoundError:
            return self._recent(key, wanted)
        ran = flows_of(record)
        shown = next((one for one in ran if one[0] == key), None)
        if shown is None and record.flow:
            self._draft(record.flow)
            return redirect(url_for("look.replay", key=record.flow, call=record.id))
        shown = shown or (key, record.flow_version)
        document, as_it_was = self._ran(*shown)
        steps = steps_of(record, shown, document, node_names(registry(), language()))
        start, glyphs = view_start(
            key, document, registry(),
            steps=[{"node": one.node, "exit": one.exit, "here": one.here, "seek": one.seek_s} for one in steps],
            failed=record.cause == "flow-error",
        )  # fmt: skip
        return render_template(
            "look/replay.html", page=self, flow=draft, call=record, steps=steps, start=start, glyphs=glyphs,
            tab="replay", cause=cause_in_words(record.cause), as_it_was=as_it_was, names=self._people(),
            ran=ran, version=shown[1],
        )  # fmt: skip

    @expose("/<key>/live")
    def live(self, key: str) -> str:
        """Calls now on the live version."""
        draft = self._draft(key)
        document = self._live_document(draft)
        urls = {"ticket": url_for("live.ticket"), "calls": url_for("calls.past")}
        start, glyphs = view_start(
            key, document, registry(), urls=urls, version=draft.live_version, names=self._people()
        )
        return render_template("look/live.html", page=self, flow=draft, start=start, glyphs=glyphs, tab="live")

    @expose("/<key>/heat")
    def heat(self, key: str) -> str:
        """What the calls of the last ``days`` did, on one version or counted over all."""
        draft = self._draft(key)
        days = _number(request.args.get("days")) or 7
        versions = flows.flow_versions(rights.store(), rights.actor(), self.instance, key)
        wanted = request.args.get("version", "")
        number = None if wanted == "all" else _number(wanted) or draft.live_version
        document = self._live_document(draft) if number is None else self._ran(key, number)[0]
        now = utc_now()
        found = flow_traffic.heat(
            rights.store(), rights.actor(), self.instance, key,
            since=now - datetime.timedelta(days=days), until=now, version=number,
        )  # fmt: skip
        nodes: dict[str, dict[str, Any]] = {
            ident: {
                "visits": one.visits,
                "dropped": one.dropped,
                "average": round(one.average_s, 1),
                "exits": one.exits,
            }
            for ident, one in found.traffic.nodes.items()
        }
        start, glyphs = view_start(key, document, registry(), heat=nodes)
        titles = {node.id: node.name for node in document.nodes}
        ranked = sorted(
            ((titles[ident] or ident, ident, nodes[ident]) for ident in nodes if ident in titles),
            key=lambda row: -row[2]["visits"],
        )
        return render_template(
            "look/heat.html", page=self, flow=draft, start=start, glyphs=glyphs, tab="heat", days=days, found=found,
            periods=PERIODS, versions=versions, number=number, wanted=wanted, ranked=ranked,
            elsewhere=len([ident for ident in nodes if ident not in titles]),
        )  # fmt: skip

    def _versions(self, key: str, refused: list[str] | None = None) -> str:
        draft = self._draft(key)
        item = flow_admin.flow_item(rights.store(), registry(), rights.actor(), self.instance, key)
        published = flows.flow_versions(rights.store(), rights.actor(), self.instance, key)
        numbers = [str(one.version) for one in published]
        b = request.args.get("b", DRAFT)
        a = request.args.get("a", str(draft.live_version or "") if b == DRAFT else "")
        for one in (a, b):
            if one not in ("", DRAFT, *numbers):
                raise NotFoundError(say("There is no version %(version)s of this flow."), values={"version": one[:20]})
        newer = self._document(key, b or DRAFT)
        problems = drafts.check_document(
            rights.store(), registry(), rights.actor(), self.instance, self._document(key, DRAFT)
        )
        found = overlay(self._document(key, a), newer) if a else None
        start, glyphs = view_start(key, found.document if found else newer, registry(), marks=marks(found))
        return render_template(
            "look/versions.html", page=self, flow=draft, item=item, versions=published, a=a, b=b or DRAFT,
            tab="versions", found=found, start=start, glyphs=glyphs,
            difference=compared(found, registry(), language()) if found else None,
            states=STATES, confirm=request.args.get("confirm", ""), refused=refused,
            errors=len([one for one in problems if one.severity == "error"]),
            held=drafts.holder(rights.store(), rights.actor(), self.instance, key, utc_now()),
            may_publish=rights.place().role == "admin", names=self._people(),
        )  # fmt: skip

    def _recent(self, key: str, wanted: str = "") -> str:
        """The newest calls of the flow to choose from; ``wanted``: a call id nothing was found for."""
        found = calls.list_calls(rights.store(), rights.actor(), self.instance, CallFilter(flow=key), size=RECENT)
        start, glyphs = view_start(key, self._live_document(self._draft(key)), registry(), steps=[], failed=False)
        return render_template(
            "look/recent.html", page=self, flow=self._draft(key), calls=found.items, wanted=wanted, tab="replay",
            start=start, glyphs=glyphs, cause_in_words=cause_in_words,
        )  # fmt: skip

    def _draft(self, key: str) -> Any:
        return drafts.draft(rights.store(), rights.actor(), self.instance, key)

    def _document(self, key: str, which: str) -> FlowDocument:
        number = None if which == DRAFT else int(which)
        return flows.export_flow(rights.store(), rights.actor(), self.instance, key, number)

    def _live_document(self, draft: Any) -> FlowDocument:
        return self._document(draft.name, str(draft.live_version or DRAFT))

    def _ran(self, key: str, version: int | None) -> tuple[FlowDocument, bool]:
        """The document of a version; the draft and False when it is not kept (test calls of a draft)."""
        try:
            return self._document(key, DRAFT if version is None else str(version)), version is not None
        except CccError:
            current_app.logger.info("version %s of flow %s is not there any more", version, key)
            return self._document(key, DRAFT), False

    def _people(self) -> dict[str, str]:
        found = users.list_users(rights.store(), rights.actor(), self.instance)
        return {user.username: user.name or user.username for user in found}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 9 else None
