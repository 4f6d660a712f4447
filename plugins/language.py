"""Language (语言): the language of announcements from here on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel

from ccc.api import CONFIG, CallControl, Exit, NodeType, hookimpl, setting


class Settings(BaseModel):
    model_config = CONFIG
    language: Literal["zh", "en"] = setting(
        "zh", en="Language", zh="语言", choices={"zh": ("Chinese", "中文"), "en": ("English", "英语")}
    )


class Language(NodeType):
    """For callers who chose their language in a menu."""

    type = "language"
    label = {"en": "Language", "zh": "语言"}
    category = "basic"
    icon = "translate"
    help = {
        "en": "Changes the language of queue announcements for this call.",
        "zh": "切换本次来电的排队播报语言。",
    }
    Config = Settings
    examples = ({}, {"language": "en"})

    def exits(self, config: Settings) -> Sequence[Exit]:
        return (Exit("next", {"en": "Next", "zh": "下一步"}),)

    async def run(self, call: CallControl, config: Settings) -> str:
        call.set_language(config.language)
        return "next"


@hookimpl
def register_node_types() -> list[Any]:
    return [Language]
