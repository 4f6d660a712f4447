"""Satisfaction survey (满意度评价): ask one or more questions, keep the keys with the call's record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from ccc.api import CONFIG, CallControl, Exit, NodeType, Problem, Prompt, References, error_exit, hookimpl, setting


class Question(BaseModel):
    """One question, answered by one key."""

    model_config = CONFIG
    name: str = setting(en="Question", zh="问题", min_length=1, max_length=64)
    prompts: tuple[Prompt, ...] = setting(en="Prompts", zh="语音", widget="prompts", min_length=1, max_length=20)
    keys: str = setting("12345", en="Answers", zh="有效按键", pattern=r"^[0-9*#]+$", max_length=12)


class Settings(BaseModel):
    model_config = CONFIG
    questions: tuple[Question, ...] = setting(en="Questions", zh="评价问题", min_length=1, max_length=10)
    timeout_s: float = setting(5.0, en="Wait for a key", zh="等待按键", unit="s", ge=1, le=60)
    retries: int = setting(1, en="Further tries", zh="重试次数", ge=0, le=5)
    thanks: tuple[Prompt, ...] = setting((), en="Thanks", zh="结束语", widget="prompts", max_length=20)


class Survey(NodeType):
    """Connect it to the exit ``answered`` of a transfer node: the caller is asked when the agent has hung up."""

    type = "survey"
    label = {"en": "Satisfaction survey", "zh": "满意度评价"}
    category = "agent"
    icon = "star"
    help = {
        "en": "Asks the caller after the conversation and keeps the answers with the call record.",
        "zh": "坐席挂机后请来电者评价，结果保存在通话记录中。",
    }
    Config = Settings
    waits = True
    examples = (
        {"questions": [{"name": "service", "prompts": [{"kind": "tts", "text": "满意请按1，不满意请按2。"}],
                        "keys": "12"}]},
    )  # fmt: skip

    def exits(self, config: Settings) -> Sequence[Exit]:
        return (
            Exit("done", {"en": "Answered", "zh": "已评价"}, required=False),
            Exit("no_answer", {"en": "Not all answered", "zh": "未评价"}, required=False),
            error_exit(),
        )

    def check(self, config: Settings, refs: References) -> Sequence[Problem]:
        names = [question.name for question in config.questions]
        return [
            Problem("error", "duplicate-question", f"question {name!r} is there twice", field=f"questions.{at}.name")
            for at, name in enumerate(names)
            if name in names[:at]
        ]

    def prompts(self, config: Settings) -> Sequence[Prompt]:
        return (*(prompt for question in config.questions for prompt in question.prompts), *config.thanks)

    async def run(self, call: CallControl, config: Settings) -> str:
        call.clear_keys()  # pressed while talking to the agent
        for question in config.questions:
            if not await self._ask(call, question, config):
                return "no_answer"
        await call.play(config.thanks)
        return "done"

    async def _ask(self, call: CallControl, question: Question, config: Settings) -> bool:
        for _ in range(config.retries + 1):
            await call.play(question.prompts)
            key = await call.read_key(config.timeout_s)
            if key is not None and key in question.keys:
                call.answer_survey(question.name, key)
                return True
            call.clear_keys()
        return False


@hookimpl
def register_node_types() -> list[Any]:
    return [Survey]
