"""A scripted caller: what a test case in a flow document says the caller does, and what must happen.

``when caller presses 1, hears "...", then queue "sales"`` is
``[{"press": "1"}, {"hears": "..."}, {"queue": "sales"}]``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_serializer, model_validator

from ccc.api.prompt import Value

REACTION_S = 0.5
"""From what the caller waited for to the first key."""
BETWEEN_KEYS_S = 0.3
_MODEL = ConfigDict(frozen=True, extra="forbid")
KEYS = r"^[0-9*#A-D]+$"


class HttpReply(BaseModel):
    """What a server answers in a test: ``text``, or ``body`` as JSON. ``fails`` is why there is no answer at all."""

    model_config = _MODEL
    url: str = Field(max_length=2000)
    """The whole address; a ``*`` at the end stands for any rest."""
    method: str = Field(default="", max_length=16)
    status: int = Field(default=200, ge=100, le=599)
    body: Any = None
    text: str | None = None
    fails: str | None = None
    after_s: float = Field(default=0.0, ge=0, le=3600)

    def fits(self, method: str, url: str) -> bool:
        """Whether it answers this request."""
        same = url.startswith(self.url[:-1]) if self.url.endswith("*") else url == self.url
        return same and self.method in ("", method)


class TestStep(BaseModel):
    """One line of a script: exactly one field. The first four act, the others wait until it happens."""

    __test__ = False
    model_config = _MODEL
    press: str | None = Field(default=None, pattern=KEYS, max_length=64)
    """Keys, 0.5 s after the previous line, 0.3 s apart."""
    wait: float | None = Field(default=None, ge=0, le=86_400)
    """Seconds in which the caller does nothing."""
    speak: float | None = Field(default=None, gt=0, le=3600)
    """Seconds the caller speaks, 0.5 s after the previous line."""
    hang_up: Literal[True] | None = None
    hears: str | None = Field(default=None, min_length=1, max_length=2000)
    """Text some prompt contains; ``[tone 440 Hz]``, ``[audio NAME]`` for other prompts."""
    queue: str | None = Field(default=None, max_length=64)
    """The skill group the call waits for."""
    asks: str | None = Field(default=None, max_length=64)
    """The user name of the one agent who is rung."""
    agent: Literal["answers"] | None = None
    dial: str | None = Field(default=None, max_length=64)
    """The outside number that is called."""
    calls_back: str | None = Field(default=None, max_length=64)
    """The number a callback was asked for."""
    notifies: str | None = Field(default=None, min_length=1, max_length=2000)
    """A piece of ``sms TO: TEXT`` or ``mail TO: SUBJECT: TEXT``."""
    reaches: str | None = Field(default=None, max_length=64)
    """A node's id."""
    exit: str | None = Field(default=None, max_length=160)
    """``node-id.exit-name``: the way a node was left."""
    variables: dict[str, Any] | None = None
    """Values the call's variables have."""
    ends: str | None = Field(default=None, max_length=64)
    """How the call ended: ``normal``, ``caller-hangup``, ``flow-error`` ..."""

    @model_validator(mode="after")
    def _one_field(self) -> TestStep:
        if len(self.model_fields_set) != 1 or getattr(self, next(iter(self.model_fields_set))) is None:
            raise ValueError("a step has exactly one of " + ", ".join(type(self).model_fields))
        return self

    @model_serializer
    def _only_what_is_said(self) -> dict[str, Any]:
        """A step is written as it is read: with its one field, so that a stored document can be read again."""
        return {name: getattr(self, name) for name in self.model_fields_set}

    @property
    def verb(self) -> str:
        """The field that is set."""
        return next(iter(self.model_fields_set))

    @property
    def acts(self) -> bool:
        """Whether the caller does something, rather than waits for something."""
        return self.verb in ("press", "wait", "speak", "hang_up")

    def __str__(self) -> str:
        value = getattr(self, self.verb)
        return self.verb.replace("_", " ") + ("" if value is True else f" {value!r}")


