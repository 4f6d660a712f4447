"""Queue state (排队状态): how long is the queue, is anybody there?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from ccc.api import CONFIG, CallControl, Exit, Kind, NodeType, VariableName, error_exit, hookimpl, setting


class Settings(BaseModel):
    model_config = CONFIG
    skill_group: str = setting(en="Skill group", zh="技能组", widget="skill-group", min_length=1, max_length=64)
    busy_waiting: int | None = setting(None, en="Busy from so many waiting", zh="排队人数达到即繁忙", ge=1, le=10_000)
    busy_wait_s: float | None = setting(
        None, en="Busy from an estimated wait of", zh="预计等待达到即繁忙", unit="s", ge=1, le=86_400
    )
    busy_no_ready: bool = setting(False, en="Busy when no agent is free", zh="无空闲坐席即繁忙")
    waiting_variable: VariableName | None = setting(
        None, en="Store the number waiting in", zh="排队人数存入变量", widget="variable"
    )
    ready_variable: VariableName | None = setting(
        None, en="Store the number of free agents in", zh="空闲坐席数存入变量", widget="variable"
    )
    wait_variable: VariableName | None = setting(
        None,
        en="Store the estimated wait (seconds) in",
        zh="预计等待秒数存入变量",
        widget="variable",
        help_en="Null while nobody is on duty.",
        help_zh="无人值班时为空值。",
    )


class QueueStateNode(NodeType):
    """Looks at a queue without joining it."""

    type = "queue_state"
    label = {"en": "Queue state", "zh": "排队状态"}
    category = "agent"
    icon = "people"
    help = {
        "en": "Tells how many wait for a skill group, how many agents are free, and how long the wait will be.",
        "zh": "查询技能组的排队人数、空闲坐席数和预计等待时间。",
    }
    Config = Settings
    examples = (
        {"skill_group": "default"},
        {"skill_group": "default", "busy_waiting": 5, "busy_wait_s": 120, "wait_variable": "wait"},
    )

    def exits(self, config: Settings) -> Sequence[Exit]:
        return (
            Exit("ok", {"en": "Goes quickly", "zh": "正常"}),
            Exit("busy", {"en": "Busy", "zh": "繁忙"}),
            Exit("nobody", {"en": "Nobody on duty", "zh": "无人值班"}),
            error_exit(),
        )

    def uses(self, config: Settings) -> Sequence[tuple[str, str]]:
        return (("skill-group", config.skill_group),)

    def sets(self, config: Settings) -> Mapping[str, Kind]:
        names = (config.waiting_variable, config.ready_variable, config.wait_variable)
        kinds: tuple[Kind, ...] = ("number", "number", "any")
        return {name: kind for name, kind in zip(names, kinds, strict=True) if name is not None}

    async def run(self, call: CallControl, config: Settings) -> str:
        state = call.queue_state(config.skill_group)
        wait_s = None if state.estimated_wait_s is None else round(state.estimated_wait_s)
        for name, value in (
            (config.waiting_variable, state.waiting),
            (config.ready_variable, state.ready),
            (config.wait_variable, wait_s),
        ):
            if name is not None:
                call.variables[name] = value
        if not state.working:
            return "nobody"
        busy = (
            (config.busy_waiting is not None and state.waiting >= config.busy_waiting)
            or (config.busy_wait_s is not None and wait_s is not None and wait_s >= config.busy_wait_s)
            or (config.busy_no_ready and state.ready <= state.waiting)
        )
        return "busy" if busy else "ok"


@hookimpl
def register_node_types() -> list[Any]:
    return [QueueStateNode]
