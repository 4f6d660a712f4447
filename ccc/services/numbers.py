"""Numbers: those of the account, those of an instance, and what they are bound to (NUM-1, NUM-2, NUM-10, IVR-1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from sqlalchemy.orm import Session

from ccc.errors import ConflictError, InvalidError, NotFoundError, say
from ccc.geo import inbound_only, normalise
from ccc.services import checks
from ccc.services.actor import Actor
from ccc.services.log import note
from ccc.services.revisions import require_unchanged
from ccc.services.snapshot import export_snapshot
from ccc.store import Store
from ccc.store.repos import flows, groups, numbers
from ccc.store.repos.numbers import NumberRecord, TrunkRecord

Kind = Literal["landline", "mobile", "400", "95", "international", "short", "other"]
_NUMBER = re.compile(r"\+?[0-9*#A-Za-z._-]{1,31}")
AT_ONCE = 500
"""Numbers added in one go."""
_SPACES = re.compile(r"[\s()]|(?<=\d)-(?=\d)")


def kind_of(number: str) -> Kind:
    """The type of a number (NUM-1)."""
    read = normalise(number)
    if read.kind == "service":
        return "400" if inbound_only(number) else "95"
    return read.kind if read.kind in ("landline", "mobile", "international", "short") else "other"


def instance_numbers(store: Store, actor: Actor, instance: str) -> list[NumberRecord]:
    """The instance's numbers."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        return numbers.of_instance(session, instance)


def instance_number(store: Store, actor: Actor, instance: str, number: str) -> NumberRecord:
    """One number of the instance. NotFoundError when it has none of this name."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        return _of_instance(session, instance, number)


def free_numbers(store: Store, actor: Actor, instance: str) -> list[NumberRecord]:
    """Numbers of the instance's account that are in no instance: what can be added (添加号码)."""
    actor.require(instance, "admin")
    with store.read() as session:
        account = checks.instance(session, instance).account
        return [item for item in numbers.of_account(session, account) if not item.instance]


def take_numbers(store: Store, actor: Actor, instance: str, wanted: Sequence[str], flow: str = "") -> None:
    """Add numbers of the account to the instance, bound to a published flow ('' binds none yet). All or none."""
    actor.require(instance, "admin")
    if not wanted:
        raise InvalidError(say("Choose at least one number."), field="numbers")
    with store.write() as session:
        account = checks.instance(session, instance).account
        _published(session, instance, flow)
        for number in wanted:
            found = numbers.get(session, number)
            if found is None or found.account != account:
                raise NotFoundError(_NONE, field="numbers", values={"number": number})
            if found.instance:
                raise ConflictError(
                    say("The number %(number)s is in the instance %(instance)s already."),
                    field="numbers",
                    values={"number": number, "instance": found.instance_title},
                )
            numbers.put(session, number, instance=instance, flow=flow, groups=())
            note(session, actor, "number.take", number, instance=instance, after={"flow": flow})
    export_snapshot(store)


def set_binding(
    store: Store, actor: Actor, instance: str, number: str, flow: str, used_by: Sequence[str], revision: int
) -> NumberRecord:
    """Which published flow takes its calls ('' none) and which skill groups call out with it (``used_by``).

    InvalidError: the flow is not published, or the number can take calls only (NUM-10). StaleError as everywhere.
    """
    actor.require(instance, "admin")
    with store.write() as session:
        old = _of_instance(session, instance, number)
        require_unchanged(old.revision, revision)
        if flow != old.flow:
            _published(session, instance, flow)
        _callers(session, instance, number, used_by)
        numbers.put(session, number, instance=instance, flow=flow, groups=used_by)
        new = _of_instance(session, instance, number)
        note(session, actor, "number.bind", number, instance=instance, before=_bound(old), after=_bound(new))
    export_snapshot(store)
    return new


def release_numbers(store: Store, actor: Actor, instance: str, wanted: Sequence[str]) -> None:
    """Take numbers out of the instance: they stay in the account, bound to nothing."""
    actor.require(instance, "admin")
    with store.write() as session:
        for number in wanted:
            old = _of_instance(session, instance, number)
            numbers.put(session, number, instance="", flow="", groups=())
            note(session, actor, "number.release", number, instance=instance, before=_bound(old))
    export_snapshot(store)


def account_numbers(store: Store, actor: Actor, account: str) -> list[NumberRecord]:
    """Every number of the main account (我的号码管理)."""
    actor.require_account(account)
    with store.read() as session:
        return numbers.of_account(session, account)


def account_number(store: Store, actor: Actor, account: str, number: str) -> NumberRecord:
    """One number of the account. NotFoundError when it has none of this name."""
    actor.require_account(account)
    with store.read() as session:
        return _of_account(session, account, number)


def account_trunks(store: Store, actor: Actor, account: str) -> list[TrunkRecord]:
    """The lines numbers of the account can arrive on."""
    actor.require_account(account)
    with store.read() as session:
        return numbers.trunks(session, account)


def add_account_number(
    store: Store, actor: Actor, account: str, number: str, trunks: Sequence[str] = (), instance: str = ""
) -> NumberRecord:
    """A number one has from a carrier (own number over a trunk, NUM-8). InvalidError, ConflictError at ``number``."""
    return add_account_numbers(store, actor, account, [number], trunks, instance)[0]


