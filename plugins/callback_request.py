"""Callback request (请求回呼): the customer hangs up, keeps his place in the queue, is called when it is his turn."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel

from ccc.api import (
    CONFIG,
    CallbackRequest,
    CallControl,
    Exit,
    Kind,
    NodeType,
    Prompt,
    TextPrompt,
    VariableName,
    error_exit,
    hookimpl,
    setting,
)
from ccc.geo import normalise

_DIALLED = re.compile(r"[0-9]{3,20}")
CONFIRM, AGAIN = "1", "2"
MAX_DIGITS = 20


class Settings(BaseModel):
    model_config = CONFIG
    skill_group: str = setting(en="Skill group", zh="技能组", widget="skill-group", min_length=1, max_length=64)
    trunk: str = setting(en="Trunk", zh="中继线路", widget="trunk", min_length=1, max_length=64)
    number: Literal["caller", "keyed"] = setting(
        "caller",
        en="Number to call",
        zh="回呼号码",
        choices={"caller": ("The caller's own", "主叫号码"), "keyed": ("Always asked for", "总是请来电者输入")},
        help_en="The caller's own number is asked for, too, when it cannot be called.",
        help_zh="主叫号码无法回拨时，也会请来电者输入。",
    )
    ask_prompts: tuple[Prompt, ...] = setting(
        (TextPrompt(text="请输入回呼号码，座机请加区号，以井号键结束。"),),
        en="Prompts that ask for the number",
        zh="输入号码提示音",
        widget="prompts",
        max_length=20,
    )
    confirm_prompts: tuple[Prompt, ...] = setting(
        (TextPrompt(text="您输入的号码是${spell(callback_number)}，确认请按1，重新输入请按2。"),),
        en="Prompts that read the number back",
        zh="确认号码提示音",
        widget="prompts",
        max_length=20,
        help_en="Empty: a number that is right is taken without asking. 1 confirms, 2 begins anew.",
        help_zh="留空：号码有效即接受。按1确认，按2重新输入。",
    )
    invalid_prompts: tuple[Prompt, ...] = setting(
        (TextPrompt(text="号码无效。"),), en="Prompts after a wrong number", zh="号码无效提示音", widget="prompts"
    )
    retries: int = setting(2, en="Further tries", zh="重试次数", ge=0, le=10)
    international: bool = setting(
        False,
        en="Numbers abroad too",
        zh="允许国际号码",
        help_en="Off: nobody can have us call abroad.",
        help_zh="关闭：不向境外号码回呼。",
    )
    variable: VariableName = setting("callback_number", en="Store the number in", zh="号码存入变量", widget="variable")
    attempts: int = setting(3, en="Calls at most", zh="呼叫次数", ge=1, le=10)
    pause_s: float = setting(600.0, en="Pause between calls", zh="呼叫间隔", unit="s", ge=2, le=86_400)
    ring_s: float = setting(30.0, en="Ring at most", zh="振铃时长", unit="s", ge=3, le=120)
    expires_s: float = setting(86_400.0, en="Valid for", zh="有效时间", unit="s", ge=60, le=604_800)
    max_open: int | None = setting(
        None,
        en="Callbacks at most",
        zh="回呼数上限",
        ge=0,
        le=10_000,
        help_en="Leave by the exit full when so many of the group are open. Empty: no limit.",
        help_zh="该技能组待回呼达到此数时走“已满”出口。留空：不限。",
    )
    caller_id: str = setting(
        "",
        en="Number shown",
        zh="外显号码",
        max_length=32,
        pattern=r"^[0-9+*#]*$",
        help_en="Empty: the trunk's own number, else the one the customer had called.",
        help_zh="留空：中继的外显号码；中继没有设置时为客户所拨的号码。",
    )


class CallbackRequestNode(NodeType):
    """Takes the request down; the ACD rings an agent when it is the customer's turn, then the customer is called."""

    type = "callback_request"
    label = {"en": "Callback request", "zh": "请求回呼"}
    category = "agent"
    icon = "telephone-inbound"
    help = {
        "en": "The caller keeps his place in the queue, hangs up, and is called when an agent is free for him.",
        "zh": "来电者保留排队位置后挂机，轮到时先接通坐席，再呼叫客户。",
    }
    Config = Settings
    waits = True
    examples = (
        {"skill_group": "default", "trunk": "carrier"},
        {"skill_group": "default", "trunk": "carrier", "number": "keyed", "attempts": 2, "max_open": 50},
    )

    def exits(self, config: Settings) -> Sequence[Exit]:
        ways = [
            Exit("accepted", {"en": "Will be called back", "zh": "已登记"}),
            Exit("invalid", {"en": "No valid number", "zh": "号码无效"}),
        ]
        if config.max_open is not None:
            ways.append(Exit("full", {"en": "Too many callbacks", "zh": "已满"}))
        return (*ways, error_exit())

    def prompts(self, config: Settings) -> Sequence[Prompt]:
        return (*config.ask_prompts, *config.confirm_prompts, *config.invalid_prompts)

    def uses(self, config: Settings) -> Sequence[tuple[str, str]]:
        return (("skill-group", config.skill_group), ("trunk", config.trunk))

    def sets(self, config: Settings) -> Mapping[str, Kind]:
        return {config.variable: "text"}

    async def run(self, call: CallControl, config: Settings) -> str:
        number = own_number(call.caller, config.international) if config.number == "caller" else ""
        if number:
            call.variables[config.variable] = number
        elif not (number := await _ask(call, config)):
            return "invalid"
        request = CallbackRequest(
            config.skill_group, number, config.trunk, caller_id=config.caller_id, ring_s=config.ring_s,
            attempts=config.attempts, pause_s=config.pause_s, expires_s=config.expires_s, max_open=config.max_open,
        )  # fmt: skip
        result = await call.request_callback(request)
        return "full" if result.outcome == "full" else "accepted"


