"""Flows between installations: sets of them, the vendor's format, templates."""

from __future__ import annotations

from typing import Any, Literal

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import Field, RootModel

from ccc.flow import mapping
from ccc.flow.sets import MAX_SET_BYTES, dump_set, parse_set
from ccc.services import flow_sets, templates
from ccc.services.flow_sets import Report
from ccc.web.api.auth import actor
from ccc.web.api.common import CHANGES, EVERYBODY, LOOKS, Model, Where, operation
from ccc.web.api.flows.models import DOCUMENT, PROBLEM, Problem, example
from ccc.web.auth.rights import store
from ccc.web.plugins import registry

blueprint = APIBlueprint("flow_sets", __name__, tag="Flows between installations")
SET: dict[str, Any] = {
    "kind": "ccc-flows",
    "format": 1,
    "hash": "77ab…",
    "references": {"skill-group": ["sales"]},
    "flows": [DOCUMENT],
}
VENDOR: dict[str, Any] = {
    "activities": [
        {
            "type": "PLAY_SAY",
            "id": "a1",
            "name": "欢迎",
            "properties": {"say": "您好", "audioType": "tts", "audioInterrupt": False, "position": {"x": 40, "y": 120}},
            "events": [{"event": "complete", "next": "a2", "edgeId": "e1"}],
        },
        {"type": "HANGUP", "id": "a2", "name": "挂机", "properties": {}, "events": []},
    ],
    "description": "",
}
TEMPLATE = {
    "name": "night",
    "title": {"zh": "夜间提示", "en": "Night announcement"},
    "description": {"zh": "…", "en": "…"},
    "nodes": 3,
}


class FlowSet(RootModel[dict[str, Any]]):
    """A set of flows, or a single flow document."""

    model_config = {"json_schema_extra": {"examples": [SET]}}


class VendorFlow(RootModel[dict[str, Any]]):
    """A flow of the vendor's format: `activities` with `events`."""

    model_config = {"json_schema_extra": {"examples": [VENDOR]}}


class Names(Where):
    """Which flows; without names all of them."""

    names: str = Field(default="", max_length=20_000, description="Names with commas between; none: all flows.")


class Trial(Where):
    """How an import is done."""

    replace: bool = Field(default=False, description="Replace drafts of flows of the same names that differ.")
    dry_run: bool = Field(default=False, description="Change nothing; only report.")
    map: str = Field(
        default="",
        max_length=20_000,
        description="What is called otherwise here: `kind:name there=name here`, with commas between.",
    )

    def other_names(self) -> mapping.Names:
        """What is called otherwise. InvalidError for one that is not of this form."""
        return mapping.read_names(text for text in self.map.split(",") if text.strip())


class VendorTrial(Trial):
    """What the vendor's flow is called here."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    title: str = Field(default="", max_length=128)


class Came(Model):
    """A flow of the set."""

    name: str
    title: str
    done: Literal["created", "replaced", "unchanged"]
    problems: list[Problem]


class Place(Model):
    """A node of a flow."""

    flow: str
    node: str


class Missing(Model):
    """A name the flows use that is not in the instance; `node-type`: its plugin is not installed."""

    kind: str
    name: str
    used_by: list[Place]


class Found(Model):
    """Something of the vendor's format that has no counterpart here."""

    what: str
    name: str
    activity: str
    fate: Literal["kept", "left-out", "mapped"]
    message: str


class Import(Model):
    """What came, and what is missing here. `intact` false: the file was changed since it was written."""

    model_config = example(
        {
            "dry_run": False,
            "intact": True,
            "flows": [{"name": "night", "title": "夜间提示", "done": "created", "problems": [PROBLEM]}],
            "missing": [{"kind": "skill-group", "name": "sales", "used_by": [{"flow": "night", "node": "go"}]}],
            "findings": [],
        }
    )
    dry_run: bool
    intact: bool | None
    flows: list[Came]
    missing: list[Missing]
    findings: list[Found]


