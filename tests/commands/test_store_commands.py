"""``ccc db``, ``ccc user``, ``ccc calls``, ``ccc flows import|export|publish``: what people type, what they read."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ccc.cli import cli
from ccc.errors import CccError
from ccc.home import Home
from ccc.jobs.ingest import call_row
from ccc.services import users
from ccc.snapshot import load
from ccc.snapshot.model import Number
from ccc.store import open_store
from ccc.store.repos import calls, centre
from ccc.store.repos import users as user_repo

Run = Callable[..., Result]
FLOW = {
    "format": 1,
    "name": "bye",
    "nodes": [{"id": "s", "type": "start"}, {"id": "h", "type": "hangup"}],
    "edges": [{"from": "s", "exit": "next", "to": "h"}],
}


@pytest.fixture
def run(home: Home) -> Run:
    """Run a command line on an installation with the instance ``demo``."""

    def command(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(cli, [*arguments, "--home", str(home.root)], input=stdin, catch_exceptions=True)

    assert command("db", "upgrade").exit_code == 0
    store = open_store(home)
    with store.write() as session:
        user_repo.add_account(session, "acme", "")
        centre.add_instance(session, "acme", "demo", "Demo")
    store.close()
    return command


def failure(result: Result) -> CccError:
    """What ``ccc.cli.main`` prints as one line."""
    assert isinstance(result.exception, CccError), result.output
    return result.exception


def test_a_missing_store_says_what_to_run(home: Home) -> None:
    result = CliRunner().invoke(cli, ["user", "list", "--home", str(home.root)])
    assert "ccc db upgrade" in failure(result).message
    assert failure(result).exit_code == 2


def test_numbers_are_closed_and_opened(run: Run, home: Home) -> None:
    store = open_store(home)
    with store.write() as session:
        centre.add_number(session, "acme", Number("4001", "demo"))
    store.close()
    closed = run("numbers", "close", "4001", "--reason", "fire", "--until", "2099-11-22 09:00", "--text", "请稍后")
    assert closed.output == "4001: " + run("numbers", "list").output.split(maxsplit=2)[2], closed.output
    assert "CLOSED until 2099-11-22 01:00 UTC by system" in closed.output and "fire" in closed.output
    shown = json.loads(run("numbers", "list", "--json").output)["closure"]
    assert (shown["by"], shown["reason"], shown["text"]) == ("system", "fire", "请稍后")
    assert (
        "only one of" in failure(run("numbers", "close", "4001", "--reason", "x", "--text", "a", "--flow", "b")).message
    )
    assert failure(run("numbers", "close", "4001", "--reason", "x", "--until", "soon")).field == "until"
    assert run("numbers", "open", "4001").output == "4001: open again\n"
    assert run("numbers", "open", "4001").output == "4001: was not closed\n"


def test_publishing_is_planned_and_cancelled(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bye.json").write_text(json.dumps(FLOW))
    run("flows", "import", str(tmp_path / "bye.json"))
    soon = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%dT%H:%M}Z"
    made = run("flows", "publish", "bye", "--at", soon, "-m", "night")
    assert made.output.startswith("flow bye: plan 1, revision 1 is published") and "night" in made.output
    assert run("flows", "planned").output == made.output
    assert failure(run("flows", "publish", "bye", "--at", "2001-01-01 09:00")).field == "at"
    assert failure(run("flows", "planned", "--cancel", "9")).field == "cancel"
    assert run("flows", "planned", "--cancel", "1").output == "flow bye: plan 1 is cancelled\n"
    assert run("flows", "planned").output == ""


def test_user_life(run: Run, home: Home) -> None:
    made = run("user", "add", "bob", "--role", "agent", "--name", "Bob")
    assert made.exit_code == 0
    password = made.output.split("password: ")[1].strip()
    assert "already" in failure(run("user", "add", "bob")).message
    listed = json.loads(run("user", "list", "--json").output)
    assert listed == {"username": "bob", "name": "Bob", "active": True, "roles": {"demo": "agent"}}
    store = open_store(home)
    try:
        assert users.verify_password(store, "bob", password) is not None
        assert run("user", "password", "bob", "--password-stdin", stdin="new password\n").exit_code == 0
        assert users.verify_password(store, "bob", password) is None
        assert users.verify_password(store, "bob", "new password") is not None
        assert run("user", "disable", "bob").exit_code == 0
        assert users.verify_password(store, "bob", "new password") is None
    finally:
        store.close()
    assert "disabled" in run("user", "list").output
    assert load(home.snapshot).agents[0].disabled
    assert "no user eve" in failure(run("user", "disable", "eve")).message


def test_the_instance_is_asked_for_only_when_there_are_several(run: Run, home: Home) -> None:
    store = open_store(home)
    with store.write() as session:
        centre.add_instance(session, "acme", "second", "")
    store.close()
    assert "demo, second" in failure(run("user", "add", "bob")).message
    assert run("user", "add", "bob", "--instance", "second").exit_code == 0


def test_calls(run: Run, home: Home) -> None:
    assert "ccc call 4000" in run("calls").output
    step = {"n": 0, "node": "s", "name": "Start", "type": "start", "entered_at": 1767225600.5, "left_at": 1767225601.0}
    whole = {
        "id": "c1",
        "instance": "demo",
        "direction": "inbound",
        "caller": "100",
        "callee": "4000",
        "started_at": 1767225600.25,
        "ended_at": 1767225605.25,
        "cause": "normal",
        "flow": "welcome",
        "flow_version": 2,
        "steps": [{**step, "exit": "next"}],
    }
    store = open_store(home)
    with store.write() as session:
        calls.add_calls(session, [call_row(whole), call_row({**whole, "id": "c2", "started_at": 1767225700})])
    store.close()
    lines = run("calls", "--json").output.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["c2", "c1"]
    assert json.loads(lines[1]) == {
        "legs": [],
        "survey": [],
        "id": "c1",
        "direction": "inbound",
        "caller": "100",
        "callee": "4000",
        "kind": None,
        "origin": None,
        "started_at": "2026-01-01T00:00:00.250Z",
        "answered_at": None,
        "ended_at": "2026-01-01T00:00:05.250Z",
        "cause": "normal",
        "flow": "welcome",
        "flow_version": 2,
        "agent": None,
        "steps": [
            {
                "node": "s",
                "type": "start",
                "entered_at": "2026-01-01T00:00:00.500Z",
                "left_at": "2026-01-01T00:00:01.000Z",
                "exit": "next",
                "flow": "welcome",
                "flow_version": 2,
            }
        ],
        "recording": None,
    }
    assert len(run("calls", "--json", "--last", "1").output.splitlines()) == 1
    assert "s[next]" in run("calls", "--last", "1").output
    assert run("calls", "--last", "0").exit_code == 2


def test_flows(run: Run, home: Home, tmp_path: Path) -> None:
    file = tmp_path / "bye.json"
    file.write_text(json.dumps(FLOW))
    assert "revision 1" in run("flows", "import", str(file)).output
    assert load(home.snapshot).unpublished == (("demo", "bye"),)
    assert "version 1 published" in run("flows", "publish", "bye", "-m", "first").output
    assert "nothing changed" in run("flows", "publish", "bye").output
    exported = run("flows", "export", "bye", "-o", str(tmp_path / "out.json"))
    assert exported.exit_code == 0
    assert json.loads((tmp_path / "out.json").read_text())["edges"] == FLOW["edges"]
    assert json.loads(run("flows", "export", "bye", "--version", "1").output)["name"] == "bye"


def test_sets_of_flows_and_the_vendors_format(run: Run, tmp_path: Path) -> None:
    file, packed = tmp_path / "bye.json", tmp_path / "set.json"
    file.write_text(json.dumps(FLOW))
    run("flows", "import", str(file))
    assert run("flows", "export", "--set", "-o", str(packed)).exit_code == 0
    assert run("flows", "export", "bye", "--set").output == packed.read_text()
    assert "flow bye: unchanged" in run("flows", "import", str(packed)).output
    packed.write_text(packed.read_text().replace('"bye"', '"other"'))
    trial = run("flows", "import", str(packed), "--dry-run").output
    assert "flow other: would be created" in trial and "changed after it was exported" in trial
    assert "there are: bye" in failure(run("flows", "export", "other")).message
    assert run("flows", "export", "a", "b", "--version", "1").exit_code != 0
    assert run("flows", "export").exit_code != 0
    theirs = Path(__file__).parent.parent / "flow" / "foreign" / "unmapped.json"
    told = run("flows", "import", "--vendor", "--name", "theirs", str(theirs)).output
    assert "flow theirs: draft saved" in told and "kept: activity smart, type SMART_NAVIGATION" in told
    assert "missing here: node-type vendor:SMART_NAVIGATION (theirs node smart)" in told
    assert "left-out: activity say, field nodeIndex" in told
    assert failure(run("flows", "import", "--name", "x", str(file))).field == "name"


def test_flows_that_cannot_be_used(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "bye.json"
    file.write_text("{")
    assert "not JSON" in failure(run("flows", "import", str(file))).message
    assert "cannot read" in failure(run("flows", "import", str(tmp_path / "none.json"))).message
    file.write_text(json.dumps({**FLOW, "edges": [{"from": "s", "exit": "next", "to": "nowhere"}]}))
    assert "nowhere" in run("flows", "import", str(file)).output
    refused = failure(run("flows", "publish", "bye"))
    assert "nowhere" in refused.message
    assert refused.exit_code == 2
    assert "there are: bye" in failure(run("flows", "publish", "nix")).message