class TestCase(BaseModel):
    """A named test of a flow, run in the simulator (``ccc flows test``)."""

    __test__ = False
    model_config = _MODEL
    name: str = Field(min_length=1, max_length=200)
    caller: str = Field(default="13800138000", max_length=64)
    callee: str = Field(default="4000", max_length=64)
    call_id: str = Field(default="simulated", min_length=1, max_length=64)
    """What draws lots where nothing of the caller does (an A/B split not by caller)."""
    at: datetime = datetime(2026, 1, 5, 10, 0)
    """Local time at which the call comes in; without offset it is the instance's time zone."""
    variables: dict[str, Any] = Field(default_factory=dict, max_length=1000)
    agents: dict[str, Literal["ready", "busy", "none"]] = Field(default_factory=dict, max_length=1000)
    """Skill group -> whether somebody answers; groups not named are ready."""
    named_agents: dict[str, Literal["answers", "no-such-agent", "offline", "busy", "timeout"]] = Field(
        default_factory=dict, max_length=1000
    )
    """User name -> what becomes of a call to that one agent; agents not named answer."""
    dials: dict[str, Literal["answers", "busy", "no-answer", "refused", "error"]] = Field(
        default_factory=dict, max_length=1000
    )
    """Outside number -> what becomes of a call to it; numbers not named answer."""
    callbacks: dict[str, Literal["accepted", "already", "full", "error"]] = Field(default_factory=dict, max_length=1000)
    """Skill group -> what becomes of a request to be called back; groups not named accept."""
    waiting: dict[str, int] = Field(default_factory=dict, max_length=1000)
    """Skill group -> calls already waiting there."""
    hours: dict[str, Literal["open", "closed", "holiday"]] = Field(default_factory=dict, max_length=100)
    """Working hours of the instance by name; those not named are open."""
    tables: dict[str, dict[str, Any]] = Field(default_factory=dict, max_length=100)
    """Lookup tables of the instance: name -> {key -> row}."""
    dedicated: str = Field(default="", max_length=64)
    """User name of the caller's dedicated agent."""
    blacklist: list[str] = Field(default_factory=list, max_length=1000)
    """The instance's blacklist: numbers, and beginnings with a ``*``."""
    http: list[HttpReply] = Field(default_factory=list, max_length=100)
    """What servers answer; the first that fits counts. Without any the request fails."""
    fails: list[str] = Field(default_factory=list, max_length=1000)
    """Nodes (by id) whose work goes wrong: an audio that cannot be played, a part of the system that is down."""
    talk_s: float = Field(default=30.0, ge=0, le=86_400)
    """How long an agent talks before leaving the call."""
    steps: list[TestStep] = Field(default_factory=list, max_length=1000)


@dataclass(frozen=True, slots=True)
class Action:
    """Something the caller will do at ``at`` (seconds since the call began)."""

    at: float
    kind: Literal["key", "speak", "hang-up"]
    key: str = ""
    seconds: float = 0.0
    """How long it takes."""


class Caller:
    """Walks a script: hears what happens, says what the caller does next. Pure; time comes in with each call."""

    def __init__(self, steps: Sequence[TestStep]) -> None:
        self._steps = steps
        self._cursor = 0
        self._keys_done = 0
        self._ready_at = 0.0

    @property
    def failed_at(self) -> TestStep | None:
        """The line the script is waiting at; None when it went through."""
        return self._steps[self._cursor] if self._cursor < len(self._steps) else None

    @property
    def line(self) -> int:
        """The number of that line, from 1."""
        return self._cursor + 1

    def happened(self, verb: str, value: str, at: float, variables: Mapping[str, Value]) -> None:
        """Something the script may wait for: at most one waiting line is fulfilled, then any ``variables`` lines."""
        step = self.failed_at
        if step is not None and step.verb == verb and self._fits(step, verb, value):
            self._next(at)
        while (step := self.failed_at) is not None and step.variables is not None:
            if any(name not in variables or variables[name] != wanted for name, wanted in step.variables.items()):
                return
            self._next(at)

    @property
    def ready_at(self) -> float:
        """When the caller is done with the line before: s since the call began."""
        return self._ready_at

    def rest(self, until: float) -> None:
        """The caller does nothing before ``until``."""
        self._ready_at = until

    def next_action(self) -> Action | None:
        """What the caller does next if nothing happens before; None while the script waits or is over."""
        while (step := self.failed_at) is not None and step.wait is not None:
            self._next(self._ready_at + step.wait)
        if step is None or not step.acts:
            return None
        if step.speak is not None:
            return Action(self._ready_at + REACTION_S, "speak", seconds=step.speak)
        if step.press is None:
            return Action(self._ready_at + REACTION_S, "hang-up")
        delay = BETWEEN_KEYS_S if self._keys_done else REACTION_S
        return Action(self._ready_at + delay, "key", step.press[self._keys_done])

    def did(self, action: Action) -> None:
        """The action of :meth:`next_action` was carried out."""
        step = self.failed_at
        assert step is not None
        if step.press is not None and self._keys_done + 1 < len(step.press):
            self._keys_done += 1
            self._ready_at = action.at
        else:
            self._next(action.at + action.seconds)

    def _next(self, at: float) -> None:
        self._cursor += 1
        self._keys_done = 0
        self._ready_at = at

    @staticmethod
    def _fits(step: TestStep, verb: str, value: str) -> bool:
        wanted = getattr(step, verb)
        return bool(wanted in value if verb in ("hears", "notifies") else wanted == value)
