"""Voicemail, jobs and messages sent by the Flask client: what each role is shown and may do."""

from __future__ import annotations

import datetime
import json
from array import array
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete

from ccc.geo import Place, geo_path
from ccc.geo.table import pack
from ccc.services import retention, voicemails
from ccc.services.actor import SYSTEM
from ccc.store import Store
from ccc.store.models import Job, Notification, Voicemail
from ccc.store.repos import audit, centre, jobs, notices
from ccc.store.repos import voicemails as stored
from tests.web.admin.conftest import Htmx, told
from tests.web.conftest import END, tone

NOW = END


def message(number: int, group: str = "support", **more: Any) -> dict[str, Any]:
    at = NOW - datetime.timedelta(minutes=number)
    numbers = {"caller": "13800138000", "callee": "4001"}
    told = {"call_id": f"c{number}", "instance": "demo", "skill_group": group, "seconds": 4.0, "at": at}
    return {**numbers, **told, "path": f"demo/m{number}.wav", **more}


@pytest.fixture
def left(store: Store) -> Store:
    with store.write() as session:
        for table in (Voicemail, Job, Notification):
            session.execute(delete(table))
        centre.join_group(session, "demo", "wang", "support")
        stored.add(session, [message(n) for n in range(1, 4)] + [message(4, "sales"), message(5, instance="other")])
        fresh = {"state": "waiting", "tries": 0, "notifier": "", "error": "", "next_at": NOW}
        row = {
            "instance": "demo",
            "call": "c1",
            "at": NOW,
            "channel": "sms",
            "subject": "",
            "text": "您好 <b>",
            **fresh,
        }
        notices.add(session, [{**row, "id": f"n{n}", "to": f"1380013800{n}"} for n in range(2)])
        notices.tried(session, "n1", state="failed", notifier="log", error="no such number", next_at=NOW)
        for name, instance, error in (("a", "demo", "no disk left"), ("b", "other", ""), ("c", "foreign", "secret")):
            jobs.put(session, name, NOW, kind="speech", instance=instance, user="li", about="CSV", task=["x"])
            jobs.end(session, name, NOW, error=error, result={"rows": 7})
        jobs.put(session, "cleaning", NOW, kind="cleaning", recurring=True)
        jobs.begin(session, "cleaning", NOW)
        jobs.end(session, "cleaning", NOW, result={"calls": 3, "files": 0})
    tone(store.home.recordings / "demo" / "m1.wav")
    geo_path(store.home).write_bytes(pack(array("I", [1380013]), array("H", [1]), [Place("北京", "北京")]))
    return store


def keys(page: str) -> list[str]:
    return [part.split('"')[0] for part in page.split('<tr data-key="')[1:]]


def test_messages_of_the_own_groups(app: Flask, left: Store) -> None:
    assert keys(Htmx(app, "li").get("/voicemail/").text) == ["1", "2", "3", "4"]
    agent = Htmx(app, "wang")
    assert keys(agent.get("/voicemail/").text) == ["1", "2", "3"]
    assert keys(agent.get("/voicemail/?group=sales").text) == []
    assert keys(Htmx(app, "chen").get("/voicemail/").text) == []
    assert agent.get("/voicemail/4/edit").status_code == agent.get("/voicemail/4/recording").status_code == 404
    assert agent.get("/voicemail/?state=deleted").status_code == 403
    assert agent.post("/voicemail/do/delete", {"key": "1"}).status_code == 403


def test_listening_makes_heard_and_is_noted_once(app: Flask, left: Store) -> None:
    agent = Htmx(app, "wang")
    assert 'data-count-url="/voicemail/count"' in agent.client.get("/workbench").text
    assert agent.get("/voicemail/count").json == {"count": 3}
    panel = agent.get("/voicemail/1/edit").text
    assert "北京" in panel and 'preload="none"' in panel
    assert agent.get("/voicemail/1/peaks").json["seconds"] == 4.0
    assert agent.get("/voicemail/count").json == {"count": 3}, "looking is not listening"
    for part in ("bytes=0-", "bytes=20000-"):
        answer = agent.client.get("/voicemail/1/recording", headers={"Range": part})
        assert answer.status_code == 206
    assert agent.get("/voicemail/count").json == {"count": 2}
    with left.read() as session:
        plays = [one for one in audit.find(session, "demo") if one.action == "voicemail.play"]
    assert [(one.user, one.object, one.address) for one in plays] == [("wang", "1", "127.0.0.1")]
    assert agent.get("/voicemail/2/recording").status_code == 404, "its file is gone"


