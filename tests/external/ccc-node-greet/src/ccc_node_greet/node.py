"""Greet: says good morning, good afternoon or good evening."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from ccc.api import CONFIG, CallControl, Exit, Kind, NodeType, TextPrompt, setting


class Settings(BaseModel):
    model_config = CONFIG
    company: str = setting("", en="Company", zh="公司", max_length=64)


class Greet(NodeType):
    type = "greet"
    label = {"en": "Greet", "zh": "问候"}
    category = "basic"
    icon = "sun"
    help = {"en": "Greets by the time of day.", "zh": "按时间问候。"}
    Config = Settings
    waits = True
    examples = ({}, {"company": "云呼"})

    def exits(self, config: Settings) -> Sequence[Exit]:
        return (Exit("done", {"en": "Done", "zh": "完成"}, required=False),)

    def sets(self, config: Settings) -> Mapping[str, Kind]:
        return {"greeting": "text"}

    async def run(self, call: CallControl, config: Settings) -> str:
        hour = call.now().hour
        call.variables["greeting"] = "上午好" if hour < 12 else "下午好" if hour < 18 else "晚上好"
        await call.play([TextPrompt(text="${greeting}" + (f"，这里是{config.company}" if config.company else ""))],
                        interruptible=False)  # fmt: skip
        return "done"
