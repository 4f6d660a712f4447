"""Instances, agents and skill groups, to read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apiflask import APIBlueprint
from pydantic import ConfigDict

from ccc.services import agents, groups, instances
from ccc.web.api.auth import actor
from ccc.web.api.common import EVERYBODY, LOOKS, Model, Where, operation
from ccc.web.api.flows.models import example
from ccc.web.auth.rights import store

blueprint = APIBlueprint("centre", __name__, tag="Call centre")
INSTANCE = {"name": "demo", "role": "admin"}
SETTINGS = {
    "name": "demo",
    "title": "演示呼叫中心",
    "description": "",
    "timezone": "Asia/Shanghai",
    "recording": True,
}
AGENT: dict[str, Any] = {
    "username": "wang",
    "name": "王小明",
    "role": "agent",
    "active": True,
    "auto_answer": False,
    "groups": {"support": 1},
    "email": "",
    "last_login_at": None,
}
GROUP: dict[str, Any] = {
    "name": "support",
    "title": "客户服务",
    "ring_timeout_s": 20.0,
    "wrap_up_s": 30.0,
    "service_level_s": 20.0,
    "dispositions": ["已解决"],
    "members": {"wang": 1},
}


class Instance(Model):
    """An instance the key's user is in."""

    model_config = example(INSTANCE)
    name: str
    role: str


class Instances(Model):
    """The user's instances."""

    model_config = example({"items": [INSTANCE]})
    items: list[Instance]


class InstanceSettings(Model):
    """An instance with its basic settings."""

    model_config = ConfigDict(from_attributes=True) | example(SETTINGS)
    name: str
    title: str
    description: str
    timezone: str
    recording: bool


class Agent(Model):
    """Somebody in the instance; ``groups`` maps skill group to level (1 is asked first)."""

    model_config = ConfigDict(from_attributes=True) | example(AGENT)
    username: str
    name: str
    role: str
    active: bool
    auto_answer: bool
    groups: dict[str, int]
    email: str
    last_login_at: datetime | None


class Agents(Model):
    """The instance's people by user name."""

    model_config = example({"items": [AGENT]})
    items: list[Agent]


class SkillGroup(Model):
    """A skill group, which is a queue; ``members`` maps user name to level."""

    model_config = ConfigDict(from_attributes=True) | example(GROUP)
    name: str
    title: str
    ring_timeout_s: float
    wrap_up_s: float
    service_level_s: float
    dispositions: list[str]
    members: dict[str, int]


class SkillGroups(Model):
    """The instance's skill groups."""

    model_config = example({"items": [GROUP]})
    items: list[SkillGroup]


@blueprint.get("/instances")
@blueprint.output(Instances)
@operation(blueprint, "listInstances", *EVERYBODY)
def list_instances() -> Any:
    """List the instances the key's user is in"""
    return {"items": [{"name": name, "role": role} for name, role in sorted(actor().roles.items())]}


@blueprint.get("/instances/<name>")
@blueprint.output(InstanceSettings)
@operation(blueprint, "readInstance", *LOOKS)
def read_instance(name: str) -> Any:
    """Read an instance"""
    return InstanceSettings.model_validate(instances.get_instance(store(), actor(), name))


@blueprint.get("/agents")
@blueprint.input(Where, location="query")
@blueprint.output(Agents)
@operation(blueprint, "listAgents", *LOOKS)
def list_agents(query_data: Where) -> Any:
    """List the people of an instance"""
    found = agents.list_agents(store(), actor(), query_data.where())
    return {"items": [Agent.model_validate(each) for each in found]}


@blueprint.get("/agents/<username>")
@blueprint.input(Where, location="query")
@blueprint.output(Agent)
@operation(blueprint, "readAgent", *LOOKS)
def read_agent(username: str, query_data: Where) -> Any:
    """Read one of them"""
    return Agent.model_validate(agents.get_agent(store(), actor(), query_data.where(), username))


@blueprint.get("/skill-groups")
@blueprint.input(Where, location="query")
@blueprint.output(SkillGroups)
@operation(blueprint, "listSkillGroups", *LOOKS)
def list_groups(query_data: Where) -> Any:
    """List the skill groups"""
    found = groups.list_groups(store(), actor(), query_data.where())
    return {"items": [SkillGroup.model_validate(each) for each in found]}


@blueprint.get("/skill-groups/<name>")
@blueprint.input(Where, location="query")
@blueprint.output(SkillGroup)
@operation(blueprint, "readSkillGroup", *LOOKS)
def read_group(name: str, query_data: Where) -> Any:
    """Read a skill group"""
    return SkillGroup.model_validate(groups.get_group(store(), actor(), query_data.where(), name))
