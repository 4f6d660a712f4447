"""Queue (转人工): wait for an agent of a skill group and talk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from ccc.api import CONFIG, CallControl, Exit, NodeType, Prompt, QueueRequest, error_exit, hookimpl, setting


class Settings(BaseModel):
    model_config = CONFIG
    skill_group: str = setting(en="Skill group", zh="技能组", widget="skill-group", min_length=1, max_length=64)
    timeout_s: float | None = setting(
        None,
        en="Wait at most",
        zh="排队超时",
        unit="s",
        ge=1,
        le=7200,
        help_en="Empty: as the skill group has it.",
        help_zh="留空：按技能组的设置。",
    )
    priority: int = setting(
        5, en="Priority", zh="优先级", ge=0, le=9, help_en="0 is the most urgent.", help_zh="0 为最高优先级。"
    )
    max_waiting: int | None = setting(
        None,
        en="Overflow above",
        zh="溢出人数",
        ge=0,
        le=10_000,
        help_en="Leave by the exit overflow when that many calls already wait. Empty: as the skill group has it; a "
        "call that finds its queue full then leaves by the exit timeout.",
        help_zh="已有这么多来电排队时走“溢出”出口。留空：按技能组的设置，排队已满时走“坐席繁忙”出口。",
    )
    exit_when_no_agent: bool = setting(
        False,
        en="Leave when nobody is on duty",
        zh="无人值班时离开排队",
        help_en="Off: the call waits even if no agent of the group is logged in.",
        help_zh="关闭：技能组没有坐席上线时也继续排队。",
    )
    prompts: tuple[Prompt, ...] = setting((), en="Prompts before the music", zh="排队提示音", widget="prompts")
    music: str | None = setting(
        None,
        en="Hold music",
        zh="等待音乐",
        widget="audio",
        max_length=128,
        help_en="Empty: as the skill group has it.",
        help_zh="留空：按技能组的设置。",
    )
    announce_every_s: float | None = setting(
        None,
        en="Announce every (0: never)",
        zh="播报间隔（0：不播报）",
        unit="s",
        ge=0,
        le=600,
        help_en="Empty: this and what is announced are as the skill group has it.",
        help_zh="留空：间隔和播报内容按技能组的设置。",
    )
    announce_position: bool = setting(True, en="Announce the position", zh="播报排队位置")
    announce_wait: bool = setting(False, en="Announce the estimated wait", zh="播报预计等待时间")
    break_keys: str = setting(
        "", en="Keys that leave the queue", zh="退出排队按键", widget="keys", pattern=r"^[0-9*#A-D]*$", max_length=16
    )


class Queue(NodeType):
    """Hands the call to the ACD; goes on when the agent has left or waiting ended."""

    type = "queue"
    label = {"en": "Transfer to agent", "zh": "转人工"}
    category = "agent"
    icon = "headset"
    help = {
        "en": "Waits for an agent of the skill group with hold music, then connects the call.",
        "zh": "播放等待音乐，排队等待技能组的坐席接听。",
    }
    Config = Settings
    waits = True
    examples = ({"skill_group": "default"}, {"skill_group": "default", "break_keys": "*", "timeout_s": 30})

    def exits(self, config: Settings) -> Sequence[Exit]:
        ways = [
            Exit("answered", {"en": "After the conversation", "zh": "通话结束"}, required=False),
            Exit("timeout", {"en": "Agents busy", "zh": "坐席繁忙"}),
        ]
        if config.exit_when_no_agent:
            ways.append(Exit("no_agent", {"en": "No agent on duty", "zh": "无坐席在线"}, instant=True))
        if config.max_waiting is not None:
            ways.append(Exit("overflow", {"en": "Queue full", "zh": "溢出"}, instant=True))
        if config.break_keys:
            ways.append(Exit("key", {"en": "Key pressed", "zh": "按键"}))
        return (*ways, error_exit())

    def prompts(self, config: Settings) -> Sequence[Prompt]:
        return config.prompts

    def uses(self, config: Settings) -> Sequence[tuple[str, str]]:
        group = ("skill-group", config.skill_group)
        return (group,) if config.music is None else (group, ("audio", config.music))

    async def run(self, call: CallControl, config: Settings) -> str:
        request = QueueRequest(
            config.skill_group,
            timeout_s=config.timeout_s,
            priority=config.priority,
            max_waiting=config.max_waiting,
            music=config.music,
            announce_every_s=config.announce_every_s,
            announce_position=config.announce_position,
            announce_wait=config.announce_wait,
            break_keys=config.break_keys,
            exit_when_no_agent=config.exit_when_no_agent,
            prompts=config.prompts,
        )
        result = await call.queue(request)
        if result.outcome == "overflow" and config.max_waiting is None:  # the group's limit: no exit of its own
            return "timeout"
        return result.outcome.replace("-", "_")


@hookimpl
def register_node_types() -> list[Any]:
    return [Queue]
