"""One installation with users and past calls, made once and copied for every test."""

from __future__ import annotations

import datetime
import re
import shutil
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.orm import Session

from ccc.home import Home
from ccc.loader import load
from ccc.services.actor import SYSTEM
from ccc.services.passwords import hash_password
from ccc.services.users import add_user
from ccc.snapshot.model import Number, SkillGroup, Trunk
from ccc.store import Store, open_store, upgrade
from ccc.store.records import CallFilter, DedicatedRecord, ExportRecord
from ccc.store.repos import (
    callbacks,
    calls,
    centre,
    dedicated,
    exports,
    flows,
    hours,
    jobs,
    notices,
    tags,
    users,
    voicemails,
)
from ccc.store.repos.hours import HoursRecord
from ccc.web.app import create_app

PASSWORD = "correct horse 9"
PEOPLE = (
    ("wang", "王小明", "agent"),
    ("chen", "陈晨", "agent"),
    ("li", "李静", "supervisor"),
    ("zhao", "赵敏", "admin"),
)
ACCOUNT_PEOPLE = (
    ("zhu", "朱账号", "main", "owner"),
    ("guan", "管台", "main", "manager"),
    ("fremd", "别家", "elsewhere", "owner"),
)
HELLO = {
    "format": 1,
    "name": "hello",
    "title": "问候",
    "nodes": [
        {"id": "start", "type": "start"},
        {"id": "say", "type": "play", "config": {"prompts": [{"kind": "tts", "text": "您好"}]}},
        {"id": "end", "type": "hangup"},
    ],
    "edges": [{"from": "start", "exit": "next", "to": "say"}, {"from": "say", "exit": "done", "to": "end"}],
}
END = datetime.datetime(2026, 11, 20, 6, 30, tzinfo=datetime.UTC)


def fill(home: Home, *, end: datetime.datetime = END) -> None:
    """An account with the instances ``demo`` and ``other``, people, past calls and one recording."""
    upgrade(home)
    store = open_store(home)
    with store.write() as session:
        users.add_account(session, "main", "主账号")
        centre.add_instance(session, "main", "demo", "演示呼叫中心")
        centre.add_instance(session, "main", "other", "另一个中心")
        centre.add_skill_group(session, SkillGroup("support", "demo", "客户服务"))
        flows.save_draft(session, "demo", "hello", "问候", HELLO, "zhao")
        centre.add_number(session, "main", Number("4001", "demo"))
        centre.add_trunk(session, "main", Trunk("carrier", "carrier", "address", ("203.0.113.9",)))
        hours.put(session, HoursRecord("demo", "服务时间"), "zhao")
    for name, shown, role in PEOPLE:
        add_user(store, SYSTEM, name, PASSWORD, instance="demo", role=role, name=shown)
    add_user(store, SYSTEM, "stranger", PASSWORD, instance="other", role="admin", name="外人")
    account_people(store)
    tone(home.recordings / "demo" / "r.wav")
    with store.write() as session:
        calls.add_calls(session, [call_row(n, end) for n in range(62)])
        for n in range(62):
            calls.set_note(session, call_row(n, end)["id"], KINDS[n % len(KINDS)][5], KINDS[n % len(KINDS)][4])
        calls.add_calls(session, [call_row(99, end) | {"instance": "other", "id": "OTHER"}])
        leave_work(session, end)
    store.close()


def leave_work(session: Session, end: datetime.datetime) -> None:
    """A tag, a message somebody left (its recording is there), a job and a text message that both failed."""
    number = call_row(0, end)["id"]
    tags.add(session, "demo", "回访", "blue")
    voicemails.add(session, [{"call_id": number, "instance": "demo", "skill_group": "support", "caller": "13800138000",
                              "callee": "4001", "path": "demo/r.wav", "seconds": 4.0, "at": end}])  # fmt: skip
    customer = DedicatedRecord("demo", "+8613800138000", "wang", customer="张三", wait_s=20)
    dedicated.put(session, [customer], "zhao")
    asked = {"skill_group": "support", "caller": "13800138000", "callee": "4001", "origin": number, "agent": "",
             "last_call": "", "closed_by": "", "since": end, "asked_at": end, "max_attempts": 3}  # fmt: skip
    callbacks.put(session, [
        {**asked, "id": "cb1", "instance": "demo", "number": "13800138000", "state": "waiting", "reason": "busy",
         "attempts": 1, "next_at": end, "closed_at": None},
        {**asked, "id": "cb2", "instance": "demo", "number": "075588886666", "state": "failed", "reason": "no-answer",
         "attempts": 3, "next_at": None, "closed_at": end, "last_call": number, "agent": "chen"},
    ])  # fmt: skip
    exports.add(session, ExportRecord("1", "demo", "li", "xlsx", "zh", CallFilter(), "failed", 0, 0, 0, "", end, None))
    jobs.put(session, "export:1", end, kind="export", instance="demo", user="li", about="XLSX", task=["export", "1"])
    jobs.end(session, "export:1", end, error="no space left on device")
    notices.add(session, [{"id": "n-1", "instance": "demo", "call": number, "at": end, "channel": "sms",
                           "to": "+8613800138000", "subject": "", "text": "您的工单已处理", "state": "failed",
                           "tries": 6, "next_at": end, "notifier": "log", "error": "no such number"}])  # fmt: skip


