"""Trunks of an account (SIP-1..4)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given as when
from hypothesis import strategies as st

from ccc.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, StaleError
from ccc.loader import Registry, load
from ccc.services import flows, numbers, trunk_rules, trunks
from ccc.services.actor import Actor
from ccc.services.trunks import Given
from ccc.sip.digest import ha1_of
from ccc.snapshot import load as load_snapshot
from ccc.store import Store
from ccc.store.repos import audit, users
from ccc.store.repos.trunks import TrunkRecord

OWNER = Actor("owner", {"demo": "admin"}, account="acme", account_role="owner")
BOSS = Actor("boss", {"demo": "admin"}, account="acme")
STRANGER = Actor("s", {}, account="else", account_role="owner")
CARRIER = TrunkRecord(
    "carrier", "", addresses=("192.0.2.7", "198.51.100.0/24"), host="192.0.2.7", caller_id="075526880000"
)
LOGIN = TrunkRecord("pbx", "", kind="digest", username="branch")


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(entry_points=False)


def test_made_changed_and_in_the_snapshot(store: Store) -> None:
    rules = replace(CARRIER, called_rules=(("+86", "0"),), max_calls=30, out_username="u1", called_from="to")
    made = trunks.create_trunk(store, OWNER, "acme", rules, Given(out_password="at the carrier"))
    assert (made.password, made.trunk.revision, made.trunk.has_out_password) == ("", 1, True)
    there = load_snapshot(store.home.snapshot).trunks[0]
    assert (there.id, there.account, there.max_calls, there.called_from) == ("carrier", "acme", 30, "to")
    assert (there.called_rules[0].replace, there.out_password) == ("0", "at the carrier")
    saved = trunks.change_trunk(store, OWNER, "acme", replace(rules, max_calls=5), Given(), 1)
    assert (
        saved.trunk.has_out_password and load_snapshot(store.home.snapshot).trunks[0].out_password == "at the carrier"
    )
    with pytest.raises(StaleError):
        trunks.change_trunk(store, OWNER, "acme", rules, Given(), 1)
    assert trunks.account_trunk(store, OWNER, "acme", "carrier").max_calls == 5
    trunks.set_enabled(store, OWNER, "acme", ["carrier"], False)
    assert load_snapshot(store.home.snapshot).trunks == ()
    dropped = replace(rules, out_username="")
    trunks.change_trunk(store, OWNER, "acme", dropped, Given(), 3)
    assert not trunks.account_trunk(store, OWNER, "acme", "carrier").has_out_password


def test_a_login_is_shown_once_and_nowhere_else(store: Store) -> None:
    made = trunks.create_trunk(store, OWNER, "acme", LOGIN, Given())
    assert re.fullmatch(r"[a-z2-9-]{19}", made.password)
    assert load_snapshot(store.home.snapshot).trunks[0].password_ha1 == ha1_of("branch", "ccc", made.password)
    kept = trunks.change_trunk(store, OWNER, "acme", replace(LOGIN, max_calls=2), Given(), 1)
    assert kept.password == "" and load_snapshot(store.home.snapshot).trunks[0].password_ha1.startswith(
        ha1_of("branch", "ccc", made.password)
    )
    renamed = trunks.change_trunk(store, OWNER, "acme", replace(LOGIN, username="other"), Given(), 2)
    assert renamed.password not in ("", made.password), "the hash holds the user name: a new one needs a password"
    again = trunks.new_password(store, OWNER, "acme", "pbx")
    assert load_snapshot(store.home.snapshot).trunks[0].password_ha1 == ha1_of("other", "ccc", again)
    trunks.change_trunk(store, OWNER, "acme", replace(LOGIN, username="other"), Given("typed in by hand"), 4)
    with store.read() as session:
        told = str(audit.find(session))
    for secret in (made.password, renamed.password, again, "typed in", ha1_of("other", "ccc", "typed in by hand")):
        assert secret not in told
    assert "new_secrets" in told


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"), ({"name": "a/b"}, "name"), ({"addresses": ()}, "addresses"),
        ({"addresses": ("carrier.example",)}, "addresses"), ({"addresses": ("0.0.0.0/0",)}, "addresses"),
        ({"addresses": ("::/0",)}, "addresses"), ({"kind": "digest"}, "username"), ({"kind": "any"}, "kind"),
        ({"kind": "digest", "username": 'a"b'}, "username"), ({"host": "a b"}, "host"), ({"port": 0}, "port"),
        ({"max_calls": -1}, "max_calls"), ({"caller_id": "=1"}, "caller_id"),
        ({"caller_id": "4008001234"}, "caller_id"),
        ({"advertise_sip": "h:x"}, "advertise_sip"),
        ({"advertise_sip": "h:1:2"}, "advertise_sip"), ({"advertise_media": "host"}, "advertise_media"),
        ({"out_username": "a b"}, "out_username"), ({"called_from": "via"}, "called_from"),
    ],
)  # fmt: skip
def test_refusals_name_the_field(store: Store, change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        trunks.create_trunk(store, OWNER, "acme", replace(CARRIER, **change), Given())  # type: ignore[arg-type]
    assert refused.value.field == field
    assert trunks.account_trunks(store, OWNER, "acme") == []


def test_two_trunks_never_claim_one_caller(store: Store) -> None:
    trunks.create_trunk(store, OWNER, "acme", CARRIER, Given())
    trunks.create_trunk(store, OWNER, "acme", LOGIN, Given())
    with store.write() as session:
        users.add_account(session, "else", "Else")
    with pytest.raises(ConflictError, match=r"already \(carrier"):
        trunks.create_trunk(store, OWNER, "acme", replace(CARRIER, name="b", addresses=("192.0.2.7/32",)), Given())
    with pytest.raises(ConflictError) as refused:
        trunks.create_trunk(store, STRANGER, "else", replace(CARRIER, name="b"), Given())
    assert "carrier" not in refused.value.message, "another account's trunk is not named"
    with pytest.raises(ConflictError, match="by this name"):
        trunks.create_trunk(store, STRANGER, "else", replace(LOGIN, name="b"), Given())
    with pytest.raises(ConflictError, match="choose another"):
        trunks.create_trunk(store, OWNER, "acme", replace(CARRIER, addresses=("10.1.1.1",)), Given())


def test_not_deleted_while_used(store: Store, registry: Registry) -> None:
    trunks.create_trunk(store, OWNER, "acme", CARRIER, Given())
    numbers.add_account_number(store, OWNER, "acme", "4001", ["carrier"])
    nodes = [
        {"id": "start", "type": "start"},
        {"id": "out", "type": "transfer_external", "config": {"number": "10086", "trunk": "carrier"}},
        {"id": "end", "type": "hangup"},
    ]
    edges = [{"from": "start", "exit": "next", "to": "out"}]
    document = {"format": 1, "name": "f", "title": "Out", "nodes": nodes, "edges": edges}
    flows.import_flow(store, registry, BOSS, "demo", document)
    found = trunks.trunk_uses(store, registry, OWNER, "acme", "carrier")
    assert [(use.what, use.node) for use in found] == [("4001", ""), ("Out", "out")]
    with pytest.raises(ConflictError, match="4001"):
        trunks.delete_trunk(store, registry, OWNER, "acme", "carrier")
    numbers.change_account_number(store, OWNER, "acme", "4001", [], "", 1)
    with pytest.raises(ConflictError, match="Out"):
        trunks.delete_trunk(store, registry, OWNER, "acme", "carrier")
    document["nodes"] = [nodes[0], nodes[2]]
    document["edges"] = [{"from": "start", "exit": "next", "to": "end"}]
    flows.import_flow(store, registry, BOSS, "demo", document)
    trunks.delete_trunk(store, registry, OWNER, "acme", "carrier")
    assert load_snapshot(store.home.snapshot).trunks == ()


def test_rights(store: Store, registry: Registry) -> None:
    trunks.create_trunk(store, OWNER, "acme", LOGIN, Given())
    for actor, error in ((BOSS, ForbiddenError), (STRANGER, NotFoundError)):
        for act in (
            lambda a: trunks.account_trunks(store, a, "acme"),
            lambda a: trunks.create_trunk(store, a, "acme", CARRIER, Given()),
            lambda a: trunks.change_trunk(store, a, "acme", LOGIN, Given(), 1),
            lambda a: trunks.new_password(store, a, "acme", "pbx"),
            lambda a: trunks.set_enabled(store, a, "acme", ["pbx"], False),
            lambda a: trunks.delete_trunk(store, registry, a, "acme", "pbx"),
            lambda a: trunks.check_name(store, a, "acme", "x"),
        ):
            with pytest.raises(error):
                act(actor)
    with pytest.raises(NotFoundError):
        trunks.account_trunk(store, STRANGER, "else", "pbx")


PREFIX = st.text("0123456789+*#", max_size=8)


@when(st.dictionaries(PREFIX, PREFIX, max_size=6))
def test_rules_written_and_read_are_the_same(rules: dict[str, str]) -> None:
    pairs = tuple(rules.items())
    assert trunk_rules.read_rules(trunk_rules.write_rules(pairs).splitlines(), "called_rules") == pairs


@when(st.lists(st.text(max_size=30), max_size=4))
def test_any_text_is_read_or_refused(lines: list[str]) -> None:
    for read in (trunk_rules.read_addresses, lambda texts: trunk_rules.read_rules(texts, "called_rules")):
        try:
            assert isinstance(read(lines), tuple)
        except InvalidError as refused:
            assert refused.field


@pytest.mark.parametrize("text", ["+86 => 0", "+86=0", "+86 -> 0", "+86 0", " +86 → 0 "])
def test_ways_to_write_a_rule(text: str) -> None:
    assert trunk_rules.read_rules([text], "called_rules") == (("+86", "0"),)
