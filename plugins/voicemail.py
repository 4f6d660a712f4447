"""Voicemail (语音留言): greeting, beep, and the caller's message for a skill group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from ccc.api import (
    CONFIG,
    CallControl,
    Exit,
    MessageRequest,
    NodeType,
    Problem,
    Prompt,
    References,
    TonePrompt,
    error_exit,
    hookimpl,
    setting,
)

BEEP = TonePrompt(hz=1000, seconds=0.4)


class Settings(BaseModel):
    model_config = CONFIG
    skill_group: str = setting(
        en="For skill group",
        zh="技能组",
        widget="skill-group",
        min_length=1,
        max_length=64,
        help_en="Its agents find the message in their list.",
        help_zh="该技能组的坐席可以在留言列表中收听。",
    )
    prompts: tuple[Prompt, ...] = setting((), en="Greeting", zh="留言提示音", widget="prompts", max_length=20)
    beep: bool = setting(True, en="Beep before the message", zh="留言前播放提示音")
    max_s: float = setting(120.0, en="Longest message", zh="最长留言时长", unit="s", ge=3, le=1800)
    silence_s: float = setting(
        4.0,
        en="End after silence of",
        zh="静音结束",
        unit="s",
        ge=0,
        le=60,
        help_en="0: silence does not end the message.",
        help_zh="0：静音不结束留言。",
    )
    min_s: float = setting(
        1.0,
        en="At least so much voice",
        zh="最短有效语音",
        unit="s",
        ge=0.1,
        le=60,
        help_en="With less the message is not kept.",
        help_zh="语音不足则不保存。",
    )
    finish_keys: str = setting(
        "#", en="Keys that end it", zh="结束按键", widget="keys", pattern=r"^[0-9*#A-D]*$", max_length=16
    )


class Voicemail(NodeType):
    """Plays the greeting, beeps, records; a hang-up while speaking leaves a message too."""

    type = "voicemail"
    label = {"en": "Voicemail", "zh": "语音留言"}
    category = "agent"
    icon = "voicemail"
    help = {
        "en": "Lets the caller leave a message for a skill group.",
        "zh": "让来电者给技能组留言。",
    }
    Config = Settings
    waits = True
    examples = (
        {"skill_group": "default"},
        {"skill_group": "default", "prompts": [{"kind": "tts", "text": "请在提示音后留言。"}], "max_s": 60},
    )

    def exits(self, config: Settings) -> Sequence[Exit]:
        return (
            Exit("recorded", {"en": "Message left", "zh": "已留言"}),
            Exit("too_short", {"en": "No message", "zh": "未留言"}),
            error_exit(),
        )

    def check(self, config: Settings, refs: References) -> Sequence[Problem]:
        if config.min_s < config.max_s:
            return ()
        return [Problem("error", "too-short", "the longest message is shorter than the least voice", field="max_s")]

    def prompts(self, config: Settings) -> Sequence[Prompt]:
        return (*config.prompts, BEEP) if config.beep else config.prompts

    def uses(self, config: Settings) -> Sequence[tuple[str, str]]:
        return (("skill-group", config.skill_group),)

    async def run(self, call: CallControl, config: Settings) -> str:
        await call.play(config.prompts)
        call.clear_keys()  # a key cuts the greeting short, and says nothing else
        if config.beep:
            await call.play([BEEP], interruptible=False)
        result = await call.record_message(
            MessageRequest(
                config.skill_group,
                max_s=config.max_s,
                silence_s=config.silence_s,
                min_s=config.min_s,
                finish_keys=config.finish_keys,
            )
        )
        return result.outcome.replace("-", "_")


@hookimpl
def register_node_types() -> list[Any]:
    return [Voicemail]
