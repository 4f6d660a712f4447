"""The runtime lives on: a failing background task, a plugin that raises, a snapshot half of which cannot be taken."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ccc.api.prompt import TextPrompt
from ccc.home import Home
from ccc.journal.recover import OpenCall, scan
from ccc.loader import Registry, load
from ccc.runtime import config as config_module
from ccc.runtime import prompts as prompts_module
from ccc.runtime.config import Configuration
from ccc.runtime.main import keep
from ccc.runtime.prompts import PromptFinder
from ccc.runtime.recovery import settle as settle_calls
from ccc.snapshot.file import write
from ccc.snapshot.model import FlowVersion, Instance, Snapshot
from tests.runtime.fakes import Lines, Stage, settle
from tests.runtime.test_call import MENU


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(entry_points=False)


def test_a_background_task_that_fails_begins_anew(caplog: pytest.LogCaptureFixture) -> None:
    begun: list[int] = []

    async def work() -> None:
        begun.append(1)
        if len(begun) < 3:
            raise ValueError("a bug")
        await asyncio.sleep(60)

    async def main() -> None:
        task = asyncio.create_task(keep("work", work, again_s=0.0))
        await settle()
        assert len(begun) == 3 and not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()

    asyncio.run(main())
    assert caplog.text.count("a bug") >= 2


def snapshot(home: Home, counter: int, *documents: dict[str, Any]) -> None:
    flows = tuple(FlowVersion(d["name"], "demo", 1, f"hash-{d['name']}", d) for d in documents)
    write(home.snapshot, Snapshot(counter, 0.0, instances=(Instance("demo", "Demo", "acme"),), flows=flows))


def test_a_plugin_that_raises_while_a_flow_is_compiled_costs_only_that_flow(
    home: Home, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = config_module.compile_in_steps

    def broken(document: Any, *rest: Any) -> Any:
        if document.name == "bad":
            raise ZeroDivisionError("in a plugin")
        return real(document, *rest)

    monkeypatch.setattr(config_module, "compile_in_steps", broken)
    snapshot(home, 1, {**MENU, "name": "bad"}, MENU)
    config = Configuration(home.snapshot, registry)
    assert asyncio.run(config.reload()) == 1
    bad, good = config.index.snapshot.flows
    assert config.compiled(bad) is None and config.compiled(good) is not None


def test_a_part_that_cannot_take_a_snapshot_over_does_not_end_the_polling(home: Home, registry: Registry) -> None:
    config = Configuration(home.snapshot, registry)
    seen: list[int] = []

    def refuse(index: Any) -> None:
        seen.append(index.snapshot.counter)
        raise RuntimeError("no")

    config.on_change = refuse
    for number in (1, 2):
        snapshot(home, number)
        assert asyncio.run(config.reload()) == number
    assert seen == [1, 2]


def test_a_snapshot_folder_that_cannot_be_read_keeps_the_old_one(home: Home, registry: Registry) -> None:
    snapshot(home, 1)
    config = Configuration(home.snapshot, registry)
    assert asyncio.run(config.reload()) == 1
    home.snapshot.unlink()
    home.snapshot.parent.rmdir()
    home.snapshot.parent.write_bytes(b"")
    assert asyncio.run(config.reload()) == 1


def test_a_dialog_nobody_understands_does_not_keep_the_others_from_their_bye() -> None:
    ended: list[str] = []

    class Endpoint:
        def resume_bye(self, dialog: dict[str, Any], reason: str) -> None:
            ended.append(dialog["call_id"])

    class Figures:
        def add(self, record: dict[str, Any], now: float) -> None:
            pass

    journal = Lines()
    dialogs: dict[str, dict[str, Any]] = {"a": {}, "b": {"call_id": "b"}}
    calls = {name: OpenCall(name, {"at": 1.0}, dialog, answered_at=2.0) for name, dialog in dialogs.items()}
    settle_calls(calls, Endpoint(), journal, Figures())  # type: ignore[arg-type]
    assert ended == ["b"]
    assert [cdr["id"] for cdr in journal.closed()] == ["a", "b"]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[1, null]", b"{}", b"7"])
def test_damaged_agents_states_do_not_keep_the_telephone_side_from_starting(home: Home, content: bytes) -> None:
    (home.journal / "agents.json").write_bytes(content)
    assert scan(home.journal).agents == {}


def test_a_second_signal_ends_the_draining(home: Home, registry: Registry) -> None:
    async def main() -> None:
        stage = Stage(home, registry, MENU)
        session = stage.invite()
        await settle()
        hurry = asyncio.Event()
        drain = asyncio.create_task(stage.board.drain(60.0, hurry))
        await settle()
        assert not drain.done() and stage.board.accepting() == (503, "Shutting down")
        hurry.set()
        await asyncio.wait_for(drain, 1.0)
        assert session.log[-1] == "bye"
        assert stage.journal.closed()[0]["cause"] == "shutdown"

    asyncio.run(main())


def test_a_prompt_deleted_behind_our_back_is_ordered_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    prompt = TextPrompt(text="hello")
    file = prompts_module.prompt_path(home, prompt)
    orders: list[dict[str, Any]] = []

    async def jobs(path: Any, message: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        orders.append(message)
        file.write_bytes(b"\xd5")
        return {"path": str(file)}

    monkeypatch.setattr(prompts_module, "request_async", jobs)
    finder = PromptFinder(home, lambda: None)  # type: ignore[arg-type, return-value]

    async def main() -> None:
        for _ in range(2):
            assert await finder.items([prompt], "demo", str) == [str(file)]
        file.unlink()
        assert await finder.items([prompt], "demo", str) == [str(file)]

    asyncio.run(main())
    assert len(orders) == 2


def test_an_unwritable_journal_refuses_new_calls_and_keeps_old_ones(home: Home, registry: Registry) -> None:
    async def main() -> None:
        stage = Stage(home, registry, MENU)
        session = stage.invite()
        await settle()
        stage.journal.healthy = False
        assert stage.board.accepting() == (503, "Call records cannot be written")
        stage.leg_event(ev="dtmf", key="1", via="rfc4733")
        await settle()
        assert stage.worker.named("play")[-1]["files"] == [stage.board.hold_music]
        session.peer_hangs_up()
        await settle()
        assert stage.journal.closed()[0]["cause"] == "abandoned"

    asyncio.run(main())
