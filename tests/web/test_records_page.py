"""The call records in Chromium and by the Flask client: filters, pages, player, exports, retention."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from ccc.home import Home
from ccc.jobs import exporting
from ccc.services import exports, retention, tags
from ccc.services.actor import SYSTEM
from ccc.store import Store, open_store
from ccc.store.records import CallFilter
from ccc.store.repos import audit, calls
from tests.web.admin.conftest import Htmx, as_user, told
from tests.web.conftest import END, call_row, sign_in, token
from tests.web.test_calls import ID, ids
from tests.web.test_workbench import Open, complaints, opened, runtime, site, until, window

__all__ = ["as_user", "complaints", "opened", "runtime", "site", "window"]
browser = pytest.mark.browser
CALL = f"/calls/{ID.format(0)}"


# Without a browser -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("group=support&from=2026-11-20", {0, 1, 2, 4, 6, 7, 8, 10, 12, 13, 14, 16}),
        ("disposition=投诉&from=2026-11-20", {4, 10, 16}),
        ("flow=menu&disposition=已解决&to=2026-11-18", {54, 60}),
        ("flow=none", set()),
        ("from=2026-11-20T13:00&to=2026-11-20T14:06", {0, 1}),
    ],
)
def test_more_filters(client: FlaskClient, query: str, wanted: set[int]) -> None:
    sign_in(client, "li")
    assert ids(client, f"/calls?{query}") == [ID.format(n) for n in sorted(wanted)]


def test_test_calls_alone_or_left_out(client: FlaskClient, store: Store) -> None:
    with store.write() as session:
        calls.add_calls(session, [call_row(0, END) | {"id": "TRIED", "direction": "test", "flow_version": None}])
    sign_in(client, "li")
    only = client.get("/calls?tests=only").text
    assert "TRIED" in only and ID.format(1) not in only and "Test call" in only and "Draft" in only
    assert "TRIED" not in client.get("/calls?tests=without").text
    assert "TRIED" in client.get("/calls").text
    assert client.get("/calls?tests=maybe").status_code == 422


def test_a_callback_and_the_call_it_came_from_know_each_other(client: FlaskClient, store: Store) -> None:
    asked = ID.format(0)  # callbacks cb1 and cb2 were asked for in it
    made = call_row(1, END) | {"id": "BACK", "kind": "callback", "origin": asked, "direction": "outbound"}
    with store.write() as session:
        calls.add_calls(session, [made | {"agent": "wang"}])
    sign_in(client, "li")
    back, origin = client.get("/calls/BACK").text, client.get(f"/calls/{asked}").text
    assert link(back, "this call") == f"/calls/{asked}" and "Callback" in back
    assert 'href="/calls/BACK"' in origin and "075588886666" in origin and "attempt 1 of 3" in origin
    assert "Callback" in client.get("/calls?number=4001").text
    assert "follow-ups" not in client.get(f"/calls/{ID.format(1)}").text
    sign_in(client, "wang")
    mine = client.get("/calls/BACK").text
    assert (f'href="/calls/{asked}"' in mine) == (call_row(0, END)["agent"] == "wang")


def link(text: str, name: str) -> str:
    found = re.search(rf'href="([^"]+)"[^>]*>{name}<', text)
    assert found, name
    return found[1].replace("&amp;", "&")


def test_to_the_oldest_and_back(client: FlaskClient) -> None:
    sign_in(client, "li")
    first = client.get("/calls?number=4001").text
    assert "Newest" not in first
    oldest = client.get(link(first, "Oldest")).text
    assert 'rel="next"' not in oldest
    assert ids(client, link(first, "Oldest")) == [ID.format(n) for n in range(12, 62)]
    assert ids(client, link(oldest, "Newer")) == [ID.format(n) for n in range(12)]
    assert ids(client, link(oldest, "Newest")) == ids(client, "/calls?number=4001")
    older = client.get(link(first, "Older")).text
    assert ids(client, link(older, "Newer")) == [ID.format(n) for n in range(50)]


def test_peaks(client: FlaskClient) -> None:
    sign_in(client, "wang")
    found = client.get(f"{CALL}/peaks").json
    assert found["seconds"] == 4.0 and [len(one) for one in found["channels"]] == [1000, 1000]
    assert client.get(f"/calls/{ID.format(2)}/peaks").status_code == 404
    assert client.get(f"/calls/{ID.format(4)}/peaks").status_code == 404, "another agent's call"


def test_an_export_from_the_question_to_the_file(client: FlaskClient, store: Store) -> None:
    sign_in(client, "li")
    head = {"X-CSRFToken": token(client, "/calls"), "Accept": "application/json"}
    asked = client.post("/calls/exports", data={"format": "csv", "cause": "abandoned"}, headers=head)
    assert (asked.status_code, asked.json["state"], asked.json["url"]) == (202, "waiting", None)
    address = f"/calls/exports/{asked.json['id']}"
    assert client.get(address).status_code == 404
    assert exporting.run(store, asked.json["id"])
    shown = client.get("/calls/exports").json["exports"][0]
    assert (shown["state"], shown["rows"], shown["url"]) == ("done", 10, address)
    file = client.get(address)
    assert file.data.startswith(b"\xef\xbb\xbf") and file.data.count(b"\r\n") == 11
    assert re.search(r'filename="?calls-demo-\d{8}-\d{6}\.csv', file.headers["Content-Disposition"])
    sign_in(other := client.application.test_client(), "zhao")
    assert other.get(address).status_code == 404, "another's export"
    for bad in ({"format": "pdf"}, {"format": "csv", "from": "tomorrow"}):
        assert client.post("/calls/exports", data=bad, headers=head).status_code == 422
    with store.read() as session:
        told = next(entry for entry in audit.find(session) if entry.action == "calls.export")
    assert told.detail == {"format": "csv", "filter": {"cause": "abandoned"}} and told.address


def test_retention_is_shown_and_set_by_administrators(client: FlaskClient, store: Store) -> None:
    sign_in(client, "zhao")
    assert "kept for ever" in client.get("/calls").text
    head = {"X-CSRFToken": token(client, "/calls")}
    assert client.post("/calls/retention", data={"days": "180"}, headers=head).status_code == 302
    assert "kept for 180 days" in client.get("/calls").text
    for bad in ("", "-1", "x", "99999", "9" * 5000):
        assert client.post("/calls/retention", data={"days": bad}, headers=head).status_code == 422
    assert retention.get_retention(store, SYSTEM, "demo") == 180


def test_tags_on_the_page_and_in_the_filter(client: FlaskClient, store: Store) -> None:
    vip = tags.create_tag(store, SYSTEM, "demo", "VIP", "red")
    sign_in(client, "wang")
    head = {"X-CSRFToken": token(client, CALL)}
    assert client.post(f"{CALL}/tags", data={"tag": vip.id}, headers=head).status_code == 302
    page = client.get(CALL).text
    assert f'href="/calls?tag={vip.id}">VIP</a>' in page and f'value="{vip.id}" checked' in page
    assert ids(client, f"/calls?tag={vip.id}") == [ID.format(0)]
    assert ids(client, f"/calls?tag={vip.id}&agent=wang&from=2026-11-21") == []
    assert client.post(f"/calls/{ID.format(4)}/tags", data={"tag": vip.id}, headers=head).status_code == 404
    for bad in ("x", "99999"):
        assert client.post(f"{CALL}/tags", data={"tag": bad}, headers=head).status_code in (404, 422)
    assert client.post(f"{CALL}/tags", headers=head).status_code == 302
    assert ids(client, f"/calls?tag={vip.id}") == []


def test_tags_in_an_export(client: FlaskClient, store: Store) -> None:
    vip, late = (tags.create_tag(store, SYSTEM, "demo", name, "red") for name in ("VIP", "late"))
    tags.tag_call(store, SYSTEM, "demo", ID.format(0), [vip.id, late.id])
    asked = exports.request_export(store, SYSTEM, "demo", CallFilter(tag=vip.id), format="csv", language="en")
    assert exporting.run(store, asked.id) == {"rows": 1}
    head, row = exports.file_of(store, asked).read_text("utf-8-sig").splitlines()
    assert ",Tags," in head and ',"VIP, late",' in row


def test_the_page_of_tags(as_user: Callable[[str], Htmx], store: Store) -> None:
    boss = as_user("li")
    form = boss.form("/tags/new")
    key = told(boss.post("/tags/new", form | {"name": "投诉", "colour": "amber"}))["key"]
    taken = boss.post("/tags/new", form | {"name": "投诉", "colour": "red"})
    assert taken.status_code == 409 and "There is already a tag 投诉" in taken.text
    tags.tag_call(store, SYSTEM, "demo", ID.format(0), [int(key)])
    assert "calls with it: 1" in boss.get(f"/tags/ask/delete?key={key}").text
    told(boss.post("/tags/do/delete", {"key": key}))
    assert [tag.name for tag in tags.list_tags(store, SYSTEM, "demo")] == ["回访"]
    assert as_user("wang").get("/tags/").status_code == 403


# With one ----------------------------------------------------------------------------------


@pytest.fixture
def jobs(web_home: Home) -> Iterator[None]:
    """A jobs process of the exports only."""
    stop, store = threading.Event(), open_store(web_home)

    def work() -> None:
        while not stop.wait(0.1):
            for export_id in exporting.unfinished(store):
                exporting.run(store, export_id)

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join()
    store.close()


@browser
def test_filtering_by_keyboard(opened: Open) -> None:
    page = opened("li", "/calls", locale="en-GB")
    page.focus("#f-number")
    page.keyboard.type("18612345678")
    page.keyboard.press("Enter")
    page.wait_for_url("**/calls?*number=18612345678*")
    expect(page.locator("tbody tr:not(.day)")).to_have_count(10)
    page.select_option("#f-disposition", index=0)
    page.click("text=Clear")
    expect(page.locator("tbody tr:not(.day)")).to_have_count(50)
    page.click("text=Oldest")
    expect(page.locator("text=Newest")).to_be_visible()


@browser
@pytest.mark.parametrize(("locale", "word"), [("zh-CN", "条"), ("en-GB", "calls")])
def test_exporting(opened: Open, jobs: None, locale: str, word: str) -> None:
    page = opened("li", "/calls?cause=abandoned", locale=locale)
    page.focus("#export-menu summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    row = page.locator(".export").first
    expect(row).to_contain_text(f"10 {word}")
    with page.expect_download() as started:
        row.locator("a").click()
    assert started.value.suggested_filename.endswith(".xlsx")
    assert started.value.path().read_bytes().startswith(b"PK")


@browser
def test_the_player(opened: Open, store: Store) -> None:
    page = opened("wang", CALL, locale="en-GB")
    expect(page.locator(".wave canvas")).to_have_count(2)
    expect(page.locator("#play-of")).to_have_text("0:04")
    box = page.locator(".wave canvas").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 10)
    until(page, "Math.abs(document.querySelector('#audio').currentTime - 2) < 0.1")
    page.focus("#waves")
    page.keyboard.press("Home")
    expect(page.locator("#play-at")).to_have_text("0:00")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#waves")).to_have_attribute("aria-valuenow", "4")
    page.keyboard.press("Home")
    page.keyboard.press(" ")
    until(page, "document.querySelector('#audio').currentTime > 0.2")
    expect(page.locator("#play")).to_have_attribute("aria-label", "Pause")
    page.click("[data-channel='0']")
    page.click("[data-rate='2']")
    assert page.evaluate("document.querySelector('#audio').playbackRate") == 2
    page.click("#play")
    expect(page.locator("#play")).to_have_attribute("aria-label", "Play")
    page.hover(".steps li:last-child")
    page.click(".steps li:last-child .step-seek")
    until(page, "document.querySelector('#audio').currentTime >= 3.9")
    with store.read() as session:
        assert {entry.user for entry in audit.find(session) if entry.action == "recording.play"} == {"wang"}


@browser
def test_retention_by_mouse(opened: Open) -> None:
    page = opened("zhao", "/calls")
    page.click("#keep summary")
    page.fill("#keep-days", "90")
    page.click("#keep button")
    expect(page.locator(".keep")).to_contain_text("保留 90 天")


def no_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"))


@browser
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080)])
@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_everything_fits(opened: Open, width: int, height: int, locale: str) -> None:
    for user, address in (("zhao", "/calls"), ("wang", CALL)):
        page = opened(user, address, locale=locale, viewport={"width": width, "height": height})
        assert no_sideways(page)
        assert page.evaluate("[...document.querySelectorAll('.table-wrap')].every(e => e.scrollWidth <= e.clientWidth)")