class Texts(Model):
    """In Chinese and English."""

    zh: str
    en: str


class Template(Model):
    """A flow to begin with."""

    model_config = {"from_attributes": True} | example(TEMPLATE)
    name: str
    title: Texts
    description: Texts
    nodes: int


class Templates(Model):
    """The gallery."""

    model_config = example({"items": [TEMPLATE]})
    items: list[Template]


class TemplateDocument(RootModel[dict[str, Any]]):
    """The template's flow document."""

    model_config = {"json_schema_extra": {"examples": [DOCUMENT]}}


@blueprint.url_value_preprocessor
def allow_sets(endpoint: str | None, _values: Any) -> None:
    """A set may be larger than one flow; said before anybody reads the body."""
    if endpoint == f"{blueprint.name}.import_set":
        request.max_content_length = MAX_SET_BYTES


@blueprint.get("/flow-sets")
@blueprint.input(Names, location="query")
@blueprint.output(FlowSet)
@operation(blueprint, "exportFlows", *LOOKS)
def export_set(query_data: Names) -> Any:
    """Export drafts as one set

    Equal flows give an equal file; `references` are the names it needs where it goes.
    """
    names = [name.strip() for name in query_data.names.split(",") if name.strip()]
    packed = flow_sets.export_set(store(), registry(), actor(), query_data.where(), names)
    headers = {"Content-Disposition": 'attachment; filename="flows.json"'}
    return Response(dump_set(packed), mimetype="application/json", headers=headers)


@blueprint.post("/flow-sets")
@blueprint.input(Trial, location="query")
@blueprint.input(FlowSet)
@blueprint.output(Import)
@operation(blueprint, "importFlows", *CHANGES, changes=True)
def import_set(query_data: Trial, json_data: FlowSet) -> Any:
    """Import a set as drafts

    All of it or nothing. 409 names the flows that are there and differ, unless `replace` is true.
    """
    report = flow_sets.import_set(
        store(), registry(), actor(), query_data.where(), parse_set(json_data.root),
        replace=query_data.replace, trial=query_data.dry_run, names=query_data.other_names(),
    )  # fmt: skip
    return _told(report, query_data.dry_run)


@blueprint.post("/vendor-flows")
@blueprint.input(VendorTrial, location="query")
@blueprint.input(VendorFlow)
@blueprint.output(Import)
@operation(blueprint, "importVendorFlow", *CHANGES, changes=True)
def import_vendor(query_data: VendorTrial, json_data: VendorFlow) -> Any:
    """Import a flow of the vendor's format as a draft

    `findings` lists everything that has no counterpart here; what is `kept` is in the draft.
    """
    report, _ = flow_sets.import_vendor(
        store(), registry(), actor(), query_data.where(), json_data.root, query_data.name, query_data.title,
        replace=query_data.replace, trial=query_data.dry_run, names=query_data.other_names(),
    )  # fmt: skip
    return _told(report, query_data.dry_run)


@blueprint.get("/flow-templates")
@blueprint.output(Templates)
@operation(blueprint, "listFlowTemplates", *EVERYBODY)
def list_templates() -> Any:
    """List the templates to begin a flow with"""
    return {"items": [Template.model_validate(each) for each in templates.templates()]}


@blueprint.get("/flow-templates/<name>")
@blueprint.output(TemplateDocument)
@operation(blueprint, "readFlowTemplate", *EVERYBODY)
def read_template(name: str) -> Any:
    """Read a template's document

    Give it a name of yours and create a flow from it.
    """
    return templates.template(name).as_dict()


def _told(report: Report, trial: bool) -> dict[str, Any]:
    came = [
        {
            "name": each.name,
            "title": each.title,
            "done": each.done,
            "problems": [problem.as_dict() for problem in each.problems],
        }
        for each in report.flows
    ]
    return {
        "dry_run": trial,
        "intact": report.intact,
        "flows": came,
        "missing": [each.as_dict() for each in report.missing],
        "findings": [each.as_dict() for each in report.findings],
    }
