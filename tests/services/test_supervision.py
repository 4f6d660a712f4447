"""A supervisor chooses an agent's state: who may, what is refused, what the log keeps."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ccc.bus import NoAnswerError, serve
from ccc.errors import CccError, ConflictError, ForbiddenError, InvalidError, NotFoundError, UnavailableError
from ccc.services import orders, users
from ccc.services.actor import SYSTEM, Actor
from ccc.services.supervision import set_agent_state
from ccc.store import Store
from ccc.store.repos import audit, centre

LI = Actor("li", {"demo": "supervisor"})


def chosen(
    store: Store, answer: dict[str, Any], *what: str, asked: list[dict[str, Any]] | None = None
) -> list[dict[str, Any]]:
    """What the telephone side was asked (``asked``: also when that failed)."""
    asked = [] if asked is None else asked

    async def handler(message: dict[str, Any]) -> dict[str, Any]:
        asked.append(message)
        return answer

    async def main() -> None:
        store.home.run.mkdir(parents=True, exist_ok=True)
        async with serve(store.home.socket("runtime"), handler):
            await asyncio.to_thread(set_agent_state, store, LI, "demo", *what)

    asyncio.run(main())
    return asked


@pytest.fixture
def ann(store: Store) -> Store:
    users.add_user(store, SYSTEM, "ann", "password1", instance="demo")
    return store


def test_carried_out_and_in_the_log(ann: Store) -> None:
    with ann.read() as session:
        reason = next(item for item in centre.instances(session) if item.name == "demo").break_reasons[0]
    [asked] = chosen(ann, {}, "ann", "break", reason)
    assert asked == {
        "op": "agent-state", "instance": "demo", "user": "ann", "state": "break", "reason": reason, "by": "li",
    }  # fmt: skip
    with ann.read() as session:
        entry = audit.find(session, "demo")[0]
    assert (entry.user, entry.action, entry.object) == ("li", "agent.state", "ann")


@pytest.mark.parametrize(
    ("what", "error"),
    [
        (("ann", "talking"), InvalidError),
        (("ann", "break", "no such reason"), InvalidError),
        (("ann", "ready", "x"), InvalidError),
        (("nobody", "ready"), NotFoundError),
    ],
)
def test_nonsense_reaches_nobody(ann: Store, what: tuple[str, ...], error: type[CccError]) -> None:
    with pytest.raises(error):
        set_agent_state(ann, LI, "demo", *what)


def outcomes(store: Store) -> list[tuple[str, str]]:
    """(state, outcome) of the entries about ann, in order; '' for what was carried out unless another one follows."""
    with store.read() as session:
        entries = [entry for entry in audit.find(session, "demo") if entry.action == "agent.state"]
    return [(entry.detail["state"], entry.detail.get("outcome", "")) for entry in reversed(entries)]


def test_who_may_not_leaves_no_entry(ann: Store) -> None:
    with pytest.raises(ForbiddenError):
        set_agent_state(ann, Actor("ann", {"demo": "agent"}), "demo", "ann", "ready")
    assert outcomes(ann) == []


def test_what_was_not_done_is_told(ann: Store) -> None:
    with pytest.raises(UnavailableError, match="telephone side"):
        set_agent_state(ann, LI, "demo", "ann", "ready")
    with pytest.raises(ConflictError, match="workbench"):
        chosen(ann, {"error": {"code": "away", "message": ""}}, "ann", "offline")
    assert outcomes(ann) == [("ready", ""), ("ready", "not-asked"), ("offline", ""), ("offline", "refused")]


def test_an_answer_that_comes_too_late_leaves_the_entry(ann: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have been carried out: the log must not deny it."""
    monkeypatch.setattr(orders, "ANSWER_S", 0.05)
    carried_out = []

    async def main() -> None:
        waited = asyncio.Event()

        async def handler(message: dict[str, Any]) -> dict[str, Any]:
            carried_out.append(message["state"])
            await waited.wait()
            return {}

        ann.home.run.mkdir(parents=True, exist_ok=True)
        async with serve(ann.home.socket("runtime"), handler):
            with pytest.raises(NoAnswerError):
                await asyncio.to_thread(set_agent_state, ann, LI, "demo", "ann", "break")
            waited.set()

    asyncio.run(main())
    assert carried_out == ["break"]
    assert outcomes(ann) == [("break", ""), ("break", "unanswered")]


def test_nothing_is_done_that_the_log_cannot_keep(ann: Store) -> None:
    """Another process holds the store: the telephone side is not even asked."""
    ann.close()
    hasty = Store(ann.home, busy_timeout_s=0.05)
    holder = Store(ann.home)
    asked: list[dict[str, Any]] = []
    with holder.write(), pytest.raises(UnavailableError):
        chosen(hasty, {}, "ann", "offline", asked=asked)
    assert asked == []
    assert [one["state"] for one in chosen(hasty, {}, "ann", "offline")] == ["offline"]
    holder.close()
    hasty.close()
