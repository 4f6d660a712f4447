"""The node types that touch the telephone side, in the scripted call."""

from __future__ import annotations

from typing import Any

import pytest

from ccc.api import FlowFailed
from tests.flow.build import text
from tests.plugins.test_nodes import make, registry

__all__ = ["make", "registry"]

# transfer external


@pytest.mark.parametrize(
    ("what", "way"),
    [("answers", "answered"), ("busy", "busy"), ("no-answer", "no_answer"), ("refused", "refused")],
)
def test_transfer_external_leaves_by_what_became_of_the_call(make: Any, what: str, way: str) -> None:
    out = make("transfer_external", number="10086", trunk="far", ring_s=12)
    assert out.run(dials={"10086": what}, talk_s=20) == way
    assert "dial 10086" in out.lines
    assert out.call.monotonic() == {"answers": 23.0, "no-answer": 12.0}.get(what, 3.0)


def test_transfer_external_fails_with_its_trunk(make: Any) -> None:
    with pytest.raises(FlowFailed, match="far"):
        make("transfer_external", number="10086", trunk="far").run(dials={"10086": "error"})


def test_transfer_external_dials_a_cleaned_variable_and_whispers(make: Any) -> None:
    out = make("transfer_external", number="${mobile}", trunk="far", whisper=[text("来自${sys.caller}")])
    assert out.run(before={"mobile": "+86 (138) 0013-8000"}, caller="1391") == "answered"
    assert [line for line in out.lines if line.startswith(("dial", "callee"))] == [
        "dial +8613800138000", "callee answers", "callee hears 来自1391",
    ]  # fmt: skip
    assert out.heard == []


@pytest.mark.parametrize("number", ["", "abc", "1", "10086;tag=1", "1\r\n2", "sip:1@2"])
def test_transfer_external_does_not_dial_what_is_no_number(make: Any, number: str) -> None:
    out = make("transfer_external", number="${mobile}", trunk="far")
    with pytest.raises(FlowFailed, match="not a number"):
        out.run(before={"mobile": number})
    assert not [line for line in out.lines if line.startswith("dial")]


def test_transfer_external_knows_its_variables_beforehand(make: Any) -> None:
    class Nothing:
        def has(self, kind: str, name: str) -> bool:
            return False

    out = make("transfer_external", number="${mobile}", trunk="far", caller_id="${")
    found = {(problem.code, problem.field) for problem in out.node_type.check(out.config, Nothing())}
    assert found == {("unknown-variable", "number"), ("formula", "caller_id")}


def test_caller_hangs_up_while_the_outside_number_rings(make: Any) -> None:
    out = make("transfer_external", number="10086", trunk="far")
    assert out.run({"hang_up": True}, dials={"10086": "no-answer"}) == "ended caller-hangup"


# transfer agent


@pytest.mark.parametrize("what", ["no-such-agent", "offline", "busy", "timeout"])
def test_transfer_agent_leaves_by_what_he_did(make: Any, what: str) -> None:
    out = make("transfer_agent", agent="ann", ring_s=15, prompts=[text("请稍候")])
    assert out.run(named_agents={"ann": what}) == what.replace("-", "_")
    assert "asks ann" in out.lines and "agent answers" not in out.lines
    assert out.call.monotonic() == (15 if what == "timeout" else 0)


def test_transfer_agent_talks_and_goes_on(make: Any) -> None:
    out = make("transfer_agent", agent="${who}")
    assert out.run({"asks": "bob"}, {"agent": "answers"}, before={"who": " bob "}, talk_s=10) == "answered"
    assert out.call.script.failed_at is None
    assert make("transfer_agent", agent="${who}").run(before={"who": ""}) == "no_such_agent"


# voicemail, record, priority, language, survey


@pytest.mark.parametrize(
    ("steps", "way"),
    [([{"hears": "[tone 1000 Hz]"}, {"speak": 5.0}], "recorded"), ([], "too_short"),
     ([{"hears": "[tone 1000 Hz]"}, {"speak": 2.0}, {"press": "#"}], "recorded"),
     ([{"hears": "[tone 1000 Hz]"}, {"speak": 0.5}], "too_short"),
     ([{"hears": "[tone 1000 Hz]"}, {"speak": 5.0}, {"hang_up": True}], "ended caller-hangup")],
)  # fmt: skip
def test_voicemail(make: Any, steps: list[dict[str, Any]], way: str) -> None:
    mail = make("voicemail", skill_group="sales", prompts=[text("请留言")], max_s=20)
    assert mail.run(*steps) == way
    assert ("message sales" in mail.lines) == (way != "too_short")


def test_voicemail_ends_at_its_greatest_length(make: Any) -> None:
    mail = make("voicemail", skill_group="sales", beep=False, max_s=10)
    assert mail.run({"speak": 60.0}) == "recorded"
    assert mail.call.monotonic() == 10


def test_switches(make: Any) -> None:
    for type_, config, line in (("record", {"action": "pause"}, "record pause"),
                                ("priority", {"priority": 0}, "priority 0"),
                                ("language", {"language": "en"}, "language en")):  # fmt: skip
        trial = make(type_, **config)
        assert trial.run() == "next" and line in trial.lines


def test_survey(make: Any) -> None:
    questions = [{"name": name, "prompts": [text(name)], "keys": "12"} for name in ("first", "second")]
    survey = make("survey", questions=questions, thanks=[text("谢谢")])
    assert survey.run({"hears": "first"}, {"press": "1"}, {"hears": "second"}, {"press": "9"}, {"press": "2"}) == "done"
    assert [line for line in survey.lines if line.startswith("answers")] == ["answers first=1", "answers second=2"]
    assert survey.heard[-1] == "谢谢"
    assert survey.run({"press": "1"}) == "no_answer"
    assert make("survey", questions=questions * 2).node_type.check(make("survey", questions=questions * 2).config, None)
