"""Mail from the form of its settings to the mail server, through the jobs process that is running already."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_string, policy

import pytest

from tests.calls.agent import Browser
from tests.calls.callers import dial
from tests.calls.flows import document, node
from tests.calls.publish import put_on_air
from tests.calls.sounds import path
from tests.calls.system import System, wait_for
from tests.plugins.mail_sink import Sink

SETTINGS, ACTION = "/console/plugins/settings/plugins:notify_smtp", "/console/plugins/do"
KEY = "plugins:notify_smtp"
FLOW = document(
    "t-mail",
    [node("start", "start", recording="off"),
     node("tell", "notify", channel="mail", to="zhao@example.com", subject="来电 ${sys.caller}", text="请回电"),
     node("end", "hangup")],
    "start.next>tell", "tell.next>end",
)  # fmt: skip


@pytest.fixture
def sink() -> Iterator[Sink]:
    server = Sink(None, password="right one")
    yield server
    server.close()


def test_set_up_tried_out_and_used_by_a_flow(system: System, sink: Sink) -> None:
    owner = Browser(system, "admin")
    wait_for("jobs", lambda: system.healthz()[1].get("jobs") == "up", 30)
    form = {
        "host": "127.0.0.1",
        "port": str(sink.port),
        "security": "none",
        "username": "ccc",
        "sender": "ccc@example.com",
    }
    assert owner.post(SETTINGS, **form, password="wrong one")[0] == 204
    try:
        status, said = owner.post(f"{ACTION}/test", key=KEY, to="li@example.com")
        assert status == 422 and "It was not sent: 535 5.7.8 wrong password<" in said, said
        assert sink.mails == []
        assert owner.post(SETTINGS, **form, password="right one")[0] == 204
        status, said = owner.post(f"{ACTION}/test", key=KEY, to="li@example.com")
        assert status in (200, 204) and "li@example.com" in said
        (tried,) = sink.mails
        assert message_from_string(tried, policy=policy.default)["To"] == "li@example.com"

        put_on_air(system, {"4260": FLOW})
        dialled = dial(system, "4260")
        dialled.wait()
        assert path(system.record_of(dialled.caller))[1] == "tell.next"
        wait_for("the mail", lambda: len(sink.mails) == 2)
        mail = message_from_string(sink.mails[1], policy=policy.default)
        assert (mail["To"], mail["Subject"]) == ("zhao@example.com", f"来电 {dialled.caller}")
        row = wait_for("the row", lambda: sent_row(owner, dialled.caller))
        assert "smtp" in row and "tag-good" in row
    finally:
        assert owner.post(f"{ACTION}/forget", key=KEY)[0] in (200, 204)


def sent_row(owner: Browser, caller: str) -> str:
    """The line of the page of messages that tells of the mail; '' while it is not sent."""
    rows = [row for row in owner.get("/notices/").split("<tr")[1:] if f"来电 {caller}" in row]
    return rows[0] if rows and "tag-good" in rows[0] else ""