async def _ask(call: CallControl, config: Settings) -> str:
    """A number keyed in, valid and confirmed; '' when the tries are used up."""
    call.clear_keys()
    for left in range(config.retries, -1, -1):
        await call.play(config.ask_prompts)
        number = keyed_number(await _read(call), config.international)
        if not number:
            await call.play(config.invalid_prompts, interruptible=left > 0)
            continue
        call.variables[config.variable] = number
        if not config.confirm_prompts or await _confirmed(call, config):
            return number
    return ""


async def _read(call: CallControl) -> str:
    digits = ""
    while len(digits) < MAX_DIGITS:
        key = await call.read_key(5.0 if digits else 10.0)
        if key is None or key == "#":
            break
        digits += key
    return digits


async def _confirmed(call: CallControl, config: Settings) -> bool:
    """Whether the caller says that the number is right; who says nothing twice has not denied it."""
    for _ in range(2):
        call.clear_keys()
        await call.play(config.confirm_prompts)
        key = await call.read_key(5.0)
        if key in (CONFIRM, AGAIN):
            return key == CONFIRM
    return True


def keyed_number(text: str, international: bool) -> str:
    """A mobile or landline number, as dialled inside China; '' when it is none, or one abroad that is not wanted."""
    found = normalise(text)
    usable = found.e164 is not None and (found.kind != "international" or international)
    return found.national if usable and _DIALLED.fullmatch(found.national) else ""


def own_number(caller: str, international: bool) -> str:
    """The caller's own number; also an extension of a connected exchange, which nobody could have keyed in."""
    found = normalise(caller)
    extension = found.kind == "short" and caller.isdigit() and not caller.startswith("1")
    return caller if extension and _DIALLED.fullmatch(caller) else keyed_number(caller, international)


@hookimpl
def register_node_types() -> list[Any]:
    return [CallbackRequestNode]
