"""Call records: paging, filters, one call, its recording by ranges."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccc.home import Home
from ccc.store import Store
from ccc.store.repos import audit
from ccc.web.calls.causes import CAUSES
from tests.web.conftest import sign_in

ID = "01JD{:04}ABCDEFGHJKMNPQRS"
RECORDED = f"/calls/{ID.format(0)}/recording"


def ids(client: FlaskClient, address: str) -> list[str]:
    found = re.findall(r'<td class="num"><a href="/calls/(\w+)"', client.get(address).text)
    return list(found)


def test_pages_follow_one_another_without_gap(client: FlaskClient) -> None:
    sign_in(client, "li")
    first = client.get("/calls").text
    older = re.search(r'href="(/calls\?after=[^"]+)" rel="next"', first)
    assert older is not None
    assert ids(client, "/calls") + ids(client, older[1]) == [ID.format(n) for n in range(62)]
    assert 'rel="next"' not in client.get(older[1]).text


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("cause=abandoned", {2, 8, 14, 20, 26, 32, 38, 44, 50, 56}),
        ("number=18612345678", {4, 10, 16, 22, 28, 34, 40, 46, 52, 58}),
        ("agent=chen&from=2026-11-20", {4, 10, 16}),
        ("from=2026-11-20&to=2026-11-20&cause=normal", {3, 9, 15}),
        ("number=4001&to=2026-11-18&cause=flow-error", {53, 59}),
    ],
)
def test_filters(client: FlaskClient, query: str, wanted: set[int]) -> None:
    """END is 14:30 in Shanghai; the n-th call began 25 + 47 n minutes before: days change there, not in UTC."""
    sign_in(client, "li")
    assert ids(client, f"/calls?{query}") == [ID.format(n) for n in sorted(wanted)]


def test_filters_go_along_to_the_next_page_and_nothing_else(client: FlaskClient) -> None:
    sign_in(client, "li")
    text = client.get("/calls?number=4001&_external=1&_anchor=x").text
    assert re.search(r'href="/calls\?number=4001&amp;after=[^"]+" rel="next"', text)


@pytest.mark.parametrize("query", ["from=tomorrow", "to=2026-02-30", "after=nonsense"])
def test_a_wrong_filter_is_named(client: FlaskClient, query: str) -> None:
    sign_in(client, "li")
    answer = client.get(f"/calls?{query}", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["field"]) == (422, query.split("=")[0])


def test_an_agent_sees_the_own_calls_only(client: FlaskClient) -> None:
    sign_in(client, "chen")
    assert ids(client, "/calls") == [ID.format(n) for n in range(4, 62, 6)]
    assert ids(client, "/calls?agent=wang") == ids(client, "/calls")
    assert client.get(f"/calls/{ID.format(0)}").status_code == 404
    assert client.get(RECORDED).status_code == 404
    assert client.get(f"/calls/{ID.format(4)}/recording").status_code == 200


def test_the_own_history(client: FlaskClient) -> None:
    sign_in(client, "wang")
    first = client.get("/workbench/history").json
    assert len(first["calls"]) == 20 and first["after"]
    row = first["calls"][0]
    assert (row["number"], row["day"], row["time"]) == ("13800138000", "2026-11-20", "14:05")
    assert (row["disposition"], row["recording"]) == ("已解决", RECORDED)
    second = client.get("/workbench/history", query_string={"after": first["after"]}).json
    assert len(second["calls"]) == 2 and second["after"] is None


def test_a_supervisor_has_an_own_history_too(client: FlaskClient) -> None:
    sign_in(client, "li")
    assert client.get("/workbench/history").json == {"calls": [], "after": None}


def test_one_call_tells_its_way(client: FlaskClient) -> None:
    sign_in(client, "zhao")
    text = client.get(f"/calls/{ID.format(5)}", headers={"Accept-Language": "zh"}).text
    for part in (
        "075526881234",
        "流程出错",
        "KeyError",
        "主菜单",
        "按键导航",
        "→ 按键 1",
        "choice",
        ID.format(5),
        "没有录音",
    ):
        assert part in text
    assert re.findall(r'<span class="step-time num"><span>(\S+)</span><small>(\S+)</small>', text)[2][1] == "+0:09"


def test_names_are_never_html(client: FlaskClient, store: Store) -> None:
    with store.write() as session:
        session.connection().exec_driver_sql(
            "UPDATE calls SET caller = '<script>alert(1)</script>', note = '<img src=x onerror=alert(1)>'"
        )
    sign_in(client, "zhao")
    for address in ("/calls", f"/calls/{ID.format(0)}"):
        text = client.get(address).text
        assert "<script>alert" not in text and "<img" not in text and "&lt;script&gt;" in text


def test_every_cause_has_words_in_both_languages(client: FlaskClient) -> None:
    sign_in(client, "zhao")
    for language in ("zh", "en"):
        text = client.get("/calls", headers={"Accept-Language": language}).text
        shown = dict(re.findall(r'<option value="([\w-]+)"[^>]*>([^<]+)</option>', text))
        assert all(shown[cause] and shown[cause] != cause for cause in CAUSES)


def test_the_whole_recording(client: FlaskClient, web_home: Home) -> None:
    sign_in(client, "wang")
    answer = client.get(RECORDED)
    assert answer.data == (web_home.recordings / "demo/r.wav").read_bytes()
    assert (answer.mimetype, answer.headers["Accept-Ranges"]) == ("audio/wav", "bytes")
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert "attachment" in client.get(RECORDED + "?download=1").headers["Content-Disposition"]


@pytest.mark.parametrize("name", ["../../ccc.db", "/etc/passwd", "demo/missing.wav"])
def test_a_recording_outside_its_folder_is_no_recording(client: FlaskClient, store: Store, name: str) -> None:
    with store.write() as session:
        session.connection().exec_driver_sql("UPDATE calls SET recording = ?", (name,))
    sign_in(client, "zhao")
    assert client.get(RECORDED).status_code == 404


@given(begin=st.integers(0, 140_000), length=st.integers(0, 140_000), kind=st.sampled_from(["both", "open", "last"]))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_range_is_that_part(listener: FlaskClient, begin: int, length: int, kind: str) -> None:
    whole = listener.get(RECORDED).data
    if kind == "last":
        length += 1  # a range of no bytes is no range
    header = {"both": f"bytes={begin}-{begin + length}", "open": f"bytes={begin}-", "last": f"bytes=-{length}"}[kind]
    answer = listener.get(RECORDED, headers={"Range": header})
    start, stop = (begin, len(whole)) if kind == "open" else (begin, min(begin + length + 1, len(whole)))
    if kind == "last":
        start, stop = max(0, len(whole) - length), len(whole)
    if start >= len(whole):
        assert answer.status_code == 416
    else:
        assert answer.status_code == 206 and answer.data == whole[start:stop]
        assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(whole)}"


@pytest.fixture
def listener(client: FlaskClient) -> FlaskClient:
    sign_in(client, "wang")
    return client


def test_an_open_range_is_answered_in_parts(listener: FlaskClient, web_home: Home) -> None:
    path = web_home.recordings / "demo/r.wav"
    path.write_bytes(path.read_bytes() + bytes(3_000_000))
    answer = listener.get(RECORDED, headers={"Range": "bytes=0-"})
    assert answer.status_code == 206 and len(answer.data) == 1024 * 1024


def test_an_empty_recording_has_no_parts(listener: FlaskClient, web_home: Home) -> None:
    (web_home.recordings / "demo/r.wav").write_bytes(b"")
    assert listener.get(RECORDED).data == b""
    for wanted in ("bytes=0-", "bytes=-5"):
        assert listener.get(RECORDED, headers={"Range": wanted}).status_code == 416


@pytest.mark.parametrize("first", ["bytes=44-", "bytes=-5000", "bytes=1-1"])
def test_nobody_listens_unseen_by_leaving_out_the_beginning(listener: FlaskClient, store: Store, first: str) -> None:
    for wanted in (first, "bytes=2000-"):
        assert listener.get(RECORDED, headers={"Range": wanted}).status_code == 206
    with store.read() as session:
        assert [entry.action for entry in audit.find(session)].count("recording.play") == 1


def test_listening_is_written_down_once(listener: FlaskClient, store: Store) -> None:
    for begin in (0, 1000, 2000):
        listener.get(RECORDED, headers={"Range": f"bytes={begin}-"})
    with store.read() as session:
        entries = [entry for entry in audit.find(session) if entry.action == "recording.play"]
    assert [(entry.user, entry.object, entry.instance) for entry in entries] == [("wang", ID.format(0), "demo")]
