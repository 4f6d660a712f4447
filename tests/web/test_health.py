"""/healthz: one state per part, 200 exactly while calls can be taken."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ccc.bus import server
from ccc.home import Home
from ccc.store import Store
from ccc.web.health import Health

UP = {"runtime": "up", "sip": "up", "media": ["up", "up"], "journal": "up", "calls": 3}


@contextlib.contextmanager
def answering(home: Home, **answers: dict[str, Any]) -> Iterator[None]:
    """Processes of these names that answer every question so."""
    loop, stop, ready = asyncio.new_event_loop(), asyncio.Event(), threading.Event()

    async def main() -> None:
        async with contextlib.AsyncExitStack() as stack:
            for name, answer in answers.items():

                async def handler(message: dict[str, Any], answer: dict[str, Any] = answer) -> dict[str, Any]:
                    return answer if message["op"] == "health" else {}

                await stack.enter_async_context(server.serve(home.socket(name), handler))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(main()))
    thread.start()
    assert ready.wait(5)
    yield
    loop.call_soon_threadsafe(stop.set)
    thread.join(5)
    loop.close()


class Answer:
    """What an ASGI application sent."""

    def __init__(self) -> None:
        self.status, self.body, self.headers = 0, b"", dict[bytes, bytes]()

    async def send(self, message: dict[str, Any]) -> None:
        self.status = message.get("status", self.status)
        self.headers.update(message.get("headers", ()))
        self.body += message.get("body", b"")

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)


async def ask(health: Health, method: str = "GET") -> Answer:
    answer = Answer()
    await health({"type": "http", "method": method, "path": "/healthz"}, lambda: asyncio.sleep(60), answer.send)
    return answer


def get(home: Home, store: Store) -> Answer:
    return asyncio.run(ask(Health(home, store)))


def test_everything_up(web_home: Home, store: Store) -> None:
    with answering(web_home, runtime=UP, jobs={"jobs": "up", "store": "up", "journal_lag_bytes": 0}):
        answer = get(web_home, store)
    assert answer.status == 200
    assert answer.json == {
        "calls_possible": True,
        "web": "up",
        "runtime": "up",
        "sip": "up",
        "media": "up",
        "media_workers": ["up", "up"],
        "journal": "up",
        "calls": 3,
        "jobs": "up",
        "journal_lag_bytes": 0,
        "store": "up",
    }


def test_calls_go_on_without_jobs_and_store(web_home: Home, store: Store) -> None:
    store.home.database.rename(store.home.root / "gone.db")
    store.engine.dispose()
    store.home.database.mkdir()
    with answering(web_home, runtime=UP):
        answer = get(web_home, store)
    assert (answer.status, answer.json["jobs"], answer.json["store"]) == (200, "down", "down")


@pytest.mark.parametrize(
    ("part", "state"),
    [("sip", "down"), ("journal", "unwritable"), ("media", []), ("media", ["down"]), ("media", [{"state": "down"}])],
)
def test_no_calls_without_these(web_home: Home, store: Store, part: str, state: Any) -> None:
    with answering(web_home, runtime=UP | {part: state}):
        answer = get(web_home, store)
    assert answer.status == 503
    assert answer.json[part] != "up" and answer.json["calls_possible"] is False


def test_a_runtime_that_refuses_calls_says_why(web_home: Home, store: Store) -> None:
    with answering(web_home, runtime=UP | {"taking_calls": False, "refusing": "draining"}):
        answer = get(web_home, store)
    assert (answer.status, answer.json["refusing"], answer.json["runtime"]) == (503, "draining", "up")


@pytest.mark.parametrize("workers", [["up", "down"], [{"state": "up"}, {"state": "down"}]])
def test_one_worker_is_enough(web_home: Home, store: Store, workers: Any) -> None:
    with answering(web_home, runtime=UP | {"media": workers}):
        assert get(web_home, store).status == 200


def test_a_telephone_side_that_refuses_every_call_says_why(web_home: Home, store: Store) -> None:
    with answering(web_home, runtime=UP | {"taking_calls": False, "refusing": "No media capacity"}):
        answer = get(web_home, store)
    assert answer.status == 503
    assert (answer.json["refusing"], answer.json["calls_possible"]) == ("No media capacity", False)


def test_no_telephone_side_at_all(web_home: Home, store: Store) -> None:
    answer = get(web_home, store)
    assert answer.status == 503
    assert [answer.json[part] for part in ("runtime", "sip", "media", "journal")] == ["down"] * 4


def test_a_crowd_that_asks_costs_one_question_and_no_thread(
    web_home: Home, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has signed in to ask: it must stay cheap."""
    questions: Counter[str] = Counter()
    release = threading.Event()

    async def slow(path: Path, message: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        questions[path.stem] += 1
        await asyncio.sleep(0.05)
        return UP if path.stem == "runtime" else {"jobs": "up"}

    def hangs(_: Store) -> None:
        questions["store"] += 1
        release.wait(5)

    monkeypatch.setattr("ccc.web.health.bus.request_async", slow)
    monkeypatch.setattr("ccc.web.health.sessions.ping", hangs)
    monkeypatch.setattr("ccc.web.health.ANSWER_S", 0.1)

    async def main() -> None:
        health = Health(web_home, store)
        answers = await asyncio.gather(*(ask(health) for _ in range(200)))
        assert {answer.status for answer in answers} == {200}
        assert answers[0].json["store"] == "down" and questions == {"runtime": 1, "jobs": 1, "store": 1}
        impatient = asyncio.create_task(ask(health))
        await asyncio.sleep(0)
        impatient.cancel()
        assert (await ask(health)).status == 200, "who hangs up takes the answer from nobody"
        health._known_at = float("-inf")
        await ask(health)
        assert questions == {"runtime": 2, "jobs": 2, "store": 1}, "one thread hangs, not two"
        release.set()

    asyncio.run(main())


def test_it_is_for_looking_only(web_home: Home, store: Store) -> None:
    answer = asyncio.run(ask(Health(web_home, store), "POST"))
    assert (answer.status, answer.headers[b"allow"]) == (405, b"GET, HEAD")
