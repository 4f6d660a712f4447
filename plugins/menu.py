"""Menu (按键导航): "press 1 for sales, 2 for service"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from ccc.api import CONFIG, CallControl, Exit, NodeType, Problem, Prompt, References, error_exit, hookimpl, setting

_NAMES = {"*": "star", "#": "hash"}


class Key(BaseModel):
    """One choice of the menu."""

    model_config = CONFIG
    key: str = setting(en="Key", zh="按键", pattern=r"^[0-9*#A-D]$")
    label: str = setting("", en="Meaning", zh="含义", max_length=64)

    @property
    def exit(self) -> str:
        return exit_of(self.key)


class Settings(BaseModel):
    model_config = CONFIG
    prompts: tuple[Prompt, ...] = setting(
        en="Menu prompts", zh="菜单语音", widget="prompts", min_length=1, max_length=50
    )
    keys: tuple[Key, ...] = setting(en="Keys", zh="按键", widget="keys", min_length=1, max_length=16)
    repeat: int = setting(1, en="Times played (0: until a key)", zh="播放次数（0：直到按键）", ge=0, le=100)
    timeout_s: float = setting(5.0, en="Wait for a key", zh="等待按键", unit="s", ge=0, le=120)
    retries: int = setting(
        2,
        en="Further tries",
        zh="重试次数",
        ge=0,
        le=10,
        help_en="How often the menu is played again after a wrong key or no key, together.",
        help_zh="按错或超时后再次播放菜单的总次数。",
    )
    interruptible: bool = setting(True, en="A key interrupts", zh="按键打断")
    type_ahead: bool = setting(
        True,
        en="Keys pressed ahead count",
        zh="允许提前按键",
        help_en="Off: keys pressed before the menu begins are forgotten.",
        help_zh="关闭：进入菜单前的按键作废。",
    )
    wrong_prompts: tuple[Prompt, ...] = setting((), en="Prompts after a wrong key", zh="按错语音", widget="prompts")
    timeout_prompts: tuple[Prompt, ...] = setting((), en="Prompts after no key", zh="超时语音", widget="prompts")


def exit_of(key: str) -> str:
    """``1`` -> ``key_1``, ``#`` -> ``key_hash``."""
    return f"key_{_NAMES.get(key, key)}"


class Menu(NodeType):
    """Plays the choices and leaves by the key pressed."""

    type = "menu"
    label = {"en": "Menu", "zh": "按键导航"}
    category = "input"
    icon = "grid-3x3-gap"
    help = {
        "en": "Plays the choices and goes on by the key the caller presses.",
        "zh": "播放菜单，按主叫的按键进入不同分支。",
    }
    Config = Settings
    waits = True
    examples = ({"prompts": [{"kind": "tts", "text": "销售请按1，服务请按2"}], "keys": [{"key": "1"}, {"key": "2"}]},)

    def exits(self, config: Settings) -> Sequence[Exit]:
        keys = dict.fromkeys(config.keys)
        ways = [Exit(item.exit, {"en": _named("Key", item), "zh": _named("按键", item)}) for item in keys]
        ways = list({way.name: way for way in ways}.values())
        if config.repeat != 0:
            ways.append(Exit("timeout", {"en": "No key", "zh": "超时"}))
        return (*ways, Exit("wrong", {"en": "Wrong key", "zh": "按错"}), error_exit())

    def check(self, config: Settings, refs: References) -> Sequence[Problem]:
        problems = []
        if config.repeat == 0 and not config.interruptible:
            message = "played until a key that may not interrupt, the menu never ends; let keys interrupt it"
            problems.append(Problem("error", "endless-menu", message, field="repeat"))
        for index, item in enumerate(config.keys):
            if item.key in [earlier.key for earlier in config.keys[:index]]:
                message = f"key {item.key} is bound twice; keep one"
                problems.append(Problem("error", "key-twice", message, field=f"keys.{index}.key"))
        return problems

    def prompts(self, config: Settings) -> Sequence[Prompt]:
        return (*config.prompts, *config.wrong_prompts, *config.timeout_prompts)

    async def run(self, call: CallControl, config: Settings) -> str:
        if not config.type_ahead:
            call.clear_keys()
        for left in range(config.retries, -1, -1):
            await call.play(config.prompts, interruptible=config.interruptible, repeat=config.repeat)
            key = await call.read_key(config.timeout_s)
            if key is None:
                way, excuse = "timeout", config.timeout_prompts
            else:
                for item in config.keys:
                    if item.key == key:
                        return item.exit
                way, excuse = "wrong", config.wrong_prompts
                call.clear_keys()
            if excuse:
                await call.play(excuse, interruptible=left > 0)
        return way


def _named(what: str, item: Key) -> str:
    return f"{what} {item.key}" + (f" · {item.label}" if item.label else "")


@hookimpl
def register_node_types() -> list[Any]:
    return [Menu]
