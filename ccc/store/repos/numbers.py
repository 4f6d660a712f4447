"""Numbers of an account: where they are, what they are bound to (NUM-2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ccc.store.models import Account, Flow, Instance, Number, NumberClosure, SkillGroup, Trunk
from ccc.store.repos import closures
from ccc.store.repos.closures import ClosureRecord


@dataclass(frozen=True, slots=True)
class NumberRecord:
    """A number of ``account``. ``instance`` '' is in none. ``trunks`` empty: it may arrive on any."""

    number: str
    account: str
    instance: str
    instance_title: str
    flow: str
    flow_title: str
    flow_live: int | None
    trunks: tuple[str, ...]
    groups: tuple[str, ...]
    revision: int
    created_at: datetime
    closure: ClosureRecord | None = None
    """Its emergency closure, also one that is over."""

    def closed(self, now: datetime) -> bool:
        """Whether it is closed at ``now``."""
        return self.closure is not None and self.closure.holds(now)


@dataclass(frozen=True, slots=True)
class TrunkRecord:
    """A line of the account; ``host`` '' cannot call out."""

    name: str
    kind: str
    host: str
    enabled: bool


def of_account(session: Session, account: str) -> list[NumberRecord]:
    """Every number of the account."""
    return _records(session, _query().where(Account.name == account))


def of_instance(session: Session, instance: str) -> list[NumberRecord]:
    """The numbers of the instance."""
    return _records(session, _query().where(Instance.name == instance))


def get(session: Session, number: str) -> NumberRecord | None:
    """One number, whoever's it is."""
    found = _records(session, _query().where(Number.number == number))
    return found[0] if found else None


def add(session: Session, account: str, number: str, trunks: Iterable[str]) -> None:
    """A number of the account, in no instance yet."""
    account_id = session.scalars(select(Account.id).where(Account.name == account)).one()
    session.add(Number(account_id=account_id, number=number, trunks=_trunks(session, account, trunks)))
    session.flush()


def put(session: Session, number: str, *, instance: str, flow: str, groups: Sequence[str]) -> None:
    """Where it is and what it is bound to; its revision grows."""
    row = _row(session, number)
    place = session.scalar(select(Instance).where(Instance.name == instance)) if instance else None
    moved = row.instance_id != (place.id if place is not None else None)
    row.instance_id = place.id if place is not None else None
    if moved and (closure := session.get(NumberClosure, row.id)) is not None:
        session.delete(closure)  # whoever has it now decides anew
    row.flow = flow
    query = select(SkillGroup).where(SkillGroup.instance_id == row.instance_id, SkillGroup.name.in_(groups))
    row.groups = list(session.scalars(query)) if place is not None else []
    row.revision += 1
    session.flush()


def set_trunks(session: Session, number: str, account: str, trunks: Iterable[str]) -> None:
    """The trunks it may arrive on; its revision grows."""
    row = _row(session, number)
    row.trunks = _trunks(session, account, trunks)
    row.revision += 1
    session.flush()


def remove(session: Session, number: str) -> None:
    """Forget the number."""
    session.delete(_row(session, number))
    session.flush()


def trunks(session: Session, account: str) -> list[TrunkRecord]:
    """The account's trunks by name."""
    query = select(Trunk).join(Account, Account.id == Trunk.account_id).where(Account.name == account)
    rows = session.scalars(query.order_by(Trunk.name))
    return [TrunkRecord(row.name, row.kind, row.host, row.enabled) for row in rows]


def _query() -> Any:
    return (
        select(Number, Account.name, Instance.name, Instance.title, Flow.title, Flow.live_version)
        .join(Account, Account.id == Number.account_id)
        .outerjoin(Instance, Instance.id == Number.instance_id)
        .outerjoin(Flow, (Flow.instance_id == Number.instance_id) & (Flow.name == Number.flow))
        .options(selectinload(Number.trunks), selectinload(Number.groups))
        .order_by(Number.number)
    )


def _records(session: Session, query: Any) -> list[NumberRecord]:
    closed = {item.number: item for item in closures.everywhere(session)}
    return [
        NumberRecord(
            number=row.number,
            account=account,
            instance=instance or "",
            instance_title=(title or instance) or "",
            flow=row.flow,
            flow_title=flow_title or row.flow,
            flow_live=live,
            trunks=tuple(sorted(trunk.name for trunk in row.trunks)),
            groups=tuple(sorted(group.name for group in row.groups)),
            revision=row.revision,
            created_at=row.created_at,
            closure=closed.get(row.number),
        )
        for row, account, instance, title, flow_title, live in session.execute(query)
    ]


def _row(session: Session, number: str) -> Number:
    return session.scalars(select(Number).where(Number.number == number)).one()


def _trunks(session: Session, account: str, names: Iterable[str]) -> list[Trunk]:
    query = select(Trunk).join(Account, Account.id == Trunk.account_id)
    return list(session.scalars(query.where(Account.name == account, Trunk.name.in_(list(names)))))
