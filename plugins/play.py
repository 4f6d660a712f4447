"""Play (放音): speak texts, play audio files, tones or pauses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from ccc.api import CONFIG, CallControl, Exit, NodeType, Prompt, error_exit, hookimpl, setting


class Settings(BaseModel):
    model_config = CONFIG
    prompts: tuple[Prompt, ...] = setting(en="Prompts", zh="放音内容", widget="prompts", min_length=1, max_length=50)
    interruptible: bool = setting(
        True,
        en="A key interrupts",
        zh="按键打断",
        help_en="The key is kept for the next node that reads keys.",
        help_zh="打断的按键留给下一个读取按键的节点。",
    )
    repeat: int = setting(1, en="Times (0: until hang-up)", zh="播放次数（0：直到挂机）", ge=0, le=100)


class Play(NodeType):
    """Prompts one after another, once, several times or for ever."""

    type = "play"
    label = {"en": "Play", "zh": "放音"}
    category = "basic"
    icon = "volume-up"
    help = {
        "en": "Plays prompts. A text may hold variables: ${balance}.",
        "zh": "播放语音。文本中可以使用变量：${balance}。",
    }
    Config = Settings
    waits = True
    examples = (
        {"prompts": [{"kind": "tts", "text": "您好"}]},
        {"prompts": [{"kind": "tone", "hz": 1000, "seconds": 2}], "interruptible": False, "repeat": 2},
        {"prompts": [{"kind": "audio", "name": "music"}], "repeat": 0},
    )

    def exits(self, config: Settings) -> Sequence[Exit]:
        if config.repeat == 0 and not config.interruptible:
            return (error_exit(),)
        done = Exit("done", {"en": "Done", "zh": "播放完成"}, required=False, instant=config.interruptible)
        return (done, error_exit())

    def prompts(self, config: Settings) -> Sequence[Prompt]:
        return config.prompts

    async def run(self, call: CallControl, config: Settings) -> str:
        await call.play(config.prompts, interruptible=config.interruptible, repeat=config.repeat)
        return "done"


@hookimpl
def register_node_types() -> list[Any]:
    return [Play]
