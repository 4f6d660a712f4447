"""Users and calls in memory, for tests of pages that need no store."""

from __future__ import annotations

import datetime
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np

from ccc.errors import NotFoundError, UnavailableError
from ccc.store.records import CallFilter, CallRecord, CallSummary, Page
from ccc.web.data import Account, Membership

DEMO = "demo"
PASSWORD = "correct horse 9"


class FakeData:
    """Implements ``ccc.web.data.Data``."""

    def __init__(self, recordings: Path) -> None:
        self.recordings = recordings
        self.accounts: dict[str, Account] = {}
        self.records: list[CallRecord] = []
        self.accesses: list[tuple[str, str]] = []
        self.down = False
        for role, name in (("agent", "王小明"), ("supervisor", "李静"), ("admin", "赵敏")):
            self.add(role, name, Membership(DEMO, "演示呼叫中心", role))
        self.add("agent2", "陈晨", Membership(DEMO, "演示呼叫中心", "agent"))
        self.add("outsider", "外人", Membership("other", "别家", "admin"))

    def add(self, username: str, name: str, *memberships: Membership) -> None:
        self.accounts[username] = Account(username, name, f"key-{username}", True, "", memberships)

    def authenticate(self, username: str, password: str, address: str) -> Account | None:
        account = self.accounts.get(username)
        return account if account and account.active and password == PASSWORD else None

    def account(self, key: str) -> Account | None:
        found = [one for one in self.accounts.values() if one.key == key and one.active]
        return found[0] if found else None

    def set_language(self, username: str, language: str) -> None:
        self.accounts[username] = replace(self.accounts[username], language=language)

    def ping(self) -> None:
        if self.down:
            raise UnavailableError("down")

    def calls(self, instance: str, wanted: CallFilter, after: str | None, size: int) -> Page[CallSummary]:
        rows = [one for one in self.records if one.instance == instance]
        rows = [one for one in rows if not wanted.agent or one.agent == wanted.agent]
        rows = [one for one in rows if not wanted.cause or one.cause == wanted.cause]
        rows = [one for one in rows if not wanted.number or wanted.number in (one.caller, one.callee)]
        rows = [one for one in rows if not wanted.since or one.started_at >= wanted.since]
        rows = [one for one in rows if not wanted.until or one.started_at < wanted.until]
        rows.sort(key=lambda one: one.started_at, reverse=True)
        start = next((i + 1 for i, one in enumerate(rows) if one.id == after), 0)
        page = rows[start : start + size]
        return Page(tuple(page), page[-1].id if len(rows) > start + size else None)

    def call(self, instance: str, call_id: str) -> CallRecord:
        for one in self.records:
            if one.instance == instance and one.id == call_id:
                return one
        raise NotFoundError(f"there is no call {call_id}")

    def recording(self, actor: str, record: CallRecord, address: str, *, log: bool) -> Path:
        path = self.recordings / record.recording
        if not record.recording or not path.is_file():
            raise NotFoundError("not recorded")
        if log:
            self.accesses.append((actor, record.id))
        return path

    def agents(self, instance: str) -> list[tuple[str, str]]:
        return [
            (a.username, a.name) for a in self.accounts.values() if any(m.instance == instance for m in a.memberships)
        ]


def tone(path: Path, seconds: float = 4.0) -> None:
    """A stereo WAV with two tones."""
    path.parent.mkdir(parents=True, exist_ok=True)
    at = np.arange(round(8000 * seconds)) / 8000
    both = np.stack([np.sin(2 * np.pi * 440 * at), np.sin(2 * np.pi * 1000 * at)], axis=1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes((both * 8000).astype("<i2").tobytes())


def some_calls(data: FakeData, count: int = 9, *, end: datetime.datetime | None = None) -> None:
    """Calls of the last hours with several results."""
    end = end or datetime.datetime.now(datetime.UTC)
    tone(data.recordings / "demo/r.wav")
    kinds = [
        ("caller-hangup", "agent", 7.0, 183.0, "已解决", "查询账单，已发送短信。"),
        ("agent-hangup", "agent", 21.0, 64.0, "需跟进", "周一回电，核对地址。"),
        ("abandoned", "", 48.0, 0.0, "", ""),
        ("normal", "", 0.0, 0.0, "", ""),
        ("caller-hangup", "agent2", 3.0, 412.0, "投诉", ""),
        ("flow-error", "", 0.0, 0.0, "", ""),
    ]
    numbers = ["13800138000", "02085550199", "", "10086", "18612345678", "075526881234"]
    for n in range(count):
        cause, agent, waited, talk, disposition, note = kinds[n % len(kinds)]
        start = end - datetime.timedelta(minutes=25 + 47 * n)
        data.records.append(_call(n, start, cause, agent, waited, talk, disposition, note, numbers[n % len(numbers)]))


def _call(
    n: int,
    start: datetime.datetime,
    cause: str,
    agent: str,
    waited: float,
    talk: float,
    disposition: str,
    note: str,
    caller: str,
) -> CallRecord:
    epoch = start.timestamp()
    queued, ended = epoch + 12, epoch + 12 + waited + talk
    steps = [
        {
            "node": "start",
            "name": "开始",
            "type": "start",
            "entered_at": epoch,
            "left_at": epoch + 0.1,
            "exit": "next",
            "variables": {},
        },
        {
            "node": "menu",
            "name": "主菜单",
            "type": "menu",
            "entered_at": epoch + 0.1,
            "left_at": epoch + 9,
            "exit": "1",
            "variables": {"choice": "1"},
        },
        {
            "node": "say",
            "name": "请稍候",
            "type": "play",
            "entered_at": epoch + 9,
            "left_at": queued,
            "exit": "next",
            "variables": {},
        },
        {
            "node": "queue",
            "name": "转人工",
            "type": "queue",
            "entered_at": queued,
            "left_at": ended,
            "exit": "answered" if agent else None,
            "variables": {},
        },
    ]
    return CallRecord(
        id=f"01JD{n:04}ABCDEFGHJKMNPQRS",
        instance=DEMO, account="demo", direction="inbound", caller=caller, callee="4001", trunk="local",
        started_at=start, answered_at=start + datetime.timedelta(seconds=1),
        ended_at=datetime.datetime.fromtimestamp(ended, datetime.UTC),
        cause=cause, cause_detail="node menu: KeyError" if cause == "flow-error" else "", flow="menu", flow_version=3,
        agent=agent, skill_group="support" if waited else "", waited_s=waited, talk_s=talk, keys="1",
        recording="demo/r.wav" if agent else "", note=note, disposition=disposition, steps=steps, media={},
    )  # fmt: skip
