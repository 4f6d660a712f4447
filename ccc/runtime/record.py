"""A call's record: what happened, written to the journal as it happens (docs/protocols.md "Journal records")."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Protocol

from ccc.api.notice import Notice

Step = dict[str, Any]
MAX_KEYS = 200


class Journal(Protocol):
    """Where records go; :class:`ccc.journal.Writer` is one."""

    def append(self, record: dict[str, Any]) -> None: ...


class CallRecord:
    """Collects steps and facts of one call. Times are one wall-clock reading plus the monotonic clock."""

    def __init__(
        self, journal: Journal, call_id: str, facts: Mapping[str, Any], started_at: float | None = None
    ) -> None:
        """``started_at`` (UTC epoch seconds): of a call that is told of afterwards."""
        self._journal = journal
        self._started_wall = time.time() if started_at is None else started_at
        self._started_mono = time.monotonic()
        self.id = call_id
        self.facts = dict(facts)
        self.steps: list[Step] = []
        self.running: list[Step] = []
        """Those not left yet, outermost first: more than one while a sub-flow runs."""
        self.answered_at: float | None = None
        self.agent: str | None = None
        self.skill_group: str | None = None
        self.waited_s = 0.0
        self.talk_s = 0.0
        self._queued_at: float | None = None
        self.recording: str | None = None
        self.keys = ""
        self.closed: dict[str, Any] | None = None
        self._notices = 0

    @property
    def started_at(self) -> float:
        return self._started_wall

    def now(self) -> float:
        """UTC epoch seconds that cannot jump within a call."""
        return round(self._started_wall + time.monotonic() - self._started_mono, 3)

    def opened(self, dialog: dict[str, Any]) -> None:
        self._journal.append(
            {"k": "open", "id": self.id, "at": round(self.started_at, 3), **self.facts, "dialog": dialog}
        )

    def dialog(self, dialog: dict[str, Any]) -> None:
        self._journal.append({"k": "dialog", "id": self.id, "dialog": dialog})

    def answered(self, dialog: dict[str, Any]) -> None:
        self.answered_at = self.now()
        self._journal.append({"k": "answered", "id": self.id, "at": self.answered_at, "dialog": dialog})

    # Observer of the interpreter -------------------------------------------------------------

    def entered(self, n: int, node: str, name: str, type_: str, **inside: Any) -> None:
        """``inside``: ``flow``, ``flow_version`` and ``depth`` (from 1) of a step in a sub-flow."""
        step = {
            "n": n,
            "node": node,
            "name": name,
            "type": type_,
            "entered_at": self.now(),
            "left_at": None,
            "exit": None,
            **inside,
        }
        self.steps.append(step)
        self.running.append(step)
        self._journal.append({"k": "step", "id": self.id, **step})

    def left(self, n: int, exit_: str | None, variables: Mapping[str, Any]) -> None:
        if self.closed is not None:
            return  # the closing record has told it already
        step = self._step(n)
        while self.running and self.running[-1]["n"] >= n:
            self.running.pop()
        step["left_at"], step["exit"] = self.now(), exit_
        if variables:
            step["variables"] = dict(variables)
        self._journal.append({"k": "step", "id": self.id, **step})

    def _step(self, n: int) -> Step:
        return next(step for step in reversed(self.steps) if step["n"] == n)

    # Facts along the way ---------------------------------------------------------------------

    def key(self, key: str) -> None:
        if len(self.keys) < MAX_KEYS:
            self.keys += key

    def queued(self, group: str) -> None:
        """Waiting in the group's queue began; a caller who gives up there has waited for that group."""
        self.skill_group, self._queued_at = group, time.monotonic()

    def out_of_queue(self) -> None:
        """Waiting ended, whatever the reason. ``waited_s`` is the sum over all queues."""
        if self._queued_at is not None:
            self.waited_s += time.monotonic() - self._queued_at
            self._queued_at = None

    def talking(self, agent: str, group: str) -> None:
        self.agent, self.skill_group = agent, group
        self._journal.append({"k": "agent", "id": self.id, "agent": agent, "group": group, "at": self.now()})

    def leg(self, **facts: Any) -> None:
        """What is known of the party called by the running step: callee, trunk, answered_at, ended_at, cause ..."""
        step = self.steps[-1]
        step["leg"] = {**step.get("leg", {}), **facts}
        self._journal.append({"k": "step", "id": self.id, **step})

    def leg_dialog(self, leg: str, dialog: dict[str, Any] | None) -> None:
        """The dialog with a party we called: what a BYE needs after a death of ours; None once it is over."""
        self._journal.append({"k": "leg", "id": self.id, "leg": leg, "dialog": dialog})

    def voicemail(self, path: str, seconds: float, group: str) -> None:
        """A message was left (``path`` relative to the recordings); also after the closing record."""
        self._journal.append(
            {
                "k": "voicemail",
                "id": self.id,
                "instance": self.facts["instance"],
                "caller": self.facts["caller"],
                "callee": self.facts["callee"],
                "skill_group": group,
                "path": path,
                "seconds": round(seconds, 3),
                "at": self.now(),
            }
        )

    def survey(self, question: str, answer: str) -> None:
        """The caller's answer to a question of the running step."""
        step = self.steps[-1]
        step["survey"] = [*step.get("survey", []), {"question": question, "answer": answer}]
        self._journal.append({"k": "step", "id": self.id, **step})

    def recording_started(self, path: str) -> None:
        self.recording = path
        self._journal.append({"k": "rec", "id": self.id, "path": path})

    def recording_failed(self) -> None:
        """Nothing was recorded after all."""
        if self.recording is not None and self.closed is None:
            self.recording = None
            self._journal.append({"k": "rec", "id": self.id, "path": None})

    def notice(self, notice: Notice) -> None:
        """A message to be sent: on disk before the flow goes on; jobs takes it from there."""
        self._notices += 1
        self._journal.append(
            {
                "k": "notice",
                "notice": f"{self.id}-{self._notices}",
                "call": self.id,
                "instance": self.facts["instance"],
                "at": self.now(),
                "channel": notice.channel,
                "to": notice.to,
                "subject": notice.subject,
                "text": notice.text,
            }
        )

    def close(self, cause: str, detail: str = "") -> dict[str, Any]:
        """Write the closing record; the first cause wins, later calls change nothing."""
        if self.closed is None:
            ended = self.now()
            self.out_of_queue()
            for step in self.steps:
                if step["left_at"] is None:
                    step["left_at"] = ended
                if "leg" in step and step["leg"]["ended_at"] is None:
                    step["leg"] = {**step["leg"], "ended_at": ended, "cause": cause}
            self.closed = {
                "id": self.id,
                **self.facts,
                "started_at": round(self.started_at, 3),
                "answered_at": self.answered_at,
                "ended_at": ended,
                "cause": cause,
                "cause_detail": detail,
                "agent": self.agent,
                "skill_group": self.skill_group,
                "waited_s": round(self.waited_s, 3),
                "talk_s": round(self.talk_s, 3),
                "keys": self.keys,
                "recording": self.recording,
                "steps": self.steps,
            }
            self._journal.append({"k": "close", "id": self.id, "cdr": self.closed})
        return self.closed
