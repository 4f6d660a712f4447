"""The real jobs process while the store is held by somebody else, and at its end."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from ccc.bus import request
from ccc.commands.calls import SETTLE_S, calls
from ccc.errors import UnavailableError
from ccc.home import Home
from ccc.journal import Writer
from ccc.store import upgrade
from tests.jobs.test_tail import call_records

CALLS = 3000
STEPS = 8


def write_calls(writer: Writer, name: str, count: int) -> None:
    for n in range(count):
        opened, step, closed = call_records(f"{name}{n:05}", 1000.0 + n)
        steps = [{**step, "n": k, "name": "Menu", "type": "menu", "left_at": 2.0, "exit": "1"} for k in range(STEPS)]
        closed["cdr"]["steps"] = steps
        with writer.batch() as batch:
            for record in (opened, *steps, closed):
                batch.append(record)


def count(home: Home) -> tuple[int, int]:
    """(calls, different ids)"""
    connection = sqlite3.connect(f"file:{home.database}?mode=ro", uri=True)
    try:
        found: tuple[int, int] = connection.execute("SELECT count(*), count(DISTINCT id) FROM calls").fetchone()
        return found
    finally:
        connection.close()


def wait_for(condition, timeout_s: float) -> float:
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < timeout_s, "did not happen in time"
        time.sleep(0.05)
    return time.monotonic() - started


def health(home: Home) -> dict:
    try:
        return request(home.socket("jobs"), {"op": "health"}, 10.0)
    except UnavailableError:
        return {}


@pytest.fixture
def jobs(home: Home) -> Iterator[subprocess.Popen[bytes]]:
    upgrade(home)
    process = subprocess.Popen([sys.executable, "-m", "ccc.cli", "jobs", "--home", str(home.root)])
    try:
        wait_for(lambda: health(home).get("jobs") == "up", 30)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def test_3000_calls_while_the_store_is_held(home: Home, jobs: subprocess.Popen[bytes]) -> None:
    with Writer(home.journal) as writer:
        write_calls(writer, "warm", 300)
        wait_for(lambda: count(home)[0] == 300, 30)
        process = psutil.Process(jobs.pid)
        before = process.memory_info().rss
        holder = sqlite3.connect(home.database, isolation_level=None, timeout=20)
        holder.execute("BEGIN EXCLUSIVE")
        write_calls(writer, "held", CALLS)
        peak = 0
        end = time.monotonic() + 7.0  # longer than the busy timeout: a whole attempt fails
        while time.monotonic() < end:
            peak = max(peak, process.memory_info().rss)
            time.sleep(0.1)
        assert count(home)[0] == 300
        assert health(home)["store"] == "down"
        assert health(home)["journal_lag_bytes"] > CALLS * STEPS * 50
        holder.execute("ROLLBACK")
        holder.close()
        wait_for(lambda: count(home)[0] == 300 + CALLS, 30)
        peak = max(peak, process.memory_info().rss)
    assert count(home) == (300 + CALLS, 300 + CALLS)
    assert peak - before < 20 * 1024 * 1024
    wait_for(lambda: health(home) == {"jobs": "up", "store": "up", "journal_lag_bytes": 0}, 5)


def test_ccc_calls_waits_for_a_call_that_has_just_ended(home: Home, jobs: subprocess.Popen[bytes]) -> None:
    with Writer(home.journal) as writer:
        for n in range(5):
            write_calls(writer, f"c{n}", 1)
            writer.append({"k": "open", "id": f"still-running-{n}", "at": 1.0, "dialog": {}})
            shown = CliRunner().invoke(calls, ["--home", str(home.root), "--json", "--last", "100"])
            ids = {json.loads(line)["id"] for line in shown.output.splitlines()}
            assert f"c{n}00000" in ids
        started = time.monotonic()
        CliRunner().invoke(calls, ["--home", str(home.root)])
        assert time.monotonic() - started < SETTLE_S, "a running call is nothing to wait for"


def test_sigterm_stores_what_is_written_and_ends_cleanly(home: Home, jobs: subprocess.Popen[bytes]) -> None:
    with Writer(home.journal) as writer:
        write_calls(writer, "c", 50)
    jobs.send_signal(signal.SIGTERM)
    assert jobs.wait(15) == 0
    assert count(home) == (50, 50)
    assert not home.socket("jobs").exists()


def test_kill_9_in_the_middle_loses_and_doubles_nothing(home: Home, jobs: subprocess.Popen[bytes]) -> None:
    with Writer(home.journal) as writer:
        write_calls(writer, "c", 1500)
    wait_for(lambda: count(home)[0] > 0, 30)
    jobs.kill()
    jobs.wait()
    assert 0 < count(home)[0] < 1500, "it was killed in the middle"
    again = subprocess.Popen([sys.executable, "-m", "ccc.cli", "jobs", "--home", str(home.root)])
    try:
        wait_for(lambda: count(home)[0] == 1500, 30)
        assert count(home) == (1500, 1500)
    finally:
        again.terminate()
        assert again.wait(15) == 0


def test_prompts_are_rendered_on_demand_and_bad_questions_answered(home: Home, jobs: subprocess.Popen[bytes]) -> None:
    path = home.socket("jobs")
    answer = request(path, {"op": "tts", "text": "Good morning", "voice": None, "speed": 1.0}, 10)
    assert answer["path"].startswith(str(home.prompts))
    tone = request(path, {"op": "tts", "kind": "tone", "hz": 440, "seconds": 0.5}, 10)
    assert Path(tone["path"]).stat().st_size == 4000
    for question, code in (
        ({"op": "tts", "text": "x", "voice": "nobody"}, "invalid"),
        ({"op": "tts", "speed": 9}, "invalid"),
        ({"op": "tts", "kind": "audio", "name": "x"}, "invalid"),
        ({"op": "nothing"}, "usage"),
    ):
        assert request(path, question, 10)["error"]["code"] == code, json.dumps(question)
