"""The tabs of the settings as htmx asks them: working hours, screen pop, recordings; two at once lose nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from ccc.services import hours, instances, recording_settings
from ccc.services.actor import SYSTEM
from ccc.services.users import set_role
from ccc.store import Store
from ccc.store.repos import calls
from tests.web.admin.conftest import Htmx, told

As = Callable[[str], Htmx]


@pytest.fixture
def two(as_user: As, store: Store) -> tuple[Htmx, Htmx]:
    """Two administrators of the instance."""
    set_role(store, SYSTEM, "li", "demo", "admin")
    return as_user("zhao"), as_user("li")


def test_hours_made_looked_at_and_both_saves_kept(two: tuple[Htmx, Htmx], store: Store) -> None:
    first, second = two
    form = first.form("/settings/hours/new") | {"name": "夜班", "day6": "22:00-02:00"}
    assert told(first.post("/settings/hours/new", form))["key"] == "夜班"
    week = hours.get_hours(store, SYSTEM, "demo", "夜班").schedule
    assert [(one.start, one.end, one.days) for one in week.hours] == [
        ("09:00", "18:00", (1, 2, 3, 4, 5)),
        ("22:00", "02:00", (6,)),
    ]
    look = first.get(
        "/settings/hours/look?day1=09:00-12:00&holidays=china&exceptions=2027-01-04+%E7%9B%98%E7%82%B9"
    ).text
    assert "<rect" in look and "Public holidays are known" in look
    assert "morgens: write hours" in first.get("/settings/hours/look?day1=morgens").text
    mine, theirs = first.form("/settings/hours/夜班/edit"), second.form("/settings/hours/夜班/edit")
    told(first.post("/settings/hours/夜班/edit", mine | {"day1": "08:00-12:00", "day2": "08:00-12:00"}))
    answer = second.post("/settings/hours/夜班/edit", theirs | {"day1": "10:00-11:00", "day3": ""})
    assert answer.status_code == 409 and "Saved meanwhile: <b>08:00-12:00" in answer.text.replace("</span><b>", "<b>")
    assert 'value="10:00-11:00"' in answer.text, "what the second one typed is still there"
    wrong = first.post("/settings/hours/new", form | {"name": "x", "exceptions": "someday"})
    assert wrong.status_code == 422 and "someday: write a day" in wrong.text


def test_screen_pop_saved_shown_and_in_the_workbench(two: tuple[Htmx, Htmx], store: Store) -> None:
    first, second = two
    preview = first.get("/settings/screen-pop/preview?pop_url=https://crm.example/?t%3D${caller}%26g%3D${skill_group}")
    assert "t=13800138000&amp;g=%E5%94%AE%E5%90%8E%20A%26B" in preview.text
    assert "begins with https" in first.get("/settings/screen-pop/preview?pop_url=javascript:alert(1)").text
    mine, theirs = first.form("/settings/screen-pop/demo/edit"), second.form("/settings/screen-pop/demo/edit")
    change = {"pop_when": "accept", "pop_url": "https://crm.example/?t=${caller}"}
    told(first.post("/settings/screen-pop/demo/edit", mine | change))
    bad = second.post("/settings/screen-pop/demo/edit", theirs | {"pop_url": "http://${caller}/"})
    assert bad.status_code == 422
    answer = second.post("/settings/screen-pop/demo/edit", theirs | {"pop_url": "https://other.example/"})
    assert answer.status_code == 409 and "crm.example" in answer.text and "other.example" in answer.text
    assert instances.get_instance(store, SYSTEM, "demo").pop_when == "accept"
    page = first.client.get("/workbench").text
    start = json.loads(re.findall(r'<script[^>]*type="application/json"[^>]*>(.*?)</script>', page, re.S)[0])
    assert start["pop"]["url"] == "https://crm.example/?t=${caller}"


def test_recordings_and_their_days(two: tuple[Htmx, Htmx], store: Store) -> None:
    first, second = two
    page = first.get("/settings/recordings/").text
    with store.read() as session:
        recorded = len(calls.recordings(session, "demo", 1000))
    assert recorded and f"{recorded} recording" in page and "0 Bytes" not in page and "for ever" in page
    mine, theirs = first.form("/settings/recordings/demo/edit"), second.form("/settings/recordings/demo/edit")
    told(first.post("/settings/recordings/demo/edit", mine | {"calls_days": "90"}))
    answer = second.post("/settings/recordings/demo/edit", theirs | {"calls_days": "30"})
    assert answer.status_code == 409 and "90" in answer.text and 'value="30"' in answer.text
    found = recording_settings.get_recording(store, SYSTEM, "demo")
    assert (found.calls_days, found.voicemails_days, found.recording) == (90, 0, True)
    wrong = first.post("/settings/recordings/demo/edit", mine | {"calls_days": "99999"})
    assert wrong.status_code == 422
    assert "carrier" in first.get("/settings/display/").text
