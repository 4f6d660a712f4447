"""Blacklist (黑名单(呼入)): is the caller unwanted?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from ccc.api import CONFIG, CallControl, Exit, Expression, NodeType, hookimpl, setting
from ccc.api.expr import to_text


class Settings(BaseModel):
    model_config = CONFIG
    number: Expression = setting(Expression("sys.caller"), en="Number", zh="号码", widget="expression")


class Blacklist(NodeType):
    """Asks the instance's blacklist; what follows, a refusal or a word, is the flow's."""

    type = "blacklist"
    label = {"en": "Blacklist", "zh": "黑名单(呼入)"}
    category = "logic"
    icon = "slash-circle"
    help = {
        "en": "Goes on by whether the number is on the instance's blacklist of numbers and beginnings of numbers.",
        "zh": "按号码是否命中实例的黑名单（号码或号段）进入不同分支。",
    }
    Config = Settings

    def exits(self, config: Settings) -> Sequence[Exit]:
        return (Exit("hit", {"en": "Listed", "zh": "命中"}), Exit("miss", {"en": "Not listed", "zh": "未命中"}))

    async def run(self, call: CallControl, config: Settings) -> str:
        entry = call.blacklisted(to_text(config.number.value(call.variables, call.tables)))
        if entry is None:
            return "miss"
        call.trace("on the blacklist", entry=entry)
        return "hit"


@hookimpl
def register_node_types() -> list[Any]:
    return [Blacklist]
