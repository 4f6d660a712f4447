"""Start: where every call enters the flow. May let it ring, switches the recording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel

from ccc.api import CONFIG, CallControl, Exit, NodeType, Problem, Prompt, References, error_exit, hookimpl, setting

Recording = Literal["off", "on", "after-announcement"]


class Settings(BaseModel):
    model_config = CONFIG
    ring_s: float = setting(0.0, en="Ring before answering", zh="接听前振铃", unit="s", ge=0, le=60)
    recording: Recording = setting(
        "on",
        en="Recording",
        zh="录音",
        choices={
            "off": ("Off", "不录音"),
            "on": ("On", "录音"),
            "after-announcement": ("After the announcement", "播报后录音"),
        },
        help_en="After announcement: the announcement is played first and is not recorded.",
        help_zh="播报后录音：先播放录音告知，告知本身不录。",
    )
    announcement: tuple[Prompt, ...] = setting(
        (), en="Recording announcement", zh="录音告知", widget="prompts", max_length=20
    )


class Start(NodeType):
    """The one node without an input."""

    type = "start"
    label = {"en": "Start", "zh": "开始"}
    category = "basic"
    icon = "play-circle"
    help = {
        "en": "Every call begins here: how long it rings before it is answered, and whether it is recorded.",
        "zh": "每个来电从这里进入：接听前振铃几秒，是否录音。",
    }
    Config = Settings
    is_start = True
    examples = (
        {},
        {"ring_s": 2, "recording": "after-announcement", "announcement": [{"kind": "tts", "text": "本次通话将被录音"}]},
    )

    def exits(self, config: Settings) -> Sequence[Exit]:
        following = Exit("next", {"en": "Next", "zh": "下一步"})
        return (following, error_exit()) if config.announcement else (following,)

    def check(self, config: Settings, refs: References) -> Sequence[Problem]:
        if config.recording == "after-announcement" and not config.announcement:
            message = "recording starts after the announcement, but there is none; add a prompt"
            return (Problem("error", "no-announcement", message, field="announcement"),)
        return ()

    def prompts(self, config: Settings) -> Sequence[Prompt]:
        return config.announcement

    async def run(self, call: CallControl, config: Settings) -> str:
        if config.ring_s:
            await call.ring(config.ring_s)
        if config.recording == "after-announcement":
            await call.play(config.announcement, interruptible=False)
        await call.record("off" if config.recording == "off" else "on")
        return "next"


@hookimpl
def register_node_types() -> list[Any]:
    return [Start]
