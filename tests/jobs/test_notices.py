"""Messages flows left: from the journal into the store once, sent, tried again, given up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ccc.api import Notice, NoticeRefused
from ccc.home import Home
from ccc.jobs.ingest import Rows
from ccc.jobs.notices import PAUSES_S, deliver
from ccc.jobs.tail import Tail
from ccc.journal import Writer
from ccc.runtime.record import CallRecord
from ccc.services.notifiers import choose
from ccc.store import Store, open_store, upgrade
from ccc.store.repos import notices

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    upgrade(home)
    store = open_store(home)
    yield store
    store.close()


class Sender:
    def __init__(self, name: str, *channels: str, fails: list[Exception] | None = None) -> None:
        self.name = name
        self.channels: Any = channels
        self.sent: list[tuple[Notice, str]] = []
        self.fails = fails or []

    def send(self, notice: Notice, notice_id: str) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.sent.append((notice, notice_id))


def leave(store: Store, channel: str = "sms") -> None:
    row = {"k": "notice", "notice": "c-1", "call": "c", "instance": "demo", "at": NOW.timestamp(), "channel": channel}
    rows = Rows()
    assert rows.add({**row, "to": "+8613800138000", "subject": "", "text": "您好"})
    with store.write() as session:
        notices.add(session, rows.notices)
        notices.add(session, rows.notices)


def state(store: Store) -> tuple[str, int, str]:
    with store.read() as session:
        (found,) = notices.find(session, "demo")
    return found.state, found.tries, found.error


def test_what_a_call_leaves_is_stored_once_and_announced(home: Home, store: Store) -> None:
    journal = Writer(home.journal)
    record = CallRecord(journal, "c", {"instance": "demo"})
    record.notice(Notice("sms", "+8613800138000", "您好"))
    record.notice(Notice("mail", "a@b.cn", "text", "subject"))
    journal.close()
    told: list[int] = []
    tail = Tail(home, store)
    tail.on_notices = lambda: told.append(1)
    while tail.step():
        pass
    again = Tail(home, store)
    while again.step():
        pass
    with store.read() as session:
        found = sorted(notices.find(session, "demo"), key=lambda item: item.id)
    assert [(item.id, item.channel, item.to, item.subject, item.text, item.state) for item in found] == [
        ("c-1", "sms", "+8613800138000", "", "您好", "waiting"),
        ("c-2", "mail", "a@b.cn", "subject", "text", "waiting"),
    ]
    assert told == [1]


def test_it_is_sent_once(store: Store) -> None:
    leave(store)
    sender = Sender("sms-plugin", "sms")
    assert deliver(store, {"x": sender}, NOW) == 1
    assert deliver(store, {"x": sender}, NOW + timedelta(days=1)) == 0
    assert sender.sent == [(Notice("sms", "+8613800138000", "您好"), "c-1")]
    assert state(store) == ("sent", 1, "")


def test_it_is_tried_again_with_growing_pauses_and_given_up(store: Store) -> None:
    leave(store)
    sender = Sender("s", "sms", fails=[OSError("down")] * 10)
    at = NOW
    for number, pause_s in enumerate(PAUSES_S, 1):
        assert deliver(store, {"s": sender}, at) == 0
        assert state(store) == ("waiting", number, "down")
        assert deliver(store, {"s": sender}, at + timedelta(seconds=pause_s - 1)) == 0
        assert state(store)[1] == number, "too early"
        at += timedelta(seconds=pause_s)
    deliver(store, {"s": sender}, at)
    assert state(store) == ("failed", len(PAUSES_S) + 1, "down")
    deliver(store, {"s": sender}, at + timedelta(days=9))
    assert state(store)[1] == len(PAUSES_S) + 1


def test_a_later_try_succeeds(store: Store) -> None:
    leave(store)
    sender = Sender("s", "sms", fails=[OSError("down")])
    deliver(store, {"s": sender}, NOW)
    assert deliver(store, {"s": sender}, NOW + timedelta(seconds=60)) == 1
    assert state(store) == ("sent", 2, "")


def test_what_is_refused_is_not_tried_again(store: Store) -> None:
    leave(store)
    deliver(store, {"s": Sender("s", "sms", fails=[NoticeRefused("no such number")])}, NOW)
    assert state(store) == ("failed", 1, "no such number")


def test_nobody_sends_mail(store: Store) -> None:
    leave(store, "mail")
    deliver(store, {"s": Sender("s", "sms")}, NOW)
    assert state(store) == ("failed", 1, "no plugin sends mail")


def test_the_log_is_the_last_resort() -> None:
    log, sms = Sender("log", "sms", "mail"), Sender("acme", "sms")
    both = {"log": log, "acme": sms}
    assert choose(both, "sms") is sms  # type: ignore[comparison-overlap]
    assert choose(both, "mail") is log  # type: ignore[comparison-overlap]


@pytest.mark.parametrize("wrong", [{"at": None}, {"notice": ""}, {"to": ""}, {"at": "x"}])
def test_a_malformed_record_is_refused(wrong: dict[str, Any]) -> None:
    good = {"k": "notice", "notice": "c-1", "call": "c", "instance": "d", "at": 1.0, "channel": "sms", "to": "1"}
    assert Rows().add(good)
    with pytest.raises(ValueError):
        Rows().add({**good, **wrong})


def secret(store: Store) -> None:
    """Leave a message that expires."""
    row = {
        "id": "reset-1", "instance": "", "call": "", "at": NOW, "channel": "mail", "to": "a@example.com",
        "subject": "s", "text": "the code", "state": "waiting", "tries": 0, "next_at": NOW, "notifier": "", "error": "",
        "expires_at": NOW + timedelta(hours=1),
    }  # fmt: skip
    with store.write() as session:
        notices.add(session, [row])


def found(store: Store) -> tuple[str, str]:
    with store.read() as session:
        (one,) = notices.find(session, "")
    return one.state, one.text


def test_a_code_is_wiped_once_sent(store: Store) -> None:
    secret(store)
    sender = Sender("smtp", "mail")
    deliver(store, {"smtp": sender}, NOW)
    assert sender.sent[0][0].text == "the code" and found(store) == ("sent", "")


def test_a_code_is_never_logged_and_not_sent_late(store: Store) -> None:
    secret(store)
    last_resort = Sender("log", "mail")
    deliver(store, {"log": last_resort}, NOW)
    assert last_resort.sent == [] and found(store) == ("failed", "")


def test_a_code_is_given_up_when_it_expired(store: Store) -> None:
    secret(store)
    sender = Sender("smtp", "mail", fails=[OSError("down")])
    deliver(store, {"smtp": sender}, NOW)
    assert found(store) == ("waiting", "the code")
    deliver(store, {"smtp": sender}, NOW + timedelta(hours=2))
    assert sender.sent == [] and found(store) == ("failed", "")
