"""Trunks of an account: who may call from where, how numbers are read, where calls go out (SIP-1..4)."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from ccc.errors import ConflictError, InvalidError, NotFoundError, say
from ccc.geo import inbound_only
from ccc.loader import Registry
from ccc.services import flow_uses
from ccc.services import trunk_rules as rules
from ccc.services.actor import Actor
from ccc.services.log import note
from ccc.services.passwords import random_password
from ccc.services.revisions import require_unchanged
from ccc.services.snapshot import export_snapshot
from ccc.store import Store
from ccc.store.repos import trunks
from ccc.store.repos.trunks import Secrets, TrunkRecord

MAX_CALLS = (0, 10_000)
PASSWORD = (8, 128)
LOCAL = TrunkRecord("local", "", addresses=("127.0.0.0/8",))
"""The preset for trying out: calls from this computer."""


@dataclass(frozen=True, slots=True)
class Given:
    """Passwords as typed: '' leaves what is there (a new login gets one made up)."""

    password: str = ""
    out_password: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """The trunk; ``password`` was made up for its login and can be shown this once ('': none was)."""

    trunk: TrunkRecord
    password: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """What needs a trunk: a number, or a node of a flow (``version`` None: of the draft)."""

    what: str
    instance: str = ""
    node: str = ""
    version: int | None = None


def account_trunks(store: Store, actor: Actor, account: str) -> list[TrunkRecord]:
    """The trunks of the main account."""
    actor.require_account(account)
    with store.read() as session:
        return trunks.of_account(session, account)


def account_trunk(store: Store, actor: Actor, account: str, name: str) -> TrunkRecord:
    """One of them. NotFoundError when the account has none of this name."""
    actor.require_account(account)
    with store.read() as session:
        return _existing(session, account, name)


def create_trunk(store: Store, actor: Actor, account: str, wanted: TrunkRecord, given: Given) -> Saved:
    """Make it. InvalidError, ConflictError at the field; calls through it are taken within two seconds."""
    actor.require_account(account)
    wanted = _checked(replace(wanted, account=account))
    with store.write() as session:
        _check_name(session, account, wanted.name)
        _check_claims(session, wanted)
        secrets, shown = _secrets(wanted, None, given)
        trunks.put(session, wanted, secrets)
        made = _existing(session, account, wanted.name)
        note(session, actor, "trunk.add", made.name, after=_told(made))
    export_snapshot(store)
    return Saved(made, shown)


def change_trunk(store: Store, actor: Actor, account: str, wanted: TrunkRecord, given: Given, revision: int) -> Saved:
    """Save it. StaleError when somebody saved since ``revision``. A new user name needs a new password."""
    actor.require_account(account)
    wanted = _checked(replace(wanted, account=account))
    with store.write() as session:
        old = _existing(session, account, wanted.name)
        require_unchanged(old.revision, revision)
        _check_claims(session, wanted)
        secrets, shown = _secrets(wanted, old, given)
        trunks.put(session, wanted, secrets)
        new = _existing(session, account, wanted.name)
        fresh = [name for name in ("ha1", "out_password") if getattr(secrets, name)]
        note(session, actor, "trunk.change", new.name, before=_told(old), after=_told(new), new_secrets=fresh)
    export_snapshot(store)
    return Saved(new, shown)


def new_password(store: Store, actor: Actor, account: str, name: str) -> str:
    """A new password for its login; the old one is of no use within two seconds."""
    actor.require_account(account)
    with store.write() as session:
        old = _existing(session, account, name)
        if old.kind != "digest":
            raise ConflictError(say("The trunk %(name)s does not log in."), values={"name": name})
        password = random_password()
        trunks.put(session, old, Secrets(ha1=ha1_of(old.username, old.realm, password)))
        note(session, actor, "trunk.password", name)
    export_snapshot(store)
    return password


def set_enabled(store: Store, actor: Actor, account: str, names: Sequence[str], enabled: bool) -> None:
    """Switch them on or off. Calls in progress go on."""
    actor.require_account(account)
    with store.write() as session:
        for name in names:
            old = _existing(session, account, name)
            trunks.put(session, replace(old, enabled=enabled), Secrets())
            note(session, actor, "trunk.change", name, before={"enabled": old.enabled}, after={"enabled": enabled})
    export_snapshot(store)


def trunk_uses(store: Store, registry: Registry, actor: Actor, account: str, name: str) -> list[Use]:
    """Numbers that arrive only on it, and nodes that call out through it."""
    actor.require_account(account)
    with store.read() as session:
        return _uses(session, registry, _existing(session, account, name))


def delete_trunk(store: Store, registry: Registry, actor: Actor, account: str, name: str) -> None:
    """Delete it. ConflictError while a number or a flow uses it; past calls keep its name."""
    actor.require_account(account)
    with store.write() as session:
        old = _existing(session, account, name)
        if uses := _uses(session, registry, old):
            raise ConflictError(
                say("The trunk %(name)s is used by %(what)s; change that first."),
                values={"name": name, "what": uses[0].what},
            )
        trunks.remove(session, name)
        note(session, actor, "trunk.delete", name, before=_told(old))
    export_snapshot(store)


def check_name(store: Store, actor: Actor, account: str, name: str) -> None:
    """The check while somebody types. InvalidError or ConflictError at ``name``."""
    actor.require_account(account)
    with store.read() as session:
        _check_name(session, account, name)


def _existing(session: Session, account: str, name: str) -> TrunkRecord:
    found = trunks.get(session, name)
    if found is None or found.account != account:
        raise NotFoundError(say("There is no trunk %(name)s."), values={"name": name})
    return found


def _check_name(session: Session, account: str, name: str) -> None:
    if not rules.NAME.fullmatch(name):
        raise InvalidError(say("1 to 64 letters, digits, Chinese characters, . _ and -."), field="name")
    if trunks.get(session, name) is not None:
        raise ConflictError(say("There is already a trunk of this name; choose another."), field="name")


def _checked(wanted: TrunkRecord) -> TrunkRecord:
    """Everything that can be told without looking at others."""
    for field, known in (
        ("kind", rules.KINDS), ("called_from", rules.CALLED_FROM), ("caller_from", rules.CALLER_FROM),
    ):  # fmt: skip
        if getattr(wanted, field) not in known:
            raise InvalidError(say("Choose one of the list."), field=field)
    addresses = rules.read_addresses(wanted.addresses)
    if wanted.kind == "address" and not addresses:
        raise InvalidError(say("Name at least one address calls come from."), field="addresses")
    if wanted.kind == "digest" and not rules.USERNAME.fullmatch(wanted.username):
        raise InvalidError(say("1 to 64 letters, digits and . _ + * # ! ~ -."), field="username")
    rules.check_host(wanted.host, "host")
    rules.check_advertised(wanted.advertise_sip)
    rules.check_media(wanted.advertise_media)
    if not 1 <= wanted.port <= 65535:
        raise InvalidError(say("From %(least)s to %(most)s."), field="port", values={"least": 1, "most": 65535})
    least, most = MAX_CALLS
    if not least <= wanted.max_calls <= most:
        raise InvalidError(say("From %(least)s to %(most)s."), field="max_calls", values={"least": least, "most": most})
    if wanted.caller_id and not rules.CALLER_ID.fullmatch(wanted.caller_id):
        raise InvalidError(say("Digits, with + in front when international."), field="caller_id")
    if inbound_only(wanted.caller_id):
        raise InvalidError(
            say("A 400 number only takes calls: it can never be shown to the person called."), field="caller_id"
        )
    if wanted.out_username and not rules.USERNAME.fullmatch(wanted.out_username):
        raise InvalidError(say("1 to 64 letters, digits and . _ + * # ! ~ -."), field="out_username")
    login = wanted.username if wanted.kind == "digest" else ""
    return replace(wanted, addresses=addresses, username=login)


def _check_claims(session: Session, wanted: TrunkRecord) -> None:
    """No two trunks know a caller by the same block or log in by the same name: one of them would never be met."""
    for other in trunks.everyone(session):
        if other.name == wanted.name:
            continue
        whose = other.name if other.account == wanted.account else "—"
        if wanted.kind == other.kind == "digest" and (wanted.username, wanted.realm) == (other.username, other.realm):
            raise ConflictError(say("Another trunk logs in by this name; choose another."), field="username")
        if wanted.kind == other.kind == "address" and (both := _same(wanted.addresses, other.addresses)):
            raise ConflictError(
                say("%(address)s belongs to another trunk already (%(name)s)."),
                field="addresses",
                values={"address": both, "name": whose},
            )


def _same(mine: Sequence[str], others: Sequence[str]) -> str:
    taken = {ipaddress.ip_network(text, strict=False) for text in others}
    return next((text for text in mine if ipaddress.ip_network(text, strict=False) in taken), "")


def _secrets(wanted: TrunkRecord, old: TrunkRecord | None, given: Given) -> tuple[Secrets, str]:
    """What to store, and the password that was made up ('' none)."""
    out = given.out_password or (None if wanted.out_username else "")
    if len(given.out_password) > PASSWORD[1]:
        raise InvalidError(say("At most %(most)s characters."), field="out_password", values={"most": PASSWORD[1]})
    if wanted.kind != "digest":
        return Secrets(ha1="", out_password=out), ""
    same_login = old is not None and old.has_password and old.username == wanted.username
    if not given.password and same_login:
        return Secrets(out_password=out), ""
    if given.password and not PASSWORD[0] <= len(given.password) <= PASSWORD[1]:
        raise InvalidError(
            say("From %(least)s to %(most)s characters."),
            field="password",
            values={"least": PASSWORD[0], "most": PASSWORD[1]},
        )
    password = given.password or random_password()
    return Secrets(ha1_of(wanted.username, wanted.realm, password), out), "" if given.password else password


def ha1_of(username: str, realm: str, password: str) -> str:
    """What the runtime compares logins with (RFC 2617): MD5(username:realm:password), hex."""
    return hashlib.md5(f"{username}:{realm}:{password}".encode(), usedforsecurity=False).hexdigest()


def _uses(session: Session, registry: Registry, trunk: TrunkRecord) -> list[Use]:
    found = [Use(number) for number in trunk.numbers]
    for instance, title in trunks.instances(session, trunk.account):
        places = flow_uses.uses(session, registry, instance, "trunk", trunk.name)
        found += [Use(place.title, title or instance, place.node, place.version) for place in places]
    return list(dict.fromkeys(found))


def _told(item: TrunkRecord) -> dict[str, object]:
    """For the audit log: everything but secrets (the record has none) and what others set."""
    return {
        name: list(value) if isinstance(value := getattr(item, name), tuple) else value
        for name in TrunkRecord.__dataclass_fields__
        if name not in ("account", "revision", "numbers", "name")
    }
