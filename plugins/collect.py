"""Collect digits (收号): an account number, a PIN, a date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel

from ccc.api import (
    CONFIG,
    CallControl,
    Condition,
    Exit,
    Kind,
    NodeType,
    Problem,
    Prompt,
    References,
    VariableName,
    error_exit,
    hookimpl,
    setting,
)


class Settings(BaseModel):
    model_config = CONFIG
    prompts: tuple[Prompt, ...] = setting((), en="Prompts", zh="提示语音", widget="prompts", max_length=50)
    variable: VariableName = setting(en="Store in variable", zh="存入变量", widget="variable")
    min_digits: int = setting(1, en="At least", zh="最少位数", ge=1, le=64)
    max_digits: int = setting(20, en="At most", zh="最多位数", ge=1, le=64)
    end_key: Literal["", "#", "*"] = setting(
        "#", en="End key", zh="结束键", choices={"": ("None", "无"), "#": ("#", "#"), "*": ("*", "*")}
    )
    first_timeout_s: float = setting(8.0, en="Wait for the first key", zh="首位等待", unit="s", ge=1, le=120)
    key_timeout_s: float = setting(4.0, en="Wait between keys", zh="位间等待", unit="s", ge=1, le=60)
    valid: Condition | None = setting(
        None,
        en="Valid if",
        zh="校验条件",
        widget="expression",
        help_en="A condition on the variable, such as len(account) == 6. Empty: every number of that length.",
        help_zh="对变量的条件，例如 len(account) == 6。留空：位数符合即可。",
    )
    retries: int = setting(2, en="Further tries", zh="重试次数", ge=0, le=10)
    interruptible: bool = setting(True, en="A key interrupts", zh="按键打断")
    invalid_prompts: tuple[Prompt, ...] = setting(
        (), en="Prompts after a wrong input", zh="输入错误语音", widget="prompts"
    )
    timeout_prompts: tuple[Prompt, ...] = setting((), en="Prompts after no input", zh="超时语音", widget="prompts")


class Collect(NodeType):
    """Reads digits into a variable until the end key, the longest length or silence."""

    type = "collect"
    label = {"en": "Collect digits", "zh": "收号"}
    category = "input"
    icon = "keyboard"
    help = {
        "en": "Asks for digits, checks them and stores them in a variable (as text).",
        "zh": "提示主叫输入数字，校验后存入变量（文本）。",
    }
    Config = Settings
    waits = True
    examples = (
        {"variable": "account"},
        {"variable": "pin", "min_digits": 4, "max_digits": 4, "end_key": "", "valid": 'starts_with(pin, "1")'},
    )

    def exits(self, config: Settings) -> Sequence[Exit]:
        return (
            Exit("ok", {"en": "Entered", "zh": "收号成功"}),
            Exit("timeout", {"en": "No input", "zh": "超时"}),
            Exit("invalid", {"en": "Wrong input", "zh": "输入错误"}),
            error_exit(),
        )

    def check(self, config: Settings, refs: References) -> Sequence[Problem]:
        if config.min_digits > config.max_digits:
            message = f"at least {config.min_digits} digits are more than at most {config.max_digits}"
            return (Problem("error", "digits", message, field="min_digits"),)
        return ()

    def prompts(self, config: Settings) -> Sequence[Prompt]:
        return (*config.prompts, *config.invalid_prompts, *config.timeout_prompts)

    def sets(self, config: Settings) -> Mapping[str, Kind]:
        return {config.variable: "text"}

    async def run(self, call: CallControl, config: Settings) -> str:
        way = "timeout"
        for left in range(config.retries, -1, -1):
            if config.prompts:
                await call.play(config.prompts, interruptible=config.interruptible)
            digits = await _read(call, config)
            if digits and _accepts(call, config, digits):
                return "ok"
            way = "invalid" if digits else "timeout"
            excuse = config.invalid_prompts if digits else config.timeout_prompts
            if excuse:
                await call.play(excuse, interruptible=left > 0)
        return way


async def _read(call: CallControl, config: Settings) -> str:
    """The digits pressed, without the end key; a lone end key counts as an input that is too short."""
    digits = ""
    while len(digits) < config.max_digits:
        key = await call.read_key(config.key_timeout_s if digits else config.first_timeout_s)
        if key is None:
            break
        if key == config.end_key:
            return digits or key
        digits += key
    return digits


def _accepts(call: CallControl, config: Settings, digits: str) -> bool:
    """Store the input and say whether it is long enough and valid."""
    if len(digits) < config.min_digits or digits == config.end_key:
        return False
    call.variables[config.variable] = digits
    return config.valid is None or config.valid.holds(call.variables, call.tables)


@hookimpl
def register_node_types() -> list[Any]:
    return [Collect]
