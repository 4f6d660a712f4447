"""The checks every node type and TTS engine must pass (``ccc check PATH``, or an author's own tests)."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from pydantic import BaseModel

from ccc.api.control import CallEnded, FlowFailed
from ccc.api.node import Exit, NodeType
from ccc.api.problem import Problem, RefKind
from ccc.api.prompt import AudioPrompt, SilencePrompt, TextPrompt, TonePrompt
from ccc.api.script import TestCase, TestStep
from ccc.api.testkit.call import Happening, ScriptedCall
from ccc.api.tts import TtsEngine, Voice

CALLERS: Mapping[str, list[TestStep]] = {
    "says nothing": [],
    "presses 1": [TestStep(press="1")],
    "presses 12345#": [TestStep(press="12345#")],
    "hangs up": [TestStep(hang_up=True)],
}
_KINDS = ("any", "text", "number", "bool", "list", "row", "null")


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check of one plugin part. ``failure`` None: passed."""

    name: str
    failure: str | None = None


class _Everything:
    def has(self, kind: RefKind, name: str) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How a run ended, comparable."""

    how: str
    transcript: tuple[Happening, ...]


def check_node_type(node_type: NodeType) -> list[CheckResult]:
    """All checks of one node type instance, each with its examples."""
    results = [
        _try("settings have a JSON schema", lambda: json.dumps(node_type.Config.model_json_schema())),
        _try("settings have words in English and Chinese", lambda: _words(node_type.Config.model_json_schema())),
    ]
    for index, example in enumerate(node_type.examples):
        where = f"example {index + 1}"
        try:
            config = node_type.Config.model_validate(example)
        except ValueError as error:
            results.append(CheckResult(f"{where}: settings are valid", str(error)))
            continue
        results += [
            _try(f"{where}: settings survive JSON", partial(_round_trip, node_type, config)),
            _try(f"{where}: exits", partial(_exits, node_type, config)),
            _try(f"{where}: check, prompts, uses and sets", partial(_declarations, node_type, config)),
            _try(f"{where}: four calls at once", partial(_runs, node_type, config)),
        ]
    return results


def check_tts(engine: TtsEngine) -> list[CheckResult]:
    """A TTS engine has voices and speaks; slower speech is longer."""
    return [
        _try("voices", lambda: _voices(engine)),
        _try("speaks", lambda: _speaks(engine)),
    ]


def _try(name: str, check: Callable[[], object]) -> CheckResult:
    try:
        check()
    except AssertionError as error:
        return CheckResult(name, str(error))
    except Exception as error:  # the plugin's own code
        return CheckResult(name, f"{type(error).__name__}: {error}")
    return CheckResult(name)


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise AssertionError(message)


def _round_trip(node_type: NodeType, config: BaseModel) -> None:
    text = json.dumps(config.model_dump(mode="json"))
    _require(node_type.Config.model_validate(json.loads(text)) == config, f"written and read again they differ: {text}")


def _words(schema: Any) -> None:
    """Every setting has a label, every choice a name: nobody reads names of the code on the screen."""
    for name, inner in schema.get("properties", {}).items() if isinstance(schema, Mapping) else ():
        if "const" not in inner:
            _both(inner.get("x-label"), f"{name!r} has no label; make it with setting(en=..., zh=...)")
        if "x-help" in inner:
            _both(inner["x-help"], f"{name!r} needs help_en and help_zh, or neither")
        for value in inner.get("enum", ()):
            named = inner.get("x-choices", {}).get(str(value))
            _both(named, f"the choice {value!r} of {name!r} has no name; setting(choices={{value: (en, zh)}})")
    for inner in schema.values() if isinstance(schema, Mapping) else schema:
        if isinstance(inner, Mapping | list):
            _words(inner)


def _both(words: Any, message: str) -> None:
    _require(isinstance(words, Mapping) and all(words.get(tongue) for tongue in ("en", "zh")), message)


def _exits(node_type: NodeType, config: BaseModel) -> None:
    ways = list(node_type.exits(config))
    _require(all(isinstance(way, Exit) for way in ways), "exits() must return ccc.api.Exit objects")
    names = [way.name for way in ways]
    _require(len(set(names)) == len(names), f"exits() returns a name twice: {names}")
    for way in ways:
        _require({"en", "zh"} <= set(way.label), f"the label of exit {way.name!r} needs en and zh")


def _declarations(node_type: NodeType, config: BaseModel) -> None:
    found = list(node_type.check(config, _Everything()))
    _require(all(isinstance(problem, Problem) for problem in found), "check() must return ccc.api.Problem objects")
    errors = [problem.message for problem in found if problem.severity == "error"]
    _require(not errors, f"check() finds errors in an example: {errors}")
    prompts = list(node_type.prompts(config))
    kinds = (TextPrompt, AudioPrompt, TonePrompt, SilencePrompt)
    _require(all(isinstance(prompt, kinds) for prompt in prompts), "prompts() must return prompts")
    for use in node_type.uses(config):
        _require(len(use) == 2 and all(isinstance(part, str) for part in use), "uses() must return (kind, name) pairs")
    for name, kind in node_type.sets(config).items():
        _require(kind in _KINDS, f"sets() says {name!r} is {kind!r}; kinds are {', '.join(_KINDS)}")


def _runs(node_type: NodeType, config: BaseModel) -> None:
    """One instance serves several calls at once: each must go as it goes alone, and leave nothing on the instance."""
    before = copy.copy(vars(node_type))
    alone = {name: asyncio.run(_run(node_type, config, steps)) for name, steps in CALLERS.items()}
    together = asyncio.run(_together(node_type, config))
    for name, outcome in alone.items():
        _require(not outcome.how.startswith("raised"), f"a caller who {name}: run() {outcome.how}")
        _require(
            together[name] == outcome,
            f"a caller who {name}: alone it {outcome.how}, beside other calls it {together[name].how}; "
            "is call state kept on self or on the class?",
        )
    _require(vars(node_type) == before, "run() changed attributes of the node type; keep call state in call.variables")


async def _together(node_type: NodeType, config: BaseModel) -> dict[str, _Outcome]:
    outcomes = await asyncio.gather(*(_run(node_type, config, steps) for steps in CALLERS.values()))
    return dict(zip(CALLERS, outcomes, strict=True))


async def _run(node_type: NodeType, config: Any, steps: list[TestStep]) -> _Outcome:
    call = ScriptedCall(TestCase(name="conformance", steps=steps))
    declared = [way.name for way in node_type.exits(config)]
    try:
        way = await node_type.run(call, config)
        known = way in declared or node_type.ends_call
        how = f"left by {way!r}" if known else f"raised nothing but returned {way!r}, which exits() does not declare"
    except CallEnded as ended:
        how = f"ended with {ended.cause}"
    except FlowFailed as error:
        how = f"failed: {error.message}"
    except Exception as error:  # the plugin's own code
        how = f"raised {type(error).__name__}: {error}"
    return _Outcome(how, tuple(call.transcript))


def _voices(engine: TtsEngine) -> None:
    voices = engine.voices()
    _require(bool(voices), "there is no voice")
    _require(all(isinstance(voice, Voice) for voice in voices), "voices() must return ccc.api.Voice objects")
    names = [voice.name for voice in voices]
    _require(len(set(names)) == len(names), "two voices have one name")


def _speaks(engine: TtsEngine) -> None:
    samples, rate = engine.say("您好, hello 123", None, 1.0)
    _require(
        isinstance(samples, np.ndarray) and samples.dtype == np.int16 and samples.ndim == 1, "say() must return int16"
    )
    _require(8000 <= rate <= 48_000, f"{rate} Hz is not a usable rate")
    _require(len(samples) > rate // 4 and bool(np.any(samples)), "what it says is silent or shorter than 0.25 s")
    slow, _ = engine.say("您好, hello 123", None, 0.5)
    _require(len(slow) > len(samples), "at speed 0.5 it does not take longer")
