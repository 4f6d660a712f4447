"""Exports of call records: ask, watch, download."""

from __future__ import annotations

import datetime
from typing import Any

from flask import Response, jsonify, request, send_file, url_for

from ccc.services import exports
from ccc.store.records import ExportRecord
from ccc.web.auth import rights
from ccc.web.calls import filters
from ccc.web.calls.routes import blueprint
from ccc.web.i18n import language
from ccc.web.shell import moment

TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@blueprint.post("/exports")
@rights.roles_accepted(*exports.MAY)
def ask_export() -> tuple[Response, int]:
    """Start one with the list's filter (form fields as in the address) and ``format``: 202 and the export."""
    record = exports.request_export(
        rights.store(),
        rights.actor(),
        rights.place().instance,
        filters.from_query(request.form),
        format=request.form.get("format", "csv"),
        language=language(),
    )
    return jsonify(_shown(record)), 202


@blueprint.get("/exports")
@rights.roles_accepted(*exports.MAY)
def list_exports() -> Response:
    """``{exports: [...]}``: the user's own, newest first."""
    found = exports.list_exports(rights.store(), rights.actor(), rights.place().instance)
    return jsonify({"exports": [_shown(record) for record in found]})


@blueprint.get("/exports/<export_id>")
@rights.roles_accepted(*exports.MAY)
def download_export(export_id: str) -> Response:
    """The file, until it expires (404 afterwards)."""
    now = datetime.datetime.now(datetime.UTC)
    store, actor, place = rights.store(), rights.actor(), rights.place()
    path, record = exports.export_file(store, actor, place.instance, export_id, now)
    name = f"calls-{place.instance}-{moment(record.created_at, 'yyyyMMdd-HHmmss')}.{record.format}"
    return send_file(path, mimetype=TYPES[record.format], as_attachment=True, download_name=name, conditional=False)


def _shown(record: ExportRecord) -> dict[str, Any]:
    now = datetime.datetime.now(datetime.UTC)
    late = record.state == "done" and (record.expires_at is None or record.expires_at <= now)
    state = "expired" if late else record.state
    return {
        "id": record.id,
        "format": record.format,
        "state": state,
        "rows": record.rows,
        "total": record.total,
        "bytes": record.bytes,
        "error": record.error,
        "asked": moment(record.created_at, "HH:mm"),
        "until": moment(record.expires_at, "MM-dd HH:mm"),
        "url": url_for("calls.download_export", export_id=record.id) if state == "done" else None,
    }
