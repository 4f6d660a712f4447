"""What each node type does, in the scripted call."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ccc.api import CallEnded, Exit, ExprError, NodeType
from ccc.api.testkit import ScriptedCall
from ccc.loader import Registry, load
from tests.flow.build import case, text


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(entry_points=False)


class Trial:
    """Runs a node type's settings against a caller's script."""

    def __init__(self, node_type: NodeType, **config: Any) -> None:
        self.node_type = node_type
        self.config = node_type.Config.model_validate(config)
        self.call = ScriptedCall()

    def run(
        self, *steps: dict[str, Any], before: dict[str, Any] | None = None, tables: Any = None, **settings: Any
    ) -> str:
        """The exit taken, or ``ended CAUSE``."""
        self.call = ScriptedCall(case(*steps, **settings), tables=tables)
        self.call.variables.update(before or {})
        try:
            return asyncio.run(self.node_type.run(self.call, self.config))
        except CallEnded as ended:
            return f"ended {ended.cause}"

    @property
    def lines(self) -> list[str]:
        return [f"{item.what} {item.text}".strip() for item in self.call.transcript]

    @property
    def heard(self) -> list[str]:
        return [item.text for item in self.call.transcript if item.what == "hears"]

    def exits(self) -> list[Exit]:
        return list(self.node_type.exits(self.config))


@pytest.fixture
def make(registry: Registry) -> Any:
    return lambda type, **config: Trial(registry.node_types[type], **config)


# start


def test_start_rings_first_and_records_after_the_announcement(make: Any) -> None:
    trial = make("start", ring_s=4, recording="after-announcement", announcement=[text("录音告知")])
    assert trial.run() == "next"
    assert trial.lines == ["ring 4 s", "answer", "hears 录音告知", "record on"]
    assert trial.call.monotonic() == 5.0


@pytest.mark.parametrize(("recording", "line"), [("on", "record on"), ("off", "record off")])
def test_start_does_not_answer_by_itself(make: Any, recording: str, line: str) -> None:
    trial = make("start", recording=recording)
    assert trial.run() == "next"
    assert trial.lines == [line]
    assert not trial.call.answered


# play


def test_play_repeats_and_cannot_be_interrupted(make: Any) -> None:
    trial = make("play", prompts=[text("您好")], repeat=3, interruptible=False)
    assert trial.run({"press": "1"}) == "done"
    assert trial.heard == ["您好"] * 3


def test_play_keeps_the_interrupting_key_for_the_next_node(make: Any) -> None:
    trial = make("play", prompts=[{"kind": "tone", "hz": 440, "seconds": 30}])
    assert trial.run({"press": "5"}) == "done"
    assert asyncio.run(trial.call.read_key(0)) == "5"


def test_play_until_hang_up(make: Any) -> None:
    trial = make("play", prompts=[text("稍候")], repeat=0, interruptible=False)
    assert trial.run({"press": "1"}, {"wait": 60}, {"hang_up": True}) == "ended caller-hangup"
    assert len(trial.heard) > 100
    assert [way.name for way in trial.exits()] == ["error"]


def test_play_fills_variables_in(make: Any) -> None:
    trial = make("play", prompts=[text("余额${balance * 2}元")])
    trial.run(before={"balance": 1.25})
    assert trial.heard == ["余额2.5元"]


# menu

MENU: dict[str, Any] = {
    "prompts": [text("菜单")],
    "keys": [{"key": "1", "label": "销售"}, {"key": "*"}, {"key": "#"}],
    "wrong_prompts": [text("按错")],
    "timeout_prompts": [text("超时")],
}


@pytest.mark.parametrize(("key", "way"), [("1", "key_1"), ("*", "key_star"), ("#", "key_hash")])
def test_menu_leaves_by_the_key(make: Any, key: str, way: str) -> None:
    assert make("menu", **MENU).run({"press": key}) == way


def test_menu_exits(make: Any) -> None:
    exits = make("menu", **MENU).exits()
    assert [way.name for way in exits] == ["key_1", "key_star", "key_hash", "timeout", "wrong", "error"]
    assert exits[0].label == {"en": "Key 1 · 销售", "zh": "按键 1 · 销售"}
    assert [way.name for way in make("menu", **MENU, repeat=0).exits()][3:] == ["wrong", "error"]


def test_menu_is_played_again_after_silence_and_wrong_keys(make: Any) -> None:
    trial = make("menu", **MENU, retries=2, timeout_s=5)
    assert trial.run({"hears": "超时"}, {"hears": "菜单"}, {"press": "9"}, {"hears": "菜单"}, {"press": "1"}) == "key_1"
    assert trial.heard == ["菜单", "超时", "菜单", "按错", "菜单"]


def test_menu_gives_up_by_the_last_reason(make: Any) -> None:
    trial = make("menu", **MENU, retries=1, timeout_s=5)
    assert trial.run({"press": "9"}) == "timeout"
    assert trial.heard == ["菜单", "按错", "菜单", "超时"]
    assert trial.run({"hears": "超时"}, {"wait": 1}, {"press": "9"}) == "wrong"


def test_menu_without_further_tries(make: Any) -> None:
    trial = make("menu", prompts=[text("菜单菜单")], keys=[{"key": "1"}], retries=0, timeout_s=3)
    assert trial.run() == "timeout"
    assert trial.call.monotonic() == 4.0


def test_menu_takes_a_key_pressed_ahead_unless_told_not_to(make: Any) -> None:
    async def ahead(trial: Trial) -> str:
        trial.call = ScriptedCall(case({"press": "1"}))
        await trial.call.sleep(1)
        return await trial.node_type.run(trial.call, trial.config)

    trial = make("menu", **MENU, retries=0)
    assert asyncio.run(ahead(trial)) == "key_1"
    assert trial.heard == []
    assert asyncio.run(ahead(make("menu", **MENU, retries=0, type_ahead=False))) == "timeout"


def test_a_key_pressed_during_the_excuse_counts(make: Any) -> None:
    trial = make("menu", **MENU)
    assert trial.run({"press": "9"}, {"hears": "按错"}, {"press": "1"}) == "key_1"


def test_menu_that_plays_until_a_key(make: Any) -> None:
    trial = make("menu", **MENU, repeat=0)
    assert trial.run({"wait": 3600}, {"press": "1"}) == "key_1"
    assert trial.run() == "ended caller-hangup"


# collect

COLLECT: dict[str, Any] = {
    "prompts": [text("请输入")],
    "variable": "account",
    "invalid_prompts": [text("有误")],
    "timeout_prompts": [text("超时")],
    "retries": 0,
}


@pytest.mark.parametrize(
    ("config", "keys", "way", "stored"),
    [
        ({}, "123#", "ok", "123"),
        ({}, "12*3#", "ok", "12*3"),
        ({"end_key": "*"}, "12#*", "ok", "12#"),
        ({"max_digits": 4}, "123456", "ok", "1234"),
        ({"end_key": "", "max_digits": 3}, "123", "ok", "123"),
        ({"min_digits": 3}, "123", "ok", "123"),
        ({"min_digits": 3}, "12#", "invalid", None),
        ({"min_digits": 3}, "12", "invalid", None),
        ({}, "#", "invalid", None),
        ({"valid": "len(account) == 3"}, "123#", "ok", "123"),
        ({"valid": "len(account) == 3 and starts_with(account, known)"}, "223#", "invalid", "223"),
        ({"valid": "lookup(t, account) != null"}, "7#", "ok", "7"),
        ({"valid": "lookup(t, account) != null"}, "8#", "invalid", "8"),
    ],
)
def test_collect(make: Any, config: dict[str, Any], keys: str, way: str, stored: str | None) -> None:
    trial = make("collect", **COLLECT, **config)
    assert trial.run({"press": keys}, before={"known": "1"}, tables={"t": {"7": "x"}}) == way
    assert trial.call.variables.get("account") == stored
    assert trial.heard == ["请输入"] + (["有误"] if way == "invalid" else [])


def test_collect_waits_longer_for_the_first_key_than_between_keys(make: Any) -> None:
    trial = make("collect", **{**COLLECT, "prompts": [], "timeout_prompts": []}, first_timeout_s=10, key_timeout_s=2)
    assert trial.run() == "timeout"
    assert trial.call.monotonic() == 10
    assert trial.run({"wait": 8}, {"press": "1"}) == "ok"
    assert trial.call.monotonic() == 10.5
    assert trial.run({"press": "1"}, {"wait": 3}, {"press": "2"}) == "ok"
    assert trial.call.variables["account"] == "1"


def test_collect_asks_again(make: Any) -> None:
    trial = make("collect", **{**COLLECT, "retries": 2}, min_digits=2)
    assert trial.run({"press": "1#"}, {"hears": "请输入"}, {"hears": "请输入"}, {"press": "12#"}) == "ok"
    assert trial.heard == ["请输入", "有误", "请输入", "超时", "请输入"]


# condition, set variable


def test_condition_takes_the_first_case_that_holds(make: Any) -> None:
    trial = make("condition", cases=[{"exit": "big", "when": "n > 10"}, {"exit": "even", "when": "n % 2 == 0"}])
    assert [trial.run(before={"n": n}) for n in (20, 4, 3)] == ["big", "even", "else"]
    assert [way.name for way in trial.exits()] == ["big", "even", "else"]


def test_condition_with_values_that_do_not_fit_fails(make: Any) -> None:
    with pytest.raises(ExprError, match="cannot compare text > number in `n > 10`"):
        make("condition", cases=[{"exit": "big", "when": "n > 10"}]).run(before={"n": "5"})


def test_set_variable_goes_from_top_to_bottom(make: Any) -> None:
    trial = make("set_variable", assignments=[{"name": "a", "value": "a + 1"}, {"name": "b", "value": '"x" & a'}])
    assert trial.run(before={"a": 1}) == "next"
    assert dict(trial.call.variables) == {"a": 2, "b": "x2"}


# wait, queue, hang up, sub-flow


def test_wait(make: Any) -> None:
    trial = make("wait", seconds=2.5)
    assert trial.run() == "done"
    assert trial.call.monotonic() == 2.5
    assert make("wait", seconds=None).run() == "ended caller-hangup"
    assert make("wait", seconds=None).exits() == []


@pytest.mark.parametrize(
    ("config", "settings", "way"),
    [
        ({}, {}, "answered"),
        ({"timeout_s": 10}, {"agents": {"g": "busy"}}, "timeout"),
        ({"exit_when_no_agent": True}, {"agents": {"g": "none"}}, "no_agent"),
        ({"max_waiting": 0}, {}, "overflow"),
    ],
)
def test_queue_leaves_by_the_outcome(make: Any, config: dict[str, Any], settings: dict[str, Any], way: str) -> None:
    trial = make("queue", skill_group="g", prompts=[text("请稍候")], **config)
    assert trial.run(**settings) == way
    assert way in [exit.name for exit in trial.exits()]


def test_queue_can_be_left_by_a_key(make: Any) -> None:
    trial = make("queue", skill_group="g", break_keys="0*")
    assert trial.run({"press": "10"}, agents={"g": "busy"}) == "key"
    assert "key" in [way.name for way in trial.exits()]


def test_queue_passes_every_setting_on(make: Any) -> None:
    asked = []

    class Spy(ScriptedCall):
        async def queue(self, request: Any) -> Any:
            asked.append(request)
            return await super().queue(request)

    settings = {"skill_group": "g", "timeout_s": 9.0, "priority": 0, "max_waiting": 7, "music": "jazz",
                "announce_every_s": 30.0, "announce_position": False, "announce_wait": True, "break_keys": "*",
                "exit_when_no_agent": True, "prompts": [text("x")]}  # fmt: skip
    trial = make("queue", **settings)
    asyncio.run(trial.node_type.run(Spy(), trial.config))
    for name, value in settings.items():
        got = getattr(asked[0], name)
        assert (got if name != "prompts" else [item.model_dump(include={"kind", "text"}) for item in got]) == value


def test_hang_up(make: Any) -> None:
    assert make("hangup").run() == "ended normal"
    trial = make("hangup", cause="rejected")
    assert trial.run() == "ended rejected"
    assert not trial.call.answered


def test_sub_flow_asks_for_the_flow_by_name(make: Any) -> None:
    trial = make("subflow", flow="survey")
    assert trial.node_type.uses(trial.config) == (("flow", "survey"),)
