"""Set variable (设置变量): remember something for later nodes, the agent's screen and the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from ccc.api import CONFIG, CallControl, Exit, Expression, Kind, NodeType, VariableName, hookimpl, setting


class Assignment(BaseModel):
    """One variable and the formula of its new value."""

    model_config = CONFIG
    name: VariableName = setting(en="Variable", zh="变量", widget="variable")
    value: Expression = setting(en="Value", zh="值", widget="expression")


class Settings(BaseModel):
    model_config = CONFIG
    assignments: tuple[Assignment, ...] = setting(en="Assignments", zh="赋值", min_length=1, max_length=50)


class SetVariable(NodeType):
    """Works formulas out, one after another."""

    type = "set_variable"
    label = {"en": "Set variable", "zh": "设置变量"}
    category = "logic"
    icon = "pencil-square"
    help = {
        "en": "Sets variables, top to bottom; a later line sees the values of the earlier ones.",
        "zh": "从上到下设置变量，后面的行可以使用前面的结果。",
    }
    Config = Settings
    examples = ({"assignments": [{"name": "tries", "value": "1 + 1"}, {"name": "twice", "value": "tries * 2"}]},)

    def exits(self, config: Settings) -> Sequence[Exit]:
        return (Exit("next", {"en": "Next", "zh": "下一步"}, required=False),)

    def sets(self, config: Settings) -> Mapping[str, Kind]:
        return {item.name: "any" for item in config.assignments}

    async def run(self, call: CallControl, config: Settings) -> str:
        for item in config.assignments:
            call.variables[item.name] = item.value.value(call.variables, call.tables)
        return "next"


@hookimpl
def register_node_types() -> list[Any]:
    return [SetVariable]
