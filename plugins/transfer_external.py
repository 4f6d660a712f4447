"""Transfer external (转外线): call an outside number through a trunk and join it with the caller."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel

from ccc.api import (
    CONFIG,
    CallControl,
    DialRequest,
    Exit,
    ExprError,
    FlowFailed,
    NodeType,
    Problem,
    Prompt,
    References,
    error_exit,
    hookimpl,
    setting,
)
from ccc.api.expr import parse_template, render

_SPACING = re.compile(r"[ \t().-]+")
_NUMBER = re.compile(r"\+?[0-9*#]{2,32}")


class Settings(BaseModel):
    model_config = CONFIG
    number: str = setting(
        en="Number",
        zh="外线号码",
        min_length=1,
        max_length=256,
        help_en="Digits, or a variable such as ${mobile}.",
        help_zh="号码，或 ${mobile} 这样的变量。",
    )
    trunk: str = setting(en="Trunk", zh="中继线路", widget="trunk", min_length=1, max_length=64)
    ring_s: float = setting(30.0, en="Ring at most", zh="振铃时长", unit="s", ge=3, le=120)
    caller_id: str = setting(
        "",
        en="Number shown",
        zh="外显号码",
        max_length=256,
        help_en="Empty: the trunk's own number, else the caller's.",
        help_zh="留空：中继的外显号码；中继没有设置时为主叫号码。",
    )
    whisper: tuple[Prompt, ...] = setting(
        (),
        en="Prompts to the callee before joining",
        zh="接通前对被叫播放",
        widget="prompts",
        max_length=20,
    )
    sound: Literal["ringback", "music"] = setting(
        "ringback", en="The caller hears", zh="主叫听到",
        choices={"ringback": ("Ringing", "回铃音"), "music": ("Hold music", "等待音乐")},
    )  # fmt: skip
    music: str | None = setting(None, en="Hold music", zh="等待音乐", widget="audio", max_length=128)


class TransferExternal(NodeType):
    """Dials, whispers, joins; goes on when the callee has left."""

    type = "transfer_external"
    label = {"en": "Transfer to outside number", "zh": "转外线"}
    category = "agent"
    icon = "telephone-forward"
    help = {
        "en": "Calls an outside number through a trunk and connects it with the caller.",
        "zh": "通过中继呼叫外部号码，接通后与主叫通话。",
    }
    Config = Settings
    waits = True
    examples = (
        {"number": "13800138000", "trunk": "carrier"},
        {"number": "${sys.caller}", "trunk": "carrier", "ring_s": 15, "sound": "music",
         "whisper": [{"kind": "tts", "text": "客户来电"}]},
    )  # fmt: skip

    def exits(self, config: Settings) -> Sequence[Exit]:
        return (
            Exit("answered", {"en": "After the conversation", "zh": "通话结束"}, required=False),
            Exit("busy", {"en": "Busy", "zh": "被叫忙"}),
            Exit("no_answer", {"en": "No answer", "zh": "无应答"}),
            Exit("refused", {"en": "Refused", "zh": "拒接"}),
            error_exit(),
        )

    def check(self, config: Settings, refs: References) -> Sequence[Problem]:
        problems = []
        for field in ("number", "caller_id"):
            try:
                formulas = parse_template(getattr(config, field)).expressions()
            except ExprError as error:
                problems.append(Problem("error", "formula", error.message, field=field))
                continue
            for name in sorted(set().union(*(formula.variables() for formula in formulas))):
                if not refs.has("variable", name) and not name.startswith("sys."):
                    problems.append(
                        Problem(
                            "error", "unknown-variable", f"variable {name!r} is set nowhere; set it before", field=field
                        )
                    )
        return problems

    def prompts(self, config: Settings) -> Sequence[Prompt]:
        return config.whisper

    def uses(self, config: Settings) -> Sequence[tuple[str, str]]:
        trunk = ("trunk", config.trunk)
        return (trunk,) if config.music is None else (trunk, ("audio", config.music))

    async def run(self, call: CallControl, config: Settings) -> str:
        request = DialRequest(
            dialable(render(config.number, call.variables, call.tables)),
            config.trunk,
            ring_s=config.ring_s,
            caller_id=render(config.caller_id, call.variables, call.tables).strip(),
            whisper=config.whisper,
            sound=config.sound,
            music=config.music,
        )
        result = await call.dial(request)
        return result.outcome.replace("-", "_")


def dialable(text: str) -> str:
    """A number without spaces, brackets and dashes. FlowFailed when something else is left."""
    number = _SPACING.sub("", text)
    if not _NUMBER.fullmatch(number):
        raise FlowFailed(f"{text!r} is not a number to dial; check the variable in the setting 'number'")
    return number


@hookimpl
def register_node_types() -> list[Any]:
    return [TransferExternal]
