"""Trunks of an account: lines to carriers and gateways (SIP-1..4). Secrets go in, never out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ccc.store.models import Account, Instance, Number, Trunk
from ccc.store.models.centre import number_trunks

Rules = tuple[tuple[str, str], ...]
"""``(prefix, replacement)`` each."""
_PLAIN = (
    "kind", "username", "realm", "host", "port", "caller_id", "out_username", "called_from", "caller_from",
    "max_calls", "advertise_sip", "advertise_media", "enabled",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TrunkRecord:
    """A line; ``host`` '' cannot call out, ``max_calls`` 0 is no limit. It holds no password."""

    name: str
    account: str
    kind: str = "address"
    addresses: tuple[str, ...] = ()
    username: str = ""
    realm: str = "ccc"
    host: str = ""
    port: int = 5060
    caller_id: str = ""
    out_username: str = ""
    called_from: str = "request-uri"
    caller_from: str = "p-asserted-identity"
    called_rules: Rules = ()
    caller_rules: Rules = ()
    max_calls: int = 0
    advertise_sip: str = ""
    advertise_media: str = ""
    enabled: bool = True
    revision: int = 0
    numbers: tuple[str, ...] = ()
    """Numbers that arrive on it (those open to any trunk are not named)."""
    has_password: bool = False
    has_out_password: bool = False


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is to be stored; None leaves what is there."""

    ha1: str | None = None
    """MD5(username:realm:password), hex."""
    out_password: str | None = None


def of_account(session: Session, account: str) -> list[TrunkRecord]:
    """The account's trunks by name."""
    query = select(Trunk).join(Account, Account.id == Trunk.account_id).where(Account.name == account)
    rows = session.scalars(query.order_by(Trunk.name)).all()
    bound = _numbers(session, [row.id for row in rows])
    return [_record(row, account, bound.get(row.id, [])) for row in rows]


def get(session: Session, name: str) -> TrunkRecord | None:
    """One trunk, whoever's it is."""
    query = select(Trunk, Account.name).join(Account, Account.id == Trunk.account_id)
    found = session.execute(query.where(Trunk.name == name)).one_or_none()
    if found is None:
        return None
    row, account = found
    return _record(row, account, _numbers(session, [row.id]).get(row.id, []))


def everyone(session: Session) -> list[TrunkRecord]:
    """The trunks of all accounts: two of them must not claim one source."""
    query = select(Trunk, Account.name).join(Account, Account.id == Trunk.account_id).order_by(Trunk.name)
    return [_record(row, account, ()) for row, account in session.execute(query)]


def put(session: Session, wanted: TrunkRecord, secrets: Secrets) -> None:
    """Make or change it; the revision grows."""
    row = session.scalar(select(Trunk).where(Trunk.name == wanted.name))
    if row is None:
        account_id = session.scalars(select(Account.id).where(Account.name == wanted.account)).one()
        row = Trunk(account_id=account_id, name=wanted.name, revision=0)
        session.add(row)
    for name in _PLAIN:
        setattr(row, name, getattr(wanted, name))
    row.addresses = list(wanted.addresses)
    row.called_rules = [list(rule) for rule in wanted.called_rules]
    row.caller_rules = [list(rule) for rule in wanted.caller_rules]
    if secrets.ha1 is not None:
        row.password_ha1 = secrets.ha1
    if secrets.out_password is not None:
        row.out_password = secrets.out_password
    row.revision += 1
    session.flush()


def remove(session: Session, name: str) -> None:
    """Forget it."""
    session.delete(session.scalars(select(Trunk).where(Trunk.name == name)).one())
    session.flush()


def instances(session: Session, account: str) -> list[tuple[str, str]]:
    """``(name, title)`` of the account's instances: their flows may call out through its trunks."""
    query = select(Instance.name, Instance.title).join(Account, Account.id == Instance.account_id)
    return [(name, title) for name, title in session.execute(query.where(Account.name == account))]


def _numbers(session: Session, ids: Iterable[int]) -> dict[int, list[str]]:
    query = (
        select(number_trunks.c.trunk_id, Number.number)
        .join(Number, Number.id == number_trunks.c.number_id)
        .where(number_trunks.c.trunk_id.in_(list(ids)))
        .order_by(Number.number)
    )
    found: dict[int, list[str]] = {}
    for trunk_id, number in session.execute(query):
        found.setdefault(trunk_id, []).append(number)
    return found


def _record(row: Trunk, account: str, numbers: Iterable[str]) -> TrunkRecord:
    return TrunkRecord(
        name=row.name,
        account=account,
        addresses=tuple(row.addresses),
        called_rules=tuple((prefix, replacement) for prefix, replacement in row.called_rules),
        caller_rules=tuple((prefix, replacement) for prefix, replacement in row.caller_rules),
        revision=row.revision,
        numbers=tuple(numbers),
        has_password=bool(row.password_ha1),
        has_out_password=bool(row.out_password),
        **{name: getattr(row, name) for name in _PLAIN},
    )
