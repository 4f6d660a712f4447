"""Transfer to a named agent (转指定坐席): ring one agent by user name (WKB-10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from ccc.api import (
    CONFIG,
    AgentRequest,
    CallControl,
    Exit,
    ExprError,
    NodeType,
    Problem,
    Prompt,
    References,
    error_exit,
    hookimpl,
    setting,
)
from ccc.api.expr import parse_template, render


class Settings(BaseModel):
    model_config = CONFIG
    agent: str = setting(
        en="Agent",
        zh="坐席账号",
        min_length=1,
        max_length=256,
        help_en="The user name, or a variable such as ${manager}; ${sys.dedicated} is the caller's dedicated agent.",
        help_zh="坐席的 userName，或 ${manager} 这样的变量；${sys.dedicated} 为来电者的专属坐席。",
    )
    ring_s: float = setting(20.0, en="Ring at most", zh="振铃时长", unit="s", ge=3, le=120)
    prompts: tuple[Prompt, ...] = setting((), en="Prompts before the music", zh="转接提示音", widget="prompts")
    music: str | None = setting(None, en="Hold music", zh="等待音乐", widget="audio", max_length=128)


class TransferAgent(NodeType):
    """Rings exactly one agent; goes on when he has left, or at once when he cannot take the call."""

    type = "transfer_agent"
    label = {"en": "Transfer to named agent", "zh": "转指定坐席"}
    category = "agent"
    icon = "person-check"
    help = {
        "en": "Rings one agent by user name; no queue is joined and nobody else is asked.",
        "zh": "按 userName 呼叫指定坐席，不进入技能组排队。",
    }
    Config = Settings
    waits = True
    examples = ({"agent": "agent1"}, {"agent": "${manager}", "ring_s": 15})

    def exits(self, config: Settings) -> Sequence[Exit]:
        return (
            Exit("answered", {"en": "After the conversation", "zh": "通话结束"}, required=False),
            Exit("no_such_agent", {"en": "No such agent", "zh": "坐席不存在"}, instant=True),
            Exit("offline", {"en": "Offline", "zh": "坐席离线"}, instant=True),
            Exit("busy", {"en": "Busy or rejected", "zh": "坐席忙"}, instant=True),
            Exit("timeout", {"en": "No answer", "zh": "振铃超时"}),
            error_exit(),
        )

    def check(self, config: Settings, refs: References) -> Sequence[Problem]:
        try:
            formulas = parse_template(config.agent).expressions()
        except ExprError as error:
            return [Problem("error", "formula", error.message, field="agent")]
        names = sorted(set().union(*(formula.variables() for formula in formulas)))
        unknown = [name for name in names if not name.startswith("sys.") and not refs.has("variable", name)]
        return [
            Problem("error", "unknown-variable", f"variable {name!r} is set nowhere; set it before", field="agent")
            for name in unknown
        ]

    def prompts(self, config: Settings) -> Sequence[Prompt]:
        return config.prompts

    def uses(self, config: Settings) -> Sequence[tuple[str, str]]:
        return () if config.music is None else (("audio", config.music),)

    async def run(self, call: CallControl, config: Settings) -> str:
        user = render(config.agent, call.variables, call.tables).strip()
        if not user:
            return "no_such_agent"
        request = AgentRequest(user, ring_s=config.ring_s, music=config.music, prompts=config.prompts)
        result = await call.call_agent(request)
        return result.outcome.replace("-", "_")


@hookimpl
def register_node_types() -> list[Any]:
    return [TransferAgent]
