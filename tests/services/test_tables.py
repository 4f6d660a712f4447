"""Lookup tables and blacklists: services, commands, what the telephone side gets to know."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ccc.cli import cli
from ccc.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, StaleError
from ccc.geo.number_list import NumberList
from ccc.loader import load
from ccc.services import blacklist, flows, tables
from ccc.services.actor import Actor
from ccc.snapshot import load as load_snapshot
from ccc.store import Store
from ccc.store.repos import audit
from ccc.tables import open_table

SOON = datetime(2026, 12, 1, tzinfo=UTC)
BOSS = Actor("boss", {"demo": "admin"})
CSV = "号码,等级\n13800138000,vip\n13900139000,普通\n,x\n"


def document(config: dict[str, Any], kind: str = "lookup", **more: Any) -> dict[str, Any]:
    nodes = [{"id": "s", "type": "start"}, {"id": "n", "type": kind, "config": config}, {"id": "e", "type": "hangup"}]
    ways = {"lookup": ("found", "not_found"), "condition": ("vip", "else")}[kind]
    edges = [{"from": "s", "exit": "next", "to": "n"}, *({"from": "n", "exit": way, "to": "e"} for way in ways)]
    return {"format": 1, "name": "f", "nodes": nodes, "edges": edges, **more}


def test_a_table_is_imported_replaced_and_known_to_calls(store: Store) -> None:
    done = tables.import_table(store, BOSS, "demo", "customers", CSV.encode("gbk"))
    assert (done.table.rows, done.table.key, done.table.columns, done.encoding) == (2, "号码", ("等级",), "gb18030")
    assert [(row.line, row.reason) for row in done.bad] == [(4, "no 号码")]
    first = load_snapshot(store.home.snapshot).tables[0]
    assert open_table(Path(first.path))["13800138000"] == {"等级": "vip"}
    tables.import_table(store, BOSS, "demo", "customers", b"a;b\n1;2\n")
    second = load_snapshot(store.home.snapshot).tables[0]
    assert dict(open_table(Path(second.path))) == {"1": {"b": "2"}}
    assert Path(first.path).exists(), "a call may be about to look into it"


def test_a_bad_file_changes_nothing(store: Store) -> None:
    tables.import_table(store, BOSS, "demo", "customers", CSV.encode())
    before = list(store.home.tables.iterdir())
    for data in (b"", b"a,b\n", b"\0"):
        with pytest.raises(InvalidError):
            tables.import_table(store, BOSS, "demo", "customers", data)
    for name in ("a b", "1a", "", "and", "x" * 65, "../x"):
        with pytest.raises(InvalidError, match="name for a table"):
            tables.import_table(store, BOSS, "demo", name, CSV.encode())
    assert list(store.home.tables.iterdir()) == before
    assert [item.rows for item in tables.list_tables(store, BOSS, "demo")] == [2]


@pytest.mark.parametrize(
    "flow",
    [
        document({"table": "customers"}),
        document({"cases": [{"exit": "vip", "when": "lookup(customers, sys.caller) != null"}]}, "condition"),
    ],
    ids=["node", "formula"],
)
def test_a_table_in_use_stays(store: Store, flow: dict[str, Any]) -> None:
    registry = load(entry_points=False)
    _, problems = flows.import_flow(store, registry, BOSS, "demo", flow)
    assert "missing-reference" in {problem.code for problem in problems if problem.severity == "error"}
    tables.import_table(store, BOSS, "demo", "customers", CSV.encode())
    flows.publish_flow(store, registry, BOSS, "demo", "f")
    with pytest.raises(ConflictError, match=r"flow f \(draft\), node n; flow f \(live version 1\), node n"):
        tables.remove_table(store, registry, BOSS, "demo", "customers")
    own = {**flow, "tables": {"customers": {"1": {}}}}
    flows.import_flow(store, registry, BOSS, "demo", own)
    flows.publish_flow(store, registry, BOSS, "demo", "f")
    tables.remove_table(store, registry, BOSS, "demo", "customers")
    assert load_snapshot(store.home.snapshot).tables == ()
    with pytest.raises(NotFoundError, match="there are: —"):
        tables.remove_table(store, registry, BOSS, "demo", "customers")


def test_many_at_once_with_an_end(store: Store) -> None:
    done = blacklist.add_many(store, BOSS, "demo", ["", "10086", "x y", "10086", "0755*"], "广告", SOON)
    assert (done.new, done.known, done.bad) == (("10086", "0755*"), 0, ((3, "x y"),))
    found = load_snapshot(store.home.snapshot).blacklists[0]
    assert dict(found.until) == {"10086": SOON.timestamp(), "0755*": SOON.timestamp()}
    numbers = NumberList.of_parsed(found.entries, dict(found.until))
    assert numbers.match("075512345678", SOON.timestamp() - 1) == "0755*"
    assert numbers.match("075512345678", SOON.timestamp()) is None
    item = blacklist.get_entry(store, BOSS, "demo", "10086")
    blacklist.change_entry(store, BOSS, "demo", "10086", "骚扰", None, blacklist.revision_of(item))
    with pytest.raises(StaleError):
        blacklist.change_entry(store, BOSS, "demo", "10086", "x", None, blacklist.revision_of(item))
    for lines in ([], ["nonsense"]):
        with pytest.raises(InvalidError):
            blacklist.add_many(store, BOSS, "demo", lines)


def test_numbers_come_on_the_blacklist_in_one_form(store: Store) -> None:
    assert blacklist.add_blacklist(store, BOSS, "demo", ["138 0013 8000", "+8613800138000", "0755*"], "骚扰") == [
        "+8613800138000",
        "0755*",
    ]
    assert blacklist.add_blacklist(store, BOSS, "demo", ["13800138000"]) == []
    found = load_snapshot(store.home.snapshot).blacklists[0]
    assert NumberList.of_parsed(found.entries).match("0755 2234 5678") == "0755*"
    with pytest.raises(InvalidError):
        blacklist.add_blacklist(store, BOSS, "demo", ["13900139000", "nonsense"])
    with pytest.raises(NotFoundError, match="139"):
        blacklist.remove_blacklist(store, BOSS, "demo", ["13800138000", "13900139000"])
    assert len(blacklist.list_blacklist(store, BOSS, "demo")) == 2
    assert blacklist.remove_blacklist(store, BOSS, "demo", ["0086 13800138000"]) == ["+8613800138000"]
    assert [item.entry for item in blacklist.list_blacklist(store, BOSS, "demo")] == ["0755*"]


def test_rights_and_tenants(store: Store) -> None:
    agent, stranger = Actor("a", {"demo": "agent"}), Actor("b", {"other": "admin"})
    for actor, error in ((agent, ForbiddenError), (stranger, NotFoundError)):
        with pytest.raises(error):
            tables.import_table(store, actor, "demo", "t", CSV.encode())
        with pytest.raises(error):
            tables.list_tables(store, actor, "demo")
        with pytest.raises(error):
            blacklist.add_blacklist(store, actor, "demo", ["10086"])
        with pytest.raises(error):
            blacklist.list_blacklist(store, actor, "demo")


def test_commands(store: Store, tmp_path: Path) -> None:
    def ccc(*arguments: str) -> Any:
        return CliRunner().invoke(cli, [*arguments, "--home", str(store.home.root)])

    (tmp_path / "c.csv").write_bytes(CSV.encode())
    done = ccc("table", "import", "customers", str(tmp_path / "c.csv"))
    assert done.exit_code == 0 and "2 rows" in done.stdout and "line 4: no 号码" in done.stderr
    assert "号码: 等级" in ccc("table", "list").stdout
    assert ccc("table", "remove", "customers").exit_code == 0
    assert isinstance(ccc("table", "import", "x", str(tmp_path / "none.csv")).exception, InvalidError)
    assert "added 10086, 021*" in ccc("blacklist", "add", "10086", "021*", "--reason", "x").stdout
    assert '"entry": "021*"' in ccc("blacklist", "list", "--json").stdout
    assert "removed 021*" in ccc("blacklist", "remove", "021*").stdout


def test_the_log_says_from_where_and_through_which_key(store: Store) -> None:
    actor = Actor("boss", {"demo": "admin"}, account="acme", address="10.0.0.7", key="crm #1")
    tables.import_table(store, actor, "demo", "customers", CSV.encode())
    blacklist.add_blacklist(store, actor, "demo", ["10086"])
    with store.read() as session:
        entries = audit.find(session, "demo", limit=2)
    assert [item.action for item in entries] == ["blacklist.add", "table.import"]
    assert {(item.account, item.address, item.detail["key"]) for item in entries} == {("acme", "10.0.0.7", "crm #1")}
