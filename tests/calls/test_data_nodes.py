"""Real calls through the nodes that ask others: function (HTTP), hours, blacklist, lookup, queue state, notify."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ccc.services import hours
from ccc.services.actor import SYSTEM
from ccc.store import open_store
from ccc.store.repos.hours import HoursRecord
from tests.calls.callers import dial, new_caller
from tests.calls.flows import INSTANCE, Document, document, node, tone
from tests.calls.publish import put_on_air
from tests.calls.sounds import path, tones
from tests.calls.system import System, running, wait_for

SLOW_S = 3.0


class Crm(BaseHTTPRequestHandler):
    """``/c`` knows the caller, ``/slow`` takes its time, ``/broken`` fails, ``/away`` sends into our own network."""

    asked: list[tuple[str, str]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.asked.append((self.path, body))
        if self.path == "/slow":
            time.sleep(SLOW_S)
        answer = json.dumps({"data": [{"level": "vip", "phone": json.loads(body)["phone"]}]}).encode()
        self.send_response({"/broken": 500, "/away": 307}.get(self.path, 200))
        self.send_header("Location", "http://169.254.169.254/latest/meta-data")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Not to the test's output."""


@pytest.fixture(scope="module")
def crm() -> Iterator[ThreadingHTTPServer]:
    handler = type("Handler", (Crm,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def asking(name: str, url: str, **more: object) -> Document:
    """1000 Hz for a VIP, 600 Hz for others, 2000 Hz when the server cannot be asked."""
    mapping = [{"path": "data.0.level", "variable": "level", "default": '"none"'}]
    config = {"method": "POST", "url": url, "body": '{"phone": "${sys.caller}"}', "response": mapping, **more}
    return document(
        name,
        [node("start", "start", recording="off"), node("ask", "function", **config),
         node("which", "condition", cases=[{"exit": "vip", "when": 'level == "vip"'}]),
         node("vip", "play", prompts=[tone(1000, 1)]), node("other", "play", prompts=[tone(600, 1)]),
         node("failed", "play", prompts=[tone(2000, 1)]), node("end", "hangup")],
        "start.next>ask", "ask.success>which", "ask.error>failed", "which.vip>vip", "which.else>other",
        "vip.done>end", "other.done>end", "failed.done>end",
    )  # fmt: skip


def front() -> Document:
    """The front of a real call centre: blacklist, hours by name, customer table, queue state, a message."""
    columns = [{"column": "等级", "variable": "level"}]
    return document(
        "t-front",
        [node("start", "start", recording="off"), node("black", "blacklist"), node("hours", "hours", named=ALWAYS),
         node("look", "lookup", table="customers", columns=columns),
         node("state", "queue_state", skill_group="service"),
         node("tell", "notify", text="${level} ${sys.caller}"),
         node("known", "play", prompts=[tone(1000, 1)]), node("new", "play", prompts=[tone(600, 1)]),
         node("no", "hangup", cause="rejected"), node("end", "hangup")],
        "start.next>black", "black.hit>no", "black.miss>hours", "hours.open>look", "hours.closed>end",
        "hours.holiday>end", "look.found>state", "look.not_found>new", "look.error>end", "state.ok>known",
        "state.busy>known", "state.nobody>tell", "tell.next>known", "tell.error>end", "known.done>end", "new.done>end",
    )  # fmt: skip


KNOWN, UNWANTED = new_caller(), new_caller()
ALWAYS = "全天"


def always_open(system: System) -> None:
    """Working hours of the instance that flows name."""
    store = open_store(system.home)
    try:
        schedule = hours.read_schedule(["00:00-24:00"] * 7, "", 1)
        hours.create_hours(store, SYSTEM, HoursRecord(INSTANCE, ALWAYS, schedule, holidays="none"))
    finally:
        store.close()


@pytest.fixture(scope="module")
def asked(crm: ThreadingHTTPServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system that may ask the CRM on loopback, and only that."""
    url = f"http://127.0.0.1:{crm.server_port}"
    with running("--http-allow", "127.0.0.1") as system:
        file: Path = tmp_path_factory.mktemp("t") / "customers.csv"
        file.write_bytes(f"号码,等级\n+86{KNOWN},金卡\n,没有号码\n".encode("gbk"))
        done = system.ccc("table", "import", "customers", str(file))
        assert done.returncode == 0 and "line 3: no 号码" in done.stderr, done.stderr
        assert system.ccc("blacklist", "add", UNWANTED).returncode == 0
        always_open(system)
        put_on_air(
            system,
            {
                "4300": asking("t-crm", f"{url}/c"),
                "4301": asking("t-broken", f"{url}/broken"),
                "4302": asking("t-slow", f"{url}/slow", timeout_s=1),
                "4303": asking("t-patient", f"{url}/slow", timeout_s=10),
                "4304": asking("t-private", "http://10.0.0.1/c"),
                "4305": asking("t-away", f"{url}/away"),
                "4310": front(),
            },
        )
        yield system


def test_the_server_is_asked_and_its_answer_decides(asked: System, crm: ThreadingHTTPServer) -> None:
    dialled = dial(asked, "4300")
    assert tones(dialled.wait()) == [1000]
    record = asked.record_of(dialled.caller)
    assert path(record) == ["start.next", "ask.success", "which.vip", "vip.done", "end.None"]
    assert ("/c", json.dumps({"phone": dialled.caller})) in crm.RequestHandlerClass.asked  # type: ignore[attr-defined]


@pytest.mark.parametrize("number", ["4301", "4302", "4304", "4305"], ids=["500", "too slow", "private", "redirected"])
def test_a_server_that_cannot_be_asked_leaves_by_error(asked: System, number: str) -> None:
    dialled = dial(asked, number)
    assert tones(dialled.wait()) == [2000]
    assert path(asked.record_of(dialled.caller))[1:3] == ["ask.error", "failed.done"]


def test_a_slow_server_holds_up_nobody_else(asked: System) -> None:
    slow = [dial(asked, "4303") for _ in range(5)]
    time.sleep(0.5)
    quick = dial(asked, "4300")
    assert tones(quick.wait()) == [1000]
    record = asked.record_of(quick.caller)
    entered, left = (datetime.fromisoformat(record["steps"][1][name]) for name in ("entered_at", "left_at"))
    assert (left - entered).total_seconds() < 1.0
    assert [tones(call.wait()) for call in slow] == [[1000]] * 5


def test_a_caller_who_hangs_up_while_the_server_is_asked(asked: System) -> None:
    dialled = dial(asked, "4303", "--ring-seconds", "1")
    dialled.wait()
    record = asked.record_of(dialled.caller)
    assert (path(record), record["cause"]) == (["start.next", "ask.None"], "cancelled")


def test_a_known_caller_is_found_and_a_message_left(asked: System) -> None:
    dialled = dial(asked, "4310", caller=KNOWN)
    assert tones(dialled.wait()) == [1000]
    record = asked.record_of(KNOWN)
    assert path(record)[1:6] == ["black.miss", "hours.open", "look.found", "state.nobody", "tell.next"]

    def sent() -> list[tuple[str, str, str, str]]:
        with closing(sqlite3.connect(asked.home.database)) as store:
            query = "SELECT channel, \"to\", text, notifier FROM notifications WHERE state = 'sent'"
            return store.execute(query).fetchall()

    assert wait_for("the message sent", sent) == [("sms", f"+86{KNOWN}", f"金卡 {KNOWN}", "log")]
    assert f"金卡 {KNOWN}" in asked.text()


def test_an_unwanted_caller_is_refused_and_a_new_one_not_found(asked: System) -> None:
    report = dial(asked, "4310", caller=f"+86{UNWANTED}").wait()
    assert report["answered_ms"] is None
    assert path(asked.record_of(f"+86{UNWANTED}")) == ["start.next", "black.hit", "no.None"]
    assert tones(dial(asked, "4310").wait()) == [600]


def test_what_is_changed_counts_for_the_next_call(asked: System) -> None:
    caller = new_caller()
    assert tones(dial(asked, "4310", caller=caller).wait()) == [600]
    assert asked.ccc("blacklist", "add", f"{caller[:9]}*").returncode == 0
    assert dial(asked, "4310", caller=caller).wait()["answered_ms"] is None
