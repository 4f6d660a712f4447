"""A/B split (分流): send a share of the calls another way."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from ccc.api import CONFIG, CallControl, Exit, NodeType, Problem, References, hookimpl, setting
from ccc.geo import normalise

FINENESS = 1_000_000


class Share(BaseModel):
    """One way out and its share."""

    model_config = CONFIG
    exit: str = setting(en="Exit", zh="出口", pattern=r"^[\w-]+$", max_length=40)
    percent: float = setting(en="Share", zh="比例", unit="%", ge=0, le=100)


class Settings(BaseModel):
    model_config = CONFIG
    shares: tuple[Share, ...] = setting(
        (Share(exit="a", percent=50), Share(exit="b", percent=50)),
        en="Shares",
        zh="分流比例",
        min_length=2,
        max_length=20,
    )
    per_caller: bool = setting(
        True,
        en="A caller always goes the same way",
        zh="同一主叫固定走同一分支",
        help_en="Callers who hide their number are drawn anew with each call.",
        help_zh="隐藏号码的主叫每次重新分配。",
    )
    name: str = setting(
        "",
        en="Name of the trial",
        zh="实验名称",
        max_length=64,
        help_en="Splits of the same name divide callers the same way; of different names independently.",
        help_zh="名称相同的分流对同一主叫结果一致，名称不同则相互独立。",
    )


class Split(NodeType):
    """Draws by a hash: the same in the simulator and in a call, and after a restart."""

    type = "ab_split"
    label = {"en": "A/B split", "zh": "分流"}
    category = "logic"
    icon = "shuffle"
    help = {
        "en": "Divides calls among its exits by percentage, the same way each time for a caller if wanted.",
        "zh": "按比例把来电分到不同出口，可让同一主叫始终走同一分支。",
    }
    Config = Settings
    examples = ({}, {"shares": [{"exit": "new", "percent": 5}, {"exit": "old", "percent": 95}], "per_caller": False})

    def exits(self, config: Settings) -> Sequence[Exit]:
        names = dict.fromkeys(item.exit for item in config.shares)
        percents = {name: sum(item.percent for item in config.shares if item.exit == name) for name in names}
        return [
            Exit(name, {"en": f"{name} · {percents[name]:g}%", "zh": f"{name} · {percents[name]:g}%"}) for name in names
        ]

    def check(self, config: Settings, refs: References) -> Sequence[Problem]:
        total = sum(item.percent for item in config.shares)
        if abs(total - 100) > 1e-6:
            return (Problem("error", "shares", f"the shares add up to {total:g}%, not 100%", field="shares"),)
        return ()

    async def run(self, call: CallControl, config: Settings) -> str:
        hidden = normalise(call.caller).kind == "anonymous"
        who = call.id if hidden or not config.per_caller else _one_form(call.caller)
        return draw(config.shares, f"{config.name}\0{who}")


def draw(shares: Sequence[Share], seed: str) -> str:
    """The exit for a seed; over many seeds each comes as often as its share says."""
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big") % FINENESS
    reached = 0.0
    for item in shares:
        reached += item.percent / 100 * FINENESS
        if number < round(reached):
            return item.exit
    return next(item.exit for item in reversed(shares) if item.percent > 0 or item is shares[0])


def _one_form(number: str) -> str:
    found = normalise(number)
    return found.e164 or found.national


@hookimpl
def register_node_types() -> list[Any]:
    return [Split]