def account_people(store: Store) -> None:
    """Owner and console manager of the main account, in no instance; and the owner of another account."""
    hashed = hash_password(PASSWORD)
    with store.write() as session:
        users.add_account(session, "elsewhere", "别家")
        centre.add_instance(session, "elsewhere", "foreign", "别家中心")
        for name, shown, account, role in ACCOUNT_PEOPLE:
            users.add(session, account, name, shown, None, hashed)
            users.set_account_role(session, name, role)


def tone(path: Path, seconds: float = 4.0) -> None:
    """A stereo WAV: 440 Hz left, 1000 Hz right."""
    path.parent.mkdir(parents=True, exist_ok=True)
    at = np.arange(round(8000 * seconds)) / 8000
    both = np.stack([np.sin(2 * np.pi * 440 * at), np.sin(2 * np.pi * 1000 * at)], axis=1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes((both * 8000).astype("<i2").tobytes())


KINDS = (
    ("caller-hangup", "wang", 7.0, 183.0, "已解决", "查询账单，已发送短信。"),
    ("agent-hangup", "wang", 21.0, 64.0, "需跟进", "周一回电，核对地址。"),
    ("abandoned", "", 48.0, 0.0, "", ""),
    ("normal", "", 0.0, 0.0, "", ""),
    ("caller-hangup", "chen", 3.0, 412.0, "投诉", ""),
    ("flow-error", "", 0.0, 0.0, "", ""),
)
NUMBERS = ("13800138000", "02085550199", "", "10086", "18612345678", "075526881234")
STEP = ("node", "name", "type", "entered_at", "left_at", "exit", "variables")


# fmt: off
def call_row(n: int, end: datetime.datetime) -> dict[str, Any]:
    """The n-th newest call."""
    cause, agent, waited, talk, disposition, note = KINDS[n % len(KINDS)]
    start = end - datetime.timedelta(minutes=25 + 47 * n)
    epoch = start.timestamp()
    queued, ended = epoch + 12, epoch + 12 + waited + talk
    walk = [("start", "开始", "start", epoch, epoch + 0.1, "next", {}),
            ("menu", "主菜单", "menu", epoch + 0.1, epoch + 9, "key_1", {"choice": "1"}),
            ("say", "请稍候", "play", epoch + 9, queued, "done", {})]
    if waited or talk:
        walk.append(("queue", "转人工", "queue", queued, ended, "answered" if agent else None, {}))
    return {
        "id": f"01JD{n:04}ABCDEFGHJKMNPQRS", "instance": "demo", "account": "main", "direction": "inbound",
        "caller": NUMBERS[n % len(NUMBERS)], "callee": "4001", "trunk": "local", "started_at": start,
        "answered_at": start + datetime.timedelta(seconds=1),
        "ended_at": datetime.datetime.fromtimestamp(ended, datetime.UTC), "cause": cause,
        "cause_detail": "node menu: KeyError" if cause == "flow-error" else "", "flow": "menu", "flow_version": 3,
        "agent": agent, "skill_group": "support" if waited else "", "waited_s": waited, "talk_s": talk, "keys": "1",
        "recording": "demo/r.wav" if agent else "", "note": note, "disposition": disposition,
        "steps": [dict(zip(STEP, step, strict=True)) for step in walk], "media": {},
    }
# fmt: on


class Templates(BytecodeCache):
    """Compiled templates of all applications of this process."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(autouse=True, scope="session")
def _made_once() -> Iterator[None]:
    """What every application makes anew, and makes the same: the plugins' registry and compiled templates. Each test
    has an application of its own; without this, making it would be half of the work."""
    registry, templates, make = load(), Templates(), Flask.create_jinja_environment

    def with_templates(app: Flask) -> Any:
        environment = make(app)
        environment.bytecode_cache = templates
        return environment

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ccc.web.app.load", lambda: registry)
        patch.setattr(Flask, "create_jinja_environment", with_templates)
        yield


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder every test copies."""
    home = Home(tmp_path_factory.mktemp("filled"))
    home.create()
    fill(home)
    return home.root


@pytest.fixture
def web_home(home: Home, filled: Path) -> Home:
    """A filled installation of this test's own."""
    shutil.copytree(filled, home.root, dirs_exist_ok=True)
    return home


@pytest.fixture
def store(web_home: Home) -> Iterator[Store]:
    store = open_store(web_home)
    yield store
    store.close()


@pytest.fixture
def app(web_home: Home, store: Store) -> Flask:
    return create_app(web_home, store=store, testing=True)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def token(client: FlaskClient, url: str = "/login") -> str:
    """The CSRF token of a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(url, follow_redirects=True).text)
    assert found is not None
    return found[1]


def sign_in(client: FlaskClient, username: str, password: str = PASSWORD) -> Any:
    """The answer to a filled-in sign-in form."""
    form = {"username": username, "password": password, "csrf_token": token(client)}
    return client.post("/login", data=form)
