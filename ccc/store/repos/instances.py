"""Instances as the console and the settings page see them (INS-1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete as sql_delete
from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from ccc.store.models import Account, DeletedInstance, Instance, Membership, Number, User


@dataclass(frozen=True, slots=True)
class InstanceRecord:
    """An instance; ``name`` is its access address. ``max_calls`` 0: no limit."""

    name: str
    account: str
    title: str
    description: str = ""
    timezone: str = "Asia/Shanghai"
    recording: bool = True
    max_call_s: int = 4 * 3600
    max_calls: int = 0
    break_reasons: tuple[str, ...] = ()
    pop_url: str = ""
    pop_when: str = "off"
    pop_where: str = "tab"
    revision: int = 0
    created_at: datetime | None = None
    numbers: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()
    users: int = 0
    familiar: bool = False
    """Familiar mode (熟人模式, WKB-7): who talked with the caller last is asked first."""
    familiar_wait_s: float = 0.0


def of_account(session: Session, account: str) -> list[InstanceRecord]:
    """The account's instances, the oldest first."""
    query = select(Instance).join(Account).where(Account.name == account).order_by(Instance.id)
    return [_record(session, row) for row in session.scalars(query.options(selectinload(Instance.account)))]


def get(session: Session, name: str) -> InstanceRecord | None:
    """One instance by its access address."""
    row = session.scalar(select(Instance).where(Instance.name == name))
    return None if row is None else _record(session, row)


def address_taken(session: Session, name: str) -> bool:
    """Whether any account has, or had, this access address; case does not tell two apart."""
    past = select(DeletedInstance.name).where(func.lower(DeletedInstance.name) == name.lower())
    now = select(Instance.name).where(func.lower(Instance.name) == name.lower())
    return session.scalar(now) is not None or session.scalar(past) is not None


def title_taken(session: Session, account: str, title: str, but: str = "") -> bool:
    """Whether another instance (than ``but``) of the account has this name."""
    query = select(Instance.id).join(Account).where(Account.name == account, Instance.title == title)
    return session.scalar(query.where(Instance.name != but)) is not None


def add(session: Session, wanted: InstanceRecord, breaks: Sequence[str] = ()) -> None:
    """Make the instance."""
    account_id = session.scalars(select(Account.id).where(Account.name == wanted.account)).one()
    row = Instance(
        account_id=account_id,
        name=wanted.name,
        title=wanted.title,
        description=wanted.description,
        timezone=wanted.timezone,
        recording=wanted.recording,
        max_call_s=wanted.max_call_s,
        max_calls=wanted.max_calls,
    )
    if breaks:
        row.break_reasons = list(breaks)
    session.add(row)
    session.flush()


def put(session: Session, wanted: InstanceRecord) -> None:
    """Save everything but address and account; the revision grows."""
    row = session.scalars(select(Instance).where(Instance.name == wanted.name)).one()
    row.title, row.description, row.timezone = wanted.title, wanted.description, wanted.timezone
    row.recording, row.max_call_s, row.max_calls = wanted.recording, wanted.max_call_s, wanted.max_calls
    row.break_reasons = list(wanted.break_reasons)
    row.pop_url, row.pop_when, row.pop_where = wanted.pop_url, wanted.pop_when, wanted.pop_where
    row.familiar, row.familiar_wait_s = wanted.familiar, wanted.familiar_wait_s
    row.revision += 1
    session.flush()


def delete(session: Session, place: InstanceRecord, user: str) -> None:
    """Delete it with everything of its own (foreign keys cascade); its address stays taken."""
    past = DeletedInstance(
        name=place.name, account=place.account, title=place.title, timezone=place.timezone, deleted_by=user
    )
    session.add(past)
    session.flush()
    session.execute(sql_delete(Instance).where(Instance.name == place.name))
    session.expire_all()


def _record(session: Session, row: Instance) -> InstanceRecord:
    bound = select(Number.number).where(Number.instance_id == row.id).order_by(Number.number)
    members = select(User.name, User.username, Membership.role).join(Membership).where(Membership.instance_id == row.id)
    people = session.execute(members.order_by(User.username)).all()
    return InstanceRecord(
        name=row.name,
        account=row.account.name,
        title=row.title or row.name,
        description=row.description,
        timezone=row.timezone,
        recording=row.recording,
        max_call_s=row.max_call_s,
        max_calls=row.max_calls,
        break_reasons=tuple(row.break_reasons),
        familiar=row.familiar,
        familiar_wait_s=row.familiar_wait_s,
        pop_url=row.pop_url,
        pop_when=row.pop_when,
        pop_where=row.pop_where,
        revision=row.revision,
        created_at=row.created_at,
        numbers=tuple(session.scalars(bound)),
        admins=tuple(name or username for name, username, role in people if role == "admin"),
        users=len(people),
    )
