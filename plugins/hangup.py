"""Hang up (挂机): the end of a flow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel

from ccc.api import CONFIG, CallControl, Exit, NodeType, hookimpl, setting


class Settings(BaseModel):
    model_config = CONFIG
    cause: Literal["normal", "rejected"] = setting(
        "normal",
        en="Cause",
        zh="挂机原因",
        choices={"normal": ("Normal", "正常挂机"), "rejected": ("Rejected", "拒接")},
        help_en="Rejected: a call not answered yet is refused instead of answered and ended.",
        help_zh="拒接：尚未接听的来电直接拒绝。",
    )


class HangUp(NodeType):
    """Ends the call."""

    type = "hangup"
    label = {"en": "Hang up", "zh": "挂机"}
    category = "basic"
    icon = "telephone-x"
    help = {"en": "Ends the call.", "zh": "结束通话。"}
    Config = Settings
    ends_call = True

    def exits(self, config: Settings) -> Sequence[Exit]:
        return ()

    async def run(self, call: CallControl, config: Settings) -> str:
        await call.hangup(config.cause)


@hookimpl
def register_node_types() -> list[Any]:
    return [HangUp]
