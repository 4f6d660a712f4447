"""``python -m bench.records [ROWS]``: fill a store with call records and time whole HTML pages of the list.

Whole pages: sign-in check, query, template, everything but the network. Filters that find many, few and no calls.
"""

from __future__ import annotations

import datetime
import json
import random
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import text

from ccc.home import Home
from ccc.jobs.cleaning import tune
from ccc.services.actor import SYSTEM
from ccc.services.users import add_user
from ccc.snapshot.model import SkillGroup
from ccc.store import Store, open_store, upgrade
from ccc.store.models import Call
from ccc.store.repos import centre, users
from ccc.web.app import create_app

ROWS = 1_000_000
LIMIT_MS = 150
REPEATS = 7
PASSWORD = "correct horse 9"
BEGIN = datetime.datetime(2026, 1, 1)
CAUSES = ("caller-hangup",) * 60 + ("agent-hangup",) * 20 + ("abandoned",) * 12 + ("normal",) * 7 + ("flow-error",)
DISPOSITIONS = ("",) * 50 + ("已解决",) * 30 + ("需跟进",) * 15 + ("投诉",) * 5
STEPS = json.dumps([{"n": n, "node": f"n{n}", "name": "菜单", "type": "menu", "entered_at": 1.0} for n in range(4)])
PAGES = {
    "first page": "/calls",
    "last page": "/calls?oldest=1",
    "one day": "/calls?from=2026-06-01&to=2026-06-01",
    "a result of 1 %": "/calls?cause=flow-error",
    "a result of 60 %, last page": "/calls?cause=caller-hangup&oldest=1",
    "a number with 10 calls": "/calls?number=13800000007",
    "the called number of all": "/calls?number=4001&oldest=1",
    "an agent": "/calls?agent=a017",
    "a skill group, last page": "/calls?group=g2&oldest=1",
    "a flow": "/calls?flow=f3",
    "a disposition, last page": "/calls?disposition=投诉&oldest=1",
    "an agent's complaints": "/calls?agent=a017&disposition=投诉",
    "an agent and a result and a group": "/calls?agent=a017&cause=flow-error&group=g3",
    "the called number and an agent": "/calls?number=4001&agent=a017",
    "nothing": "/calls?number=0&cause=abandoned",
}


def fill(store: Store, rows: int) -> None:
    """Rows in two instances, three in four of them in ``demo``."""
    chance = random.Random(1)
    columns = [column.name for column in Call.__table__.columns]
    marks = ", ".join(f":{name}" for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    insert = text(f"INSERT INTO calls ({names}) VALUES ({marks})")
    for begin in range(0, rows, 20_000):
        with store.write() as session:
            session.execute(insert, [row(n, chance) for n in range(begin, min(begin + 20_000, rows))])
    tune(store)


def row(n: int, chance: random.Random) -> dict[str, object]:
    """One call, 25 s after the one before."""
    start = BEGIN + datetime.timedelta(seconds=25 * n)
    cause = chance.choice(CAUSES)
    agent = f"a{chance.randrange(100):03}" if cause.endswith("hangup") else ""
    at = [(start + datetime.timedelta(seconds=s)).strftime("%Y-%m-%d %H:%M:%S.000000") for s in (0, 1, 90)]
    return {
        "id": f"{n:010x}{chance.randrange(16**12):012x}", "instance": "demo" if n % 4 else "other", "account": "main",
        "direction": "inbound", "caller": f"138{n % 100_000:08}", "callee": "4001", "trunk": "local",
        "started_at": at[0], "answered_at": at[1], "ended_at": at[2], "cause": cause, "cause_detail": "",
        "flow": f"f{chance.randrange(10)}", "flow_version": 3, "agent": agent,
        "skill_group": f"g{chance.randrange(5)}" if agent else "", "waited_s": 7.0, "talk_s": 60.0, "keys": "1",
        "recording": "x.wav" if agent else "", "note": "客户来电咨询账单，已答复。" if agent else "",
        "disposition": chance.choice(DISPOSITIONS), "kind": "", "origin": "", "steps": STEPS,
        "media": "{}",
    }  # fmt: skip


def signed_in(home: Home, store: Store) -> FlaskClient:
    """A supervisor of ``demo`` with five skill groups and a hundred agents to choose from."""
    with store.write() as session:
        users.add_account(session, "main", "Main")
        for name in ("demo", "other"):
            centre.add_instance(session, "main", name, name)
        for n in range(5):
            centre.add_skill_group(session, SkillGroup(f"g{n}", "demo", f"组{n}"))
    add_user(store, SYSTEM, "li", PASSWORD, instance="demo", role="supervisor", name="李静")
    client = create_app(home, store=store, testing=True).test_client()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/login").text)
    assert token is not None
    client.post("/login", data={"username": "li", "password": PASSWORD, "csrf_token": token[1]})
    return client


def page_ms(client: FlaskClient, address: str) -> tuple[float, float, int]:
    """(median, worst, rows) of REPEATS whole pages; the first one is not counted: it fills the caches."""
    times, found = [], 0
    for _ in range(REPEATS + 1):
        began = time.perf_counter()
        answer = client.get(address)
        times.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, (address, answer.status_code)
        found = len(re.findall(r'<td class="num"><a href="/calls/', answer.text))
    return statistics.median(times[1:]), max(times[1:]), found


def main() -> int:
    """Print the table; 1 when a page took longer than LIMIT_MS in the median."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory(prefix="ccc-bench-") as folder:
        home = Home(Path(folder))
        upgrade(home)
        store = open_store(home)
        began = time.monotonic()
        client = signed_in(home, store)
        fill(store, rows)
        print(f"{rows} calls stored in {time.monotonic() - began:.0f} s, {home.database.stat().st_size / 1e6:.0f} MB")
        print(f"{'page':38} {'rows':>5} {'median ms':>10} {'worst ms':>9}")
        late = 0
        for name, address in PAGES.items():
            median, worst, found = page_ms(client, address)
            late += median > LIMIT_MS
            print(f"{name:38} {found:5} {median:10.1f} {worst:9.1f}", flush=True)
        store.close()
    return int(late > 0)


if __name__ == "__main__":
    sys.exit(main())
