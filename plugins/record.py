"""Recording (录音开关): switch the recording of the call on, off, or pause it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel

from ccc.api import CONFIG, CallControl, Exit, NodeType, hookimpl, setting


class Settings(BaseModel):
    model_config = CONFIG
    action: Literal["on", "off", "pause", "resume"] = setting(
        "on",
        en="Recording",
        zh="录音",
        choices={
            "on": ("Start", "开始录音"),
            "off": ("Stop", "停止录音"),
            "pause": ("Pause", "暂停录音"),
            "resume": ("Go on", "继续录音"),
        },
    )


class Record(NodeType):
    """Recording must be allowed in the instance; while paused the recording gets silence."""

    type = "record"
    label = {"en": "Recording", "zh": "录音开关"}
    category = "basic"
    icon = "record-circle"
    help = {
        "en": "Switches the recording of the call.",
        "zh": "开启、停止、暂停或恢复通话录音。",
    }
    Config = Settings
    examples = ({}, {"action": "off"}, {"action": "pause"}, {"action": "resume"})

    def exits(self, config: Settings) -> Sequence[Exit]:
        return (Exit("next", {"en": "Next", "zh": "下一步"}),)

    async def run(self, call: CallControl, config: Settings) -> str:
        await call.record(config.action)
        return "next"


@hookimpl
def register_node_types() -> list[Any]:
    return [Record]
