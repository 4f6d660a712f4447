"""Instances: the console's list, one-step creation, settings (INS-1, INS-2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from ccc.errors import CccError, ConflictError, InvalidError, NotFoundError, say
from ccc.flow.document import load_document
from ccc.geo import inbound_only
from ccc.home import PROJECT
from ccc.loader import Registry
from ccc.services import screen_pop
from ccc.services.actor import ROLES, Actor
from ccc.services.flows import import_flow, publish_flow
from ccc.services.log import note
from ccc.services.revisions import require_unchanged
from ccc.services.snapshot import export_snapshot
from ccc.snapshot import model as snap
from ccc.store import Store
from ccc.store.repos import centre, instances, numbers, users
from ccc.store.repos.instances import InstanceRecord

GROUP, FLOW = "default", "welcome"
ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,62}")
TITLE = re.compile(r"\w(?:[\w \-·()（）]{0,62}[\w)）])?")
MAX_CALL_S = (60, 24 * 3600)
MAX_CALLS = (0, 10_000)
MAX_BREAKS, BREAK_LENGTH = 30, 20


@dataclass(frozen=True, slots=True)
class Wish:
    """What a new instance is to be (INS-1). ``admins`` are users of the account beside who makes it."""

    title: str
    name: str
    description: str = ""
    numbers: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()
    recording: bool = True


@dataclass(frozen=True, slots=True)
class Created:
    """The instance; ``problem`` says why its welcome flow is not on the air yet (None: it is)."""

    instance: InstanceRecord
    problem: CccError | None


def account_instances(store: Store, actor: Actor, account: str) -> list[InstanceRecord]:
    """The instances of the main account."""
    actor.require_account(account)
    with store.read() as session:
        return instances.of_account(session, account)


def account_instance(store: Store, actor: Actor, account: str, name: str) -> InstanceRecord:
    """One of them. NotFoundError when the account has none of this address."""
    actor.require_account(account)
    with store.read() as session:
        return _existing(session, name, account)


def get_instance(store: Store, actor: Actor, name: str) -> InstanceRecord:
    """The instance with its settings, for who works in it."""
    actor.require(name, "admin", "supervisor")
    with store.read() as session:
        return _existing(session, name)


def of_agent(store: Store, actor: Actor, name: str) -> InstanceRecord:
    """The instance for anybody who works in it: what the workbench needs of it."""
    actor.require(name, *ROLES)
    with store.read() as session:
        return _existing(session, name)


def check_title(store: Store, actor: Actor, account: str, title: str, but: str = "") -> None:
    """The check while somebody types. InvalidError or ConflictError at ``title``."""
    actor.require_account(account)
    with store.read() as session:
        _title(session, account, title, but)


def check_address(store: Store, actor: Actor, account: str, name: str) -> None:
    """The check while somebody types. InvalidError or ConflictError at ``name``."""
    actor.require_account(account)
    with store.read() as session:
        _address(session, name)


def create_instance(store: Store, registry: Registry, actor: Actor, account: str, wish: Wish) -> Created:
    """All in one step: skill group ``default`` with its first people, the flow ``welcome`` published, numbers bound.

    InvalidError and ConflictError name the field, and nothing is made then. What cannot be spoken (no TTS engine)
    leaves the instance with a draft, and ``problem`` says so.
    """
    actor.require_account(account)
    people = tuple(dict.fromkeys([actor.user, *wish.admins]))
    with store.write() as session:
        _title(session, account, wish.title)
        _address(session, wish.name)
        _check_people(session, account, wish.admins)
        instances.add(
            session, InstanceRecord(wish.name, account, wish.title, wish.description, recording=wish.recording)
        )
        centre.add_skill_group(session, snap.SkillGroup(GROUP, wish.name, "默认技能组"))
        for username in people:
            users.set_role(session, username, wish.name, "admin")
            centre.join_group(session, wish.name, username, GROUP)
        for number in wish.numbers:
            _free(session, account, number)
            groups = () if inbound_only(number) else (GROUP,)
            numbers.put(session, number, instance=wish.name, flow=FLOW, groups=groups)
        made = _existing(session, wish.name)
        note(session, actor, "instance.add", wish.name, instance=wish.name, after=_told(made))
    problem = _welcome(store, registry, actor, wish.name)
    export_snapshot(store)
    return Created(made, problem)


def change_instance(store: Store, actor: Actor, account: str, wanted: InstanceRecord, revision: int) -> InstanceRecord:
    """Name and description, from the console. StaleError when somebody saved since ``revision``."""
    actor.require_account(account)
    with store.write() as session:
        old = _existing(session, wanted.name, account)
        new = replace(old, title=wanted.title, description=wanted.description)
        saved = _save(session, actor, old, new, revision)
    export_snapshot(store)
    return saved


def change_settings(store: Store, actor: Actor, wanted: InstanceRecord, revision: int) -> InstanceRecord:
    """Basic settings, by an administrator of the instance. Live within two seconds for new calls."""
    actor.require(wanted.name, "admin")
    _check_settings(wanted)
    breaks = tuple(dict.fromkeys(text.strip() for text in wanted.break_reasons if text.strip()))
    with store.write() as session:
        old = _existing(session, wanted.name)
        new = replace(
            old,
            title=wanted.title,
            description=wanted.description,
            timezone=wanted.timezone,
            recording=wanted.recording,
            max_call_s=wanted.max_call_s,
            max_calls=wanted.max_calls,
            break_reasons=breaks,
            familiar=wanted.familiar,
            familiar_wait_s=wanted.familiar_wait_s,
            pop_url=wanted.pop_url,
            pop_when=wanted.pop_when,
            pop_where=wanted.pop_where,
        )
        saved = _save(session, actor, old, new, revision)
    export_snapshot(store)
    return saved


def _save(session: Session, actor: Actor, old: InstanceRecord, new: InstanceRecord, revision: int) -> InstanceRecord:
    require_unchanged(old.revision, revision)
    if new.title != old.title:
        _title(session, old.account, new.title, old.name)
    instances.put(session, new)
    note(session, actor, "instance.change", old.name, instance=old.name, before=_told(old), after=_told(new))
    return _existing(session, old.name)


def _welcome(store: Store, registry: Registry, actor: Actor, name: str) -> CccError | None:
    inside = replace(actor, roles={**actor.roles, name: "admin"})
    document = load_document((PROJECT / "flows" / f"{FLOW}.json").read_bytes())
    try:
        import_flow(store, registry, inside, name, document.as_dict())
        publish_flow(store, registry, inside, name, FLOW)
    except CccError as error:
        return error
    return None


def _existing(session: Session, name: str, account: str = "") -> InstanceRecord:
    found = instances.get(session, name)
    if found is None or (account and found.account != account):
        raise NotFoundError(say("There is no instance %(instance)s."), values={"instance": name})
    return found


def _title(session: Session, account: str, title: str, but: str = "") -> None:
    if not TITLE.fullmatch(title):
        raise InvalidError(say("1 to 64 characters: Chinese, letters, digits, spaces, - and brackets."), field="title")
    if instances.title_taken(session, account, title, but):
        raise ConflictError(say("The account has an instance of this name already; choose another."), field="title")


def _address(session: Session, name: str) -> None:
    if not ADDRESS.fullmatch(name):
        raise InvalidError(say("2 to 63 of letters, digits, _ and -, a letter or digit first."), field="name")
    if instances.address_taken(session, name):
        raise ConflictError(say("The access address you entered exists already."), field="name")


def _check_people(session: Session, account: str, wanted: Sequence[str]) -> None:
    for username in wanted:
        found = users.get(session, username)
        if found is None or found.account != account:
            raise InvalidError(
                say("There is no user %(name)s in the account."), field="admins", values={"name": username}
            )


def _free(session: Session, account: str, number: str) -> None:
    found = numbers.get(session, number)
    if found is None or found.account != account:
        raise InvalidError(say("There is no number %(number)s here."), field="numbers", values={"number": number})
    if found.instance:
        raise ConflictError(
            say("The number %(number)s is in the instance %(instance)s already."),
            field="numbers",
            values={"number": number, "instance": found.instance_title},
        )


def _check_settings(wanted: InstanceRecord) -> None:
    try:
        ZoneInfo(wanted.timezone)
    except (KeyError, ValueError, OSError):
        raise InvalidError(say("This time zone is not known."), field="timezone") from None
    for field, (least, most) in (("max_call_s", MAX_CALL_S), ("max_calls", MAX_CALLS)):
        if not least <= getattr(wanted, field) <= most:
            raise InvalidError(say("From %(least)s to %(most)s."), field=field, values={"least": least, "most": most})
    if wanted.pop_when not in screen_pop.WHEN or wanted.pop_where not in screen_pop.WHERE:
        raise InvalidError(say("Choose one of the list."), field="pop_when")
    if wanted.pop_url:
        screen_pop.check_template(wanted.pop_url)
    elif wanted.pop_when != "off":
        raise InvalidError(say("Without an address nothing can be opened."), field="pop_url")
    if len(wanted.break_reasons) > MAX_BREAKS or any(len(text) > BREAK_LENGTH for text in wanted.break_reasons):
        raise InvalidError(
            say("At most %(count)s reasons of %(length)s characters."),
            field="break_reasons",
            values={"count": MAX_BREAKS, "length": BREAK_LENGTH},
        )


def _told(item: InstanceRecord) -> dict[str, object]:
    return {
        "title": item.title,
        "description": item.description,
        "timezone": item.timezone,
        "recording": item.recording,
        "max_call_s": item.max_call_s,
        "max_calls": item.max_calls,
        "break_reasons": list(item.break_reasons),
        "familiar": item.familiar,
        "familiar_wait_s": item.familiar_wait_s,
        "screen_pop": {"url": item.pop_url, "when": item.pop_when, "where": item.pop_where},
        "numbers": list(item.numbers),
        "admins": list(item.admins),
    }
