"""Publishing planned for later (定时发布)."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import url_for

from ccc.services import flow_admin, schedules
from ccc.store.base import utc_now
from ccc.web.api import common
from ccc.web.api.auth import actor
from ccc.web.api.common import CHANGES, LOOKS, IfMatch, Where, operation
from ccc.web.api.flows import models
from ccc.web.api.flows.versions import ask_of_warnings
from ccc.web.auth.rights import store
from ccc.web.plugins import registry

blueprint = APIBlueprint("flow_schedules", __name__, tag="Planned publishing", url_prefix="/flows/<name>/schedules")


@blueprint.get("")
@blueprint.input(Where, location="query")
@blueprint.output(models.Schedules)
@operation(blueprint, "listSchedules", *LOOKS)
def list_schedules(name: str, query_data: Where) -> Any:
    """List what was planned, with what became of it"""
    where = query_data.where()
    flow_admin.flow_item(store(), registry(), actor(), where, name)
    found = schedules.plans(store(), actor(), where, name)
    return {"items": [models.Schedule.model_validate(each) for each in found]}


@blueprint.post("")
@blueprint.input(Where, location="query")
@blueprint.input(IfMatch, location="headers")
@blueprint.input(models.Plan)
@blueprint.output(models.Schedule, status_code=201)
@operation(blueprint, "scheduleFlow", *CHANGES, changes=True)
def schedule_flow(name: str, query_data: Where, headers_data: IfMatch, json_data: models.Plan) -> Any:
    """Plan the publishing of the draft as it is now

    Later edits change nothing of it. It is refused as publishing at once would be; check and test cases run again at
    the time, and when it then fails the flow is `publish_failed` with the reasons.
    """
    where = query_data.where()
    item = flow_admin.flow_item(store(), registry(), actor(), where, name)
    common.wanted_revision(headers_data, item.revision, needed=False)
    ask_of_warnings(where, name, json_data.accept_warnings)
    made = schedules.plan_publishing(
        store(), registry(), actor(), where, name, json_data.at, json_data.message,
        override=json_data.override, now=utc_now(),
    )  # fmt: skip
    location = url_for(".list_schedules", name=name, instance=where)
    return models.Schedule.model_validate(made), 201, {"Location": location}


@blueprint.patch("/<int(max=99999999):schedule>")
@blueprint.input(Where, location="query")
@blueprint.input(models.ChangedPlan)
@blueprint.output(models.Schedule)
@operation(blueprint, "changeSchedule", *CHANGES, changes=True)
def change_schedule(name: str, schedule: int, query_data: Where, json_data: models.ChangedPlan) -> Any:
    """Choose another time or message

    409 when it is not waiting any more.
    """
    where, asked = query_data.where(), json_data
    done = schedules.change_plan(store(), actor(), where, name, schedule, asked.at, asked.message, utc_now())
    return models.Schedule.model_validate(done)


@blueprint.delete("/<int(max=99999999):schedule>")
@blueprint.input(Where, location="query")
@blueprint.output({}, status_code=204)
@operation(blueprint, "cancelSchedule", *CHANGES, changes=True)
def cancel_schedule(name: str, schedule: int, query_data: Where) -> Any:
    """Cancel it

    409 when it is not waiting any more.
    """
    schedules.cancel_plan(store(), actor(), query_data.where(), name, schedule, utc_now())
    return "", 204
