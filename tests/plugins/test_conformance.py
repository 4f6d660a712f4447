"""``ccc check``: what comes with CCC passes, and the checks catch the classic mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from pydantic import BaseModel

from ccc.api import CONFIG, CallControl, Exit, NodeType, Problem, Voice
from ccc.api.testkit import check_node_type, check_tts
from ccc.commands.plugins import check
from ccc.loader import load
from tests.test_loader import GOOD

PLUGINS = Path(__file__).resolve().parent.parent.parent / "plugins"
WORDS = {"en": "x", "zh": "x"}


@pytest.mark.parametrize("name", sorted(path.name for path in PLUGINS.glob("*.py") if not path.name.startswith("tts_")))
def test_plugin(name: str) -> None:
    result = CliRunner().invoke(check, [str(PLUGINS / name)])
    assert result.exit_code == 0, result.output


class Settings(BaseModel):
    model_config = CONFIG


class Plain(NodeType):
    type = "plain"
    label = WORDS
    help = WORDS
    category = "test"
    Config = Settings

    def exits(self, config: Any) -> Sequence[Exit]:
        return (Exit("next", WORDS),)

    async def run(self, call: CallControl, config: Any) -> str:
        await call.read_key(3)
        return "next"


def failures(node_type: NodeType) -> str:
    return "\n".join(f"{item.name}: {item.failure}" for item in check_node_type(node_type) if item.failure)


def test_a_plain_node_type_passes() -> None:
    assert failures(Plain()) == ""
    assert len(check_node_type(Plain())) == 6


class KeepsStateOnSelf(Plain):
    """The classic: what one caller pressed is seen by the next."""

    key: str | None = None

    async def run(self, call: CallControl, config: Any) -> str:
        self.key = await call.read_key(3)
        await call.sleep(1)
        return "next" if self.key is None else await self.say(call)

    async def say(self, call: CallControl) -> str:
        call.trace(f"pressed {self.key}")
        return "next"


class CountsOnSelf(Plain):
    def __init__(self) -> None:
        self.count = 0

    async def run(self, call: CallControl, config: Any) -> str:
        self.count += 1
        return "next"


class KeepsStateOnTheClass(Plain):
    last: dict[str, str] = {}

    async def run(self, call: CallControl, config: Any) -> str:
        self.last["key"] = str(await call.read_key(3))
        await call.sleep(1)
        call.trace(self.last["key"])
        return "next"


class Undeclared(Plain):
    async def run(self, call: CallControl, config: Any) -> str:
        return "elsewhere"


class Raises(Plain):
    async def run(self, call: CallControl, config: Any) -> str:
        raise KeyError("oops")


class FindsErrors(Plain):
    def check(self, config: Any, refs: Any) -> Sequence[Problem]:
        return (Problem("error", "x", "my own example is wrong"),)


class WrongUses(Plain):
    def uses(self, config: Any) -> Any:
        return ("skill-group",)


class WrongKind(Plain):
    def sets(self, config: Any) -> Any:
        return {"x": "string"}


class DoubleExit(Plain):
    def exits(self, config: Any) -> Sequence[Exit]:
        return (Exit("next", WORDS), Exit("next", WORDS))


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (KeepsStateOnSelf, "is call state kept on self"),
        (CountsOnSelf, "changed attributes of the node type"),
        (KeepsStateOnTheClass, "is call state kept on self or on the class"),
        (Undeclared, "returned 'elsewhere', which exits() does not declare"),
        (Raises, "raised KeyError: 'oops'"),
        (FindsErrors, "my own example is wrong"),
        (WrongUses, "(kind, name) pairs"),
        (WrongKind, "kinds are any, text"),
        (DoubleExit, "a name twice"),
    ],
)
def test_mistakes_are_caught(broken: type[NodeType], reason: str) -> None:
    assert reason in failures(broken())


class Speaker:
    name = "speaker"

    def voices(self) -> list[Voice]:
        return [Voice("v", "V", "en")]

    def say(self, text: str, voice: str | None, speed: float) -> tuple[Any, int]:
        return np.full(int(8000 / speed), 1000, dtype=np.int16), 8000


class Silent(Speaker):
    def say(self, text: str, voice: str | None, speed: float) -> tuple[Any, int]:
        return np.zeros(int(8000 / speed), dtype=np.int16), 8000


class SameSpeed(Speaker):
    def say(self, text: str, voice: str | None, speed: float) -> tuple[Any, int]:
        return np.ones(8000, dtype=np.int16), 8000


class Voiceless(Speaker):
    def voices(self) -> list[Voice]:
        return []


def test_a_tts_engine_is_checked() -> None:
    assert [item.failure for item in check_tts(Speaker())] == [None, None]
    assert "silent" in (check_tts(Silent())[1].failure or "")
    assert "take longer" in (check_tts(SameSpeed())[1].failure or "")
    assert "no voice" in (check_tts(Voiceless())[0].failure or "")


def run_check(path: Path) -> tuple[int, str]:
    result = CliRunner().invoke(check, [str(path)])
    return result.exit_code, result.output


def test_check_tells_why_a_plugin_does_not_load(tmp_path: Path) -> None:
    path = tmp_path / "bad.py"
    path.write_text("import nothing_of_that_name")
    code, output = run_check(path)
    assert code == 1
    assert "FAILED loads: import failed: ModuleNotFoundError" in output
    assert 'bad.py", line 1' in output


def test_check_runs_the_flows_beside_a_plugin(tmp_path: Path) -> None:
    path = tmp_path / "good.py"
    path.write_text(GOOD)
    flow = """{"format": 1, "name": "good", "nodes": [{"id": "s", "type": "start"}, {"id": "g", "type": "good"},
      {"id": "e", "type": "hangup"}], "edges": [{"from": "s", "exit": "next", "to": "g"},
      {"from": "g", "exit": "next", "to": "e"}], "tests": [{"name": "passes", "steps": [{"exit": "g.next"}]},
      {"name": "is wrong", "steps": [{"hears": "x"}]}]}"""
    (tmp_path / "good.flow.json").write_text(flow)
    code, output = run_check(path)
    assert code == 1
    assert "ok     flow good.flow.json: passes" in output
    assert "FAILED flow good.flow.json: is wrong" in output
    assert "never came true" in output
    (tmp_path / "good.flow.json").write_text("{")
    assert "not JSON" in run_check(path)[1]


def test_all_examples_have_prompts_and_references_of_the_right_kind() -> None:
    for node_type in load(entry_points=False).node_types.values():
        for example in node_type.examples:
            config = node_type.Config.model_validate(example)
            known = ("audio", "skill-group", "flow", "table", "trunk", "hours")
            assert all(kind in known for kind, _ in node_type.uses(config))
