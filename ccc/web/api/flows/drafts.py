"""Flows and their drafts: list, create, read, edit, delete, check, test."""

from __future__ import annotations

import secrets
from typing import Any

from apiflask import APIBlueprint
from flask import url_for

from ccc.api import Problem as Finding
from ccc.errors import ConflictError, StaleError, say
from ccc.flow.document import content_hash
from ccc.flow.testing import FlowTests
from ccc.services import drafts, flow_admin, flow_tests, flows
from ccc.store.base import utc_now
from ccc.store.repos.flow_changes import Change
from ccc.web.api import common
from ccc.web.api.auth import actor
from ccc.web.api.common import CHANGES, LOOKS, IfMatch, Where, operation
from ccc.web.api.flows import models
from ccc.web.auth.rights import store
from ccc.web.plugins import registry

blueprint = APIBlueprint("flows", __name__, tag="Flows", url_prefix="/flows")


@blueprint.get("")
@blueprint.input(Where, location="query")
@blueprint.output(models.Flows)
@operation(blueprint, "listFlows", *LOOKS)
def list_flows(query_data: Where) -> Any:
    """List the flows of an instance"""
    found = flow_admin.flow_items(store(), registry(), actor(), query_data.where())
    return {"items": [models.Flow.model_validate(item) for item in found]}


@blueprint.post("")
@blueprint.input(Where, location="query")
@blueprint.input(models.Document)
@blueprint.output(models.Saved, status_code=201)
@operation(blueprint, "createFlow", *CHANGES, changes=True)
def create_flow(query_data: Where, json_data: models.Document) -> Any:
    """Create a flow from a document

    The document becomes its draft. 409 when there is a flow of its name.
    """
    where = query_data.where()
    try:
        made, problems = flows.import_flow(store(), registry(), actor(), where, json_data.root, replace_draft=False)
    except ConflictError as error:
        text = say("There is a flow %(name)s; change it with PUT /api/v1/flows/%(name)s, or choose another name.")
        raise ConflictError(text, field="name", values=error.values) from error
    headers = {"ETag": common.etag(made.revision), "Location": url_for(".read_flow", name=made.name, instance=where)}
    return _saved(made.name, made.revision, problems), 201, headers


@blueprint.get("/<name>")
@blueprint.input(Where, location="query")
@blueprint.output(models.FlowDraft)
@operation(blueprint, "readFlow", *LOOKS)
def read_flow(name: str, query_data: Where) -> Any:
    """Read a flow with its draft

    Keep the ETag: a change of the draft is sent with it as If-Match.
    """
    where = query_data.where()
    item = flow_admin.flow_item(store(), registry(), actor(), where, name)
    document = flows.export_flow(store(), actor(), where, name)
    shape = models.Flow.model_validate(item).model_dump()
    shape |= {"hash": content_hash(document), "document": document.as_dict()}
    return shape, 200, {"ETag": common.etag(item.revision)}


@blueprint.put("/<name>")
@blueprint.input(Where, location="query")
@blueprint.input(IfMatch, location="headers")
@blueprint.input(models.Document)
@blueprint.output(models.Saved)
@operation(blueprint, "editFlow", *LOOKS, changes=True)
def edit_flow(name: str, query_data: Where, headers_data: IfMatch, json_data: models.Document) -> Any:
    """Replace the draft

    412 when somebody saved it since it was read, 409 while somebody edits it in the designer: nothing is changed then.
    """
    where, token = query_data.where(), secrets.token_urlsafe(24)
    now = drafts.draft(store(), actor(), where, name).revision
    revision = common.wanted_revision(headers_data, now)
    try:
        saved = drafts.save_draft(
            store(), actor(), where, name, json_data.root,
            revision=revision, token=token, shown_name=f"{actor().user} (API)", now=utc_now(),
            change=Change("api"),
        )  # fmt: skip
    except drafts.LockedError as error:
        text = say("%(user)s is editing this flow in the designer; send your change again when it is closed there.")
        raise drafts.LockedError(text, field="lock", values=error.values) from error
    except StaleError as error:
        text = say("The draft was saved by somebody else; read it, then send your change again.")
        raise common.ChangedError(text, field="If-Match") from error
    drafts.release_lock(store(), actor(), where, name, token)
    problems = flows.check_draft(store(), registry(), actor(), where, name)
    return _saved(name, saved.revision, problems), 200, {"ETag": common.etag(saved.revision)}


@blueprint.delete("/<name>")
@blueprint.input(Where, location="query")
@blueprint.input(IfMatch, location="headers")
@blueprint.output({}, status_code=204)
@operation(blueprint, "deleteFlow", *CHANGES, changes=True)
def delete_flow(name: str, query_data: Where, headers_data: IfMatch) -> Any:
    """Delete a flow with its versions

    409 names the numbers and flows while any uses it.
    """
    where = query_data.where()
    item = flow_admin.flow_item(store(), registry(), actor(), where, name)
    common.wanted_revision(headers_data, item.revision, needed=False)
    flow_admin.delete_flow(store(), registry(), actor(), where, name)
    return "", 204


@blueprint.get("/<name>/check")
@blueprint.input(Where, location="query")
@blueprint.output(models.Check)
@operation(blueprint, "checkFlow", *LOOKS)
def check_flow(name: str, query_data: Where) -> Any:
    """Check the draft"""
    found = flows.check_draft(store(), registry(), actor(), query_data.where(), name)
    errors = sum(problem.severity == "error" for problem in found)
    return {
        "publishable": errors == 0,
        "errors": errors,
        "warnings": len(found) - errors,
        "problems": [problem.as_dict() for problem in found],
    }


@blueprint.post("/<name>/test")
@blueprint.input(Where, location="query")
@blueprint.output(models.TestRun)
@operation(blueprint, "testFlow", *LOOKS)
def test_flow(name: str, query_data: Where) -> Any:
    """Run the draft's test cases

    In virtual time: no call is made and nothing is changed.
    """
    return _tests(flow_tests.run_tests(store(), registry(), actor(), query_data.where(), name))


def _saved(name: str, revision: int, problems: list[Finding]) -> dict[str, Any]:
    return {"name": name, "revision": revision, "problems": [problem.as_dict() for problem in problems]}


def _tests(run: FlowTests) -> dict[str, Any]:
    cases = [
        {
            "name": result.case.name,
            "passed": result.failure is None,
            "failure": result.failure,
            "cause": result.simulation.cause,
            "seconds": result.simulation.duration_s,
            "path": [step.node for step in result.simulation.steps],
            "transcript": [str(line) for line in result.simulation.transcript],
        }
        for result in run.results
    ]
    return {"passed": run.passed, "broken": run.broken, "cases": cases}