def test_note_done_delete_and_undo(app: Flask, left: Store) -> None:
    boss = Htmx(app, "li")
    form = boss.form("/voicemail/1/edit")
    assert told(boss.post("/voicemail/1/edit", form | {"note": "called back", "done": "y"}))["key"] == "1"
    saved = voicemails.get_voicemail(left, SYSTEM, "demo", 1)
    assert (saved.note, saved.state, saved.done_by) == ("called back", "done", "li")
    clash = boss.post("/voicemail/1/edit", form | {"note": "mine"})
    assert clash.status_code == 409 and "called back" in clash.text and "mine" in clash.text
    done = told(boss.post("/voicemail/do/done", {"key": ["2", "3"]}))
    assert keys(boss.get("/voicemail/?state=new").text) == ["4"]
    boss.post(done["undo"]["url"], {"key": ["2", "3"]})
    assert keys(boss.get("/voicemail/?state=heard").text) == ["2", "3"]
    gone = told(boss.post("/voicemail/do/delete", {"key": ["1", "2"]}))
    assert keys(boss.get("/voicemail/").text) == ["3", "4"] and keys(boss.get("/voicemail/?state=deleted").text) == [
        "1",
        "2",
    ]
    assert gone["undo"]["url"] == "/voicemail/do/restore"
    boss.post(gone["undo"]["url"], gone["undo"]["values"])
    assert keys(boss.get("/voicemail/").text) == ["1", "2", "3", "4"]


def test_how_long_they_are_kept(app: Flask, left: Store) -> None:
    admin = Htmx(app, "zhao")
    for page, kind in (("/voicemail/", "voicemails"), ("/notices/", "notifications")):
        assert "kept for ever" in admin.client.get(page, headers={"Accept-Language": "en"}).text
        assert admin.post(f"{page}retention", {"days": "30"}).status_code == 302
        assert retention.get_retention(left, SYSTEM, "demo", kind) == 30  # type: ignore[arg-type]
        assert admin.post(f"{page}retention", {"days": "x"}).status_code == 422
    assert retention.get_retention(left, SYSTEM, "demo") == 0, "the calls' is another"


def test_jobs_of_instance_and_account(app: Flask, left: Store) -> None:
    boss, owner = Htmx(app, "li"), Htmx(app, "zhu")
    assert keys(boss.get("/jobs/").text) == ["a"] and keys(boss.get("/jobs/?state=done").text) == []
    page = owner.get("/console/jobs/").text
    assert keys(page) == ["b", "a"] and "no disk left" in page and "secret" not in page and "7 rows" in page
    whole = owner.client.get("/console/jobs/", headers={"Accept-Language": "en"}).text
    assert "3 calls deleted" in whole and "not yet" in whole
    assert told(boss.post("/jobs/do/retry", {"key": "a"}))["text"]
    assert boss.post("/jobs/do/retry", {"key": "a"}).status_code == 409
    for client, address, key in ((boss, "/jobs/", "b"), (owner, "/console/jobs/", "c")):
        assert client.post(f"{address}do/retry", {"key": key}).status_code == 404
    assert 'hx-trigger="load delay:2s"' in boss.get("/jobs/").text, "unfinished: the list comes again by itself"


def test_messages_sent_and_another_try(app: Flask, left: Store) -> None:
    boss = Htmx(app, "li")
    page = boss.get("/notices/").text
    assert keys(page) == ["n1", "n0"] and "no such number" in page and "您好 &lt;b&gt;" in page
    assert keys(boss.get("/notices/?state=failed").text) == keys(boss.get("/notices/?q=13800138001").text) == ["n1"]
    answer = boss.post("/notices/do/retry", {"key": ["n0", "n1"]})
    assert len(json.loads(answer.headers["HX-Trigger"])["ccc:done"]["problems"]) == 1
    assert keys(boss.get("/notices/?state=waiting").text) == ["n1", "n0"]
    assert boss.post("/notices/do/retry", {"key": "n1"}).status_code == 409
    assert Htmx(app, "wang").get("/notices/").status_code == 403
