"""/healthz: one state per part, 200 exactly while calls can be taken."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from ccc.bus import server
from ccc.home import Home
from ccc.store import Store

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


def test_everything_up(client: FlaskClient, web_home: Home) -> None:
    with answering(web_home, runtime=UP, jobs={"jobs": "up", "store": "up", "journal_lag_bytes": 0}):
        answer = client.get("/healthz")
    assert answer.status_code == 200
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


def test_calls_go_on_without_jobs_and_store(client: FlaskClient, web_home: Home, store: Store) -> None:
    store.home.database.rename(store.home.root / "gone.db")
    store.engine.dispose()
    store.home.database.mkdir()
    with answering(web_home, runtime=UP):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json["jobs"], answer.json["store"]) == (200, "down", "down")


@pytest.mark.parametrize(
    ("part", "state"),
    [("sip", "down"), ("journal", "unwritable"), ("media", []), ("media", ["down"]), ("media", [{"state": "down"}])],
)
def test_no_calls_without_these(client: FlaskClient, web_home: Home, part: str, state: Any) -> None:
    with answering(web_home, runtime=UP | {part: state}):
        answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json[part] != "up" and answer.json["calls_possible"] is False


def test_a_runtime_that_refuses_calls_says_why(client: FlaskClient, web_home: Home) -> None:
    with answering(web_home, runtime=UP | {"taking_calls": False, "refusing": "draining"}):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json["refusing"], answer.json["runtime"]) == (503, "draining", "up")


@pytest.mark.parametrize("workers", [["up", "down"], [{"state": "up"}, {"state": "down"}]])
def test_one_worker_is_enough(client: FlaskClient, web_home: Home, workers: Any) -> None:
    with answering(web_home, runtime=UP | {"media": workers}):
        assert client.get("/healthz").status_code == 200


def test_a_telephone_side_that_refuses_every_call_says_why(client: FlaskClient, web_home: Home) -> None:
    with answering(web_home, runtime=UP | {"taking_calls": False, "refusing": "No media capacity"}):
        answer = client.get("/healthz")
    assert answer.status_code == 503
    assert (answer.json["refusing"], answer.json["calls_possible"]) == ("No media capacity", False)


def test_no_telephone_side_at_all(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert [answer.json[part] for part in ("runtime", "sip", "media", "journal")] == ["down"] * 4
