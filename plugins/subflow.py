"""Sub-flow (子流程): run another published flow, then go on here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from ccc.api import CONFIG, CallControl, Exit, NodeType, error_exit, hookimpl, setting


class Settings(BaseModel):
    model_config = CONFIG
    flow: str = setting(en="Flow", zh="流程", widget="flow", pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)


class SubFlow(NodeType):
    """Shares all variables with the other flow."""

    type = "subflow"
    label = {"en": "Sub-flow", "zh": "子流程"}
    category = "logic"
    icon = "box-arrow-in-right"
    help = {
        "en": "Runs another published flow on the same variables; where that one ends openly, this one goes on.",
        "zh": "在同一组变量上运行另一个已发布的流程，对方走到未连接的出口后回到这里。",
    }
    Config = Settings
    examples = ({"flow": "welcome"},)

    def exits(self, config: Settings) -> Sequence[Exit]:
        return (Exit("done", {"en": "Returned", "zh": "返回"}, required=False), error_exit())

    def uses(self, config: Settings) -> Sequence[tuple[str, str]]:
        return (("flow", config.flow),)

    async def run(self, call: CallControl, config: Settings) -> str:
        await call.run_flow(config.flow)
        return "done"


@hookimpl
def register_node_types() -> list[Any]:
    return [SubFlow]
