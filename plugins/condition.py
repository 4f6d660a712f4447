"""Condition (条件判断): go one way or another by what is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from ccc.api import CONFIG, CallControl, Condition, Exit, NodeType, Problem, References, hookimpl, setting

_ELSE = "else"


class Case(BaseModel):
    """One way out and when it is taken."""

    model_config = CONFIG
    exit: str = setting(en="Exit", zh="出口", pattern=r"^[\w-]+$", max_length=40)
    when: Condition = setting(en="When", zh="条件", widget="expression")


class Settings(BaseModel):
    model_config = CONFIG
    cases: tuple[Case, ...] = setting(en="Cases", zh="分支", min_length=1, max_length=50)


class ConditionNode(NodeType):
    """Leaves by the first case that holds."""

    type = "condition"
    label = {"en": "Condition", "zh": "条件判断"}
    category = "logic"
    icon = "signpost-split"
    help = {
        "en": "Goes on by the first case whose condition holds, else by Else.",
        "zh": "按顺序判断条件，走第一个成立的分支；都不成立走“否则”。",
    }
    Config = Settings
    examples = ({"cases": [{"exit": "vip", "when": 'sys.caller == "4000" or 1 > 2'}]},)

    def exits(self, config: Settings) -> Sequence[Exit]:
        names = list(dict.fromkeys(case.exit for case in config.cases if case.exit != _ELSE))
        return (*(Exit(name, {"en": name, "zh": name}) for name in names), Exit(_ELSE, {"en": "Else", "zh": "否则"}))

    def check(self, config: Settings, refs: References) -> Sequence[Problem]:
        problems = []
        for index, case in enumerate(config.cases):
            if case.exit == _ELSE or case.exit in [earlier.exit for earlier in config.cases[:index]]:
                message = f"exit {case.exit!r} is used twice; give each case its own name"
                problems.append(Problem("error", "exit-twice", message, field=f"cases.{index}.exit"))
        return problems

    async def run(self, call: CallControl, config: Settings) -> str:
        for case in config.cases:
            if case.when.holds(call.variables, call.tables):
                return case.exit
        return _ELSE


@hookimpl
def register_node_types() -> list[Any]:
    return [ConditionNode]
