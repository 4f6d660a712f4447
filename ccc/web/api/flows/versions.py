"""What is on the air: publish, take off, versions, back to an earlier one, differences."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint

from ccc.errors import ConflictError, NotFoundError, say
from ccc.flow.diff import diff
from ccc.flow.document import FlowDocument, describe
from ccc.services import flow_admin, flow_tests, flows
from ccc.store.records import VersionRecord
from ccc.web.api import common
from ccc.web.api.auth import actor
from ccc.web.api.common import CHANGES, LOOKS, IfMatch, Where, operation
from ccc.web.api.flows import models
from ccc.web.auth.rights import store
from ccc.web.plugins import registry

blueprint = APIBlueprint("flow_versions", __name__, tag="Flow versions", url_prefix="/flows/<name>")
SHOWN = 20


class WarningsError(ConflictError):
    """The check warns, and the request does not say that it knows."""

    code = "warnings"


@blueprint.post("/publish")
@blueprint.input(Where, location="query")
@blueprint.input(IfMatch, location="headers")
@blueprint.input(models.Publish)
@blueprint.output(models.Published)
@operation(blueprint, "publishFlow", *CHANGES, changes=True)
def publish_flow(name: str, query_data: Where, headers_data: IfMatch, json_data: models.Publish) -> Any:
    """Publish the draft

    422 while the check finds errors. 409 with code `warnings` while it warns and `accept_warnings` is not true,
    with code `tests-failed` while test cases fail and `override` does not say why it is published all the same.
    """
    where = query_data.where()
    item = flow_admin.flow_item(store(), registry(), actor(), where, name)
    common.wanted_revision(headers_data, item.revision, needed=False)
    ask_of_warnings(where, name, json_data.accept_warnings)
    done = flow_tests.publish_tested(
        store(), registry(), actor(), where, name, json_data.message, override=json_data.override
    )
    return _published(done)


@blueprint.post("/unpublish")
@blueprint.input(Where, location="query")
@blueprint.output({}, status_code=204)
@operation(blueprint, "unpublishFlow", *CHANGES, changes=True)
def unpublish_flow(name: str, query_data: Where) -> Any:
    """Take the flow off the air

    New calls to it are refused; calls in progress go on.
    """
    flows.unpublish_flow(store(), actor(), query_data.where(), name)
    return "", 204


@blueprint.get("/versions")
@blueprint.input(Where, location="query")
@blueprint.output(models.Versions)
@operation(blueprint, "listFlowVersions", *LOOKS)
def list_versions(name: str, query_data: Where) -> Any:
    """List the published versions"""
    where = query_data.where()
    live = flow_admin.flow_item(store(), registry(), actor(), where, name).live_version
    found = flows.flow_versions(store(), actor(), where, name)
    return {"items": [_version(each, live) for each in found]}


@blueprint.get("/versions/<int(max=99999999):version>")
@blueprint.input(Where, location="query")
@blueprint.output(models.WholeVersion)
@operation(blueprint, "readFlowVersion", *LOOKS)
def read_version(name: str, version: int, query_data: Where) -> Any:
    """Read a published version with its document"""
    where = query_data.where()
    live = flow_admin.flow_item(store(), registry(), actor(), where, name).live_version
    found = flow_admin.version_of(store(), actor(), where, name, version)
    document = flows.export_flow(store(), actor(), where, name, version)
    return _version(found, live) | {"document": document.as_dict()}


@blueprint.post("/rollback")
@blueprint.input(Where, location="query")
@blueprint.input(models.Rollback)
@blueprint.output(models.Published)
@operation(blueprint, "rollbackFlow", *CHANGES, changes=True)
def rollback_flow(name: str, query_data: Where, json_data: models.Rollback) -> Any:
    """Publish an earlier version again

    It becomes the next version. A draft with changes is kept.
    """
    where, wanted = query_data.where(), json_data
    done = flow_admin.rollback_flow(store(), registry(), actor(), where, name, wanted.version, wanted.message)
    return _published(done)


@blueprint.get("/diff")
@blueprint.input(models.Compare, location="query")
@blueprint.output(models.Diff)
@operation(blueprint, "diffFlow", *LOOKS)
def diff_flow(name: str, query_data: models.Compare) -> Any:
    """What differs between two versions, or a version and the draft"""
    where = query_data.where()
    return diff(_document(where, name, query_data.older), _document(where, name, query_data.newer)).as_dict()


def ask_of_warnings(where: str, name: str, accepted: bool) -> None:
    found = flows.check_draft(store(), registry(), actor(), where, name)
    if accepted or not found or any(problem.severity == "error" for problem in found):
        return
    lines = [describe(problem) for problem in found[:SHOWN]] + (["..."] if len(found) > SHOWN else [])
    text = say("The check warns: %(warnings)s. Mend it, or publish with accept_warnings.")
    raise WarningsError(text, field="accept_warnings", values={"warnings": "; ".join(lines)})


def _document(where: str, name: str, which: str) -> FlowDocument:
    if which == "draft":
        return flows.export_flow(store(), actor(), where, name)
    if which != "live":
        return flows.export_flow(store(), actor(), where, name, int(which))
    live = flow_admin.flow_item(store(), registry(), actor(), where, name).live_version
    if live is None:
        raise NotFoundError(say("The flow %(name)s is not published yet."), values={"name": name})
    return flows.export_flow(store(), actor(), where, name, live)


def _version(record: VersionRecord, live: int | None) -> dict[str, Any]:
    names = ("version", "hash", "author", "at", "message")
    return {name: getattr(record, name) for name in names} | {"live": record.version == live}


def _published(done: flows.Published) -> dict[str, Any]:
    warnings = [problem.as_dict() for problem in done.warnings]
    return {"changed": done.changed, "version": _version(done.version, done.version.version), "warnings": warnings}