def add_account_numbers(
    store: Store, actor: Actor, account: str, wanted: Sequence[str], trunks: Sequence[str] = (), instance: str = ""
) -> list[NumberRecord]:
    """Several at once, or none of them: errors as :func:`add_account_number`, naming the one that cannot be added."""
    actor.require_account(account)
    found = list(dict.fromkeys(text for number in wanted if (text := _SPACES.sub("", number))))
    if not 1 <= len(found) <= AT_ONCE:
        raise InvalidError(say("1 to %(most)s numbers at once."), field="number", values={"most": AT_ONCE})
    for number in found:
        if not _NUMBER.fullmatch(number):
            raise InvalidError(
                say("%(number)s is not a telephone number: digits, with + or an area code."),
                field="number",
                values={"number": number},
            )
    with store.write() as session:
        _check_trunks(session, account, trunks)
        if instance:
            _own_place(session, account, instance)
        made = [_added(session, actor, account, number, trunks, instance) for number in found]
    export_snapshot(store)
    return made


def _added(
    session: Session, actor: Actor, account: str, number: str, trunks: Sequence[str], instance: str
) -> NumberRecord:
    if numbers.get(session, number) is not None:
        raise ConflictError(say("The number %(number)s is there already."), field="number", values={"number": number})
    numbers.add(session, account, number, trunks)
    if instance:
        numbers.put(session, number, instance=instance, flow="", groups=())
    made = _of_account(session, account, number)
    note(session, actor, "number.add", number, instance=instance, after={"trunks": list(made.trunks)})
    return made


def change_account_number(
    store: Store, actor: Actor, account: str, number: str, trunks: Sequence[str], instance: str, revision: int
) -> NumberRecord:
    """Its trunks, and the instance it is in ('' none). Moved to another instance, its bindings end."""
    actor.require_account(account)
    with store.write() as session:
        old = _of_account(session, account, number)
        require_unchanged(old.revision, revision)
        _check_trunks(session, account, trunks)
        numbers.set_trunks(session, number, account, trunks)
        if instance != old.instance:
            if instance:
                _own_place(session, account, instance)
            numbers.put(session, number, instance=instance, flow="", groups=())
        new = _of_account(session, account, number)
        before, after = _bound(old) | _where(old), _bound(new) | _where(new)
        note(session, actor, "number.change", number, instance=instance, before=before, after=after)
    export_snapshot(store)
    return new


def remove_account_numbers(store: Store, actor: Actor, account: str, wanted: Sequence[str]) -> None:
    """Forget numbers of the account. ConflictError while one is in an instance."""
    actor.require_account(account)
    with store.write() as session:
        for number in wanted:
            old = _of_account(session, account, number)
            if old.instance:
                raise ConflictError(
                    say("The number %(number)s is in the instance %(instance)s; take it out there first."),
                    values={"number": number, "instance": old.instance_title},
                )
            numbers.remove(session, number)
            note(session, actor, "number.remove", number, before={"trunks": list(old.trunks)})
    export_snapshot(store)


_NONE = say("There is no number %(number)s here.")


def _of_instance(session: Session, instance: str, number: str) -> NumberRecord:
    found = numbers.get(session, number)
    if found is None or found.instance != instance:
        raise NotFoundError(_NONE, field="number", values={"number": number})
    return found


def _of_account(session: Session, account: str, number: str) -> NumberRecord:
    found = numbers.get(session, number)
    if found is None or found.account != account:
        raise NotFoundError(_NONE, field="number", values={"number": number})
    return found


def _own_place(session: Session, account: str, instance: str) -> None:
    if checks.instance(session, instance).account != account:
        raise NotFoundError(say("There is no instance %(instance)s."), field="instance", values={"instance": instance})


def _published(session: Session, instance: str, flow: str) -> None:
    """IVR-1: only a published flow can be bound and work."""
    if not flow:
        return
    found = flows.get(session, instance, flow)
    if found is None:
        raise InvalidError(say("There is no flow %(name)s."), field="flow", values={"name": flow})
    if found.live_version is None:
        raise InvalidError(
            say("The flow %(name)s is not published. Publish it first: only a published flow takes calls."),
            field="flow",
            values={"name": found.title or flow},
        )


def _callers(session: Session, instance: str, number: str, used_by: Sequence[str]) -> None:
    if used_by and inbound_only(number):
        raise InvalidError(
            say("A 400 number only takes calls: it can never be shown to the person called."), field="groups"
        )
    known = {group.name for group in groups.find(session, instance)}
    for name in used_by:
        if name not in known:
            raise InvalidError(say("There is no skill group %(name)s."), field="groups", values={"name": name})


def _check_trunks(session: Session, account: str, wanted: Sequence[str]) -> None:
    known = {trunk.name for trunk in numbers.trunks(session, account)}
    for name in wanted:
        if name not in known:
            raise InvalidError(say("There is no trunk %(name)s."), field="trunks", values={"name": name})


def _bound(item: NumberRecord) -> dict[str, object]:
    return {"flow": item.flow, "groups": list(item.groups)}


def _where(item: NumberRecord) -> dict[str, object]:
    return {"instance": item.instance, "trunks": list(item.trunks)}
