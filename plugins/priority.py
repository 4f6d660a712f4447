"""Priority (优先级): how urgent the call is in every queue it joins later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from ccc.api import CONFIG, CallControl, Exit, NodeType, hookimpl, setting


class Settings(BaseModel):
    model_config = CONFIG
    priority: int = setting(
        5, en="Priority", zh="优先级", ge=0, le=9, help_en="0 is the most urgent.", help_zh="0 为最高优先级。"
    )


class Priority(NodeType):
    """Overrides what later queue nodes say."""

    type = "priority"
    label = {"en": "Queue priority", "zh": "排队优先级"}
    category = "agent"
    icon = "sort-up"
    help = {
        "en": "Sets the priority of this call in the queues that follow; it overrides the setting of those nodes.",
        "zh": "设置来电在后续排队中的优先级，覆盖转人工节点的设置。",
    }
    Config = Settings
    examples = ({}, {"priority": 0})

    def exits(self, config: Settings) -> Sequence[Exit]:
        return (Exit("next", {"en": "Next", "zh": "下一步"}),)

    async def run(self, call: CallControl, config: Settings) -> str:
        call.set_priority(config.priority)
        return "next"


@hookimpl
def register_node_types() -> list[Any]:
    return [Priority]
