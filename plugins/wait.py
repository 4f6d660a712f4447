"""Wait (等待): silence for some seconds, or until the caller hangs up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from ccc.api import CONFIG, CallControl, Exit, NodeType, hookimpl, setting


class Settings(BaseModel):
    model_config = CONFIG
    seconds: float | None = setting(
        1.0,
        en="Seconds (empty: until hang-up)",
        zh="秒数（留空：直到挂机）",
        unit="s",
        ge=0.1,
        le=86_400,
    )


class Wait(NodeType):
    """Lets time pass."""

    type = "wait"
    label = {"en": "Wait", "zh": "等待"}
    category = "basic"
    icon = "hourglass"
    help = {
        "en": "Waits silently for some seconds, or until the caller hangs up.",
        "zh": "静默等待若干秒，或一直等到主叫挂机。",
    }
    Config = Settings
    waits = True
    examples = ({}, {"seconds": None})

    def exits(self, config: Settings) -> Sequence[Exit]:
        return () if config.seconds is None else (Exit("done", {"en": "Done", "zh": "等待结束"}, required=False),)

    async def run(self, call: CallControl, config: Settings) -> str:
        if config.seconds is None:
            await call.wait_hangup()
        await call.sleep(config.seconds)
        return "done"


@hookimpl
def register_node_types() -> list[Any]:
    return [Wait]
