"""Dedicated agents (专属坐席, AGT-1): which agent serves which customer."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session, contains_eager

from ccc.snapshot import model as snap
from ccc.store.base import utc_now
from ccc.store.models import DedicatedAgent, Instance, Membership, User
from ccc.store.records import DedicatedRecord


def find(session: Session, instance: str) -> list[DedicatedRecord]:
    """Every customer with an agent of his own, by number."""
    return [_record(row, instance) for row in session.scalars(_query(instance).order_by(DedicatedAgent.number))]


def get(session: Session, instance: str, number: str) -> DedicatedRecord | None:
    """One customer."""
    row = session.scalar(_query(instance).where(DedicatedAgent.number == number))
    return None if row is None else _record(row, instance)


def count(session: Session, instance: str) -> int:
    """How many there are."""
    query = select(func.count()).select_from(DedicatedAgent).join(Instance, Instance.id == DedicatedAgent.instance_id)
    return session.scalar(query.where(Instance.name == instance)) or 0


def counts(session: Session, instance: str) -> dict[str, int]:
    """User name -> how many customers of his own, of those who have any."""
    query = (
        select(User.username, func.count())
        .select_from(DedicatedAgent)
        .join(DedicatedAgent.membership)
        .join(Membership.user)
        .join(Instance, Instance.id == DedicatedAgent.instance_id)
        .where(Instance.name == instance)
        .group_by(User.username)
    )
    return dict(session.execute(query).all())


def of_agent(session: Session, instance: str, username: str) -> list[DedicatedRecord]:
    """The customers of one agent, by number."""
    query = _query(instance).where(User.username == username).order_by(DedicatedAgent.number)
    return [_record(row, instance) for row in session.scalars(query)]


def numbers(session: Session, instance: str) -> set[str]:
    """Every number that has an agent of its own."""
    query = select(DedicatedAgent.number).join(Instance, Instance.id == DedicatedAgent.instance_id)
    return set(session.scalars(query.where(Instance.name == instance)))


def put(session: Session, rows: Collection[DedicatedRecord], user: str) -> None:
    """Make or change these, all of one instance; their agents are in it. Revisions grow."""
    if not rows:
        return
    instance = next(iter(rows)).instance
    instance_id = session.scalars(select(Instance.id).where(Instance.name == instance)).one()
    members = select(User.username, Membership.id).join(User).where(Membership.instance_id == instance_id)
    agents = {row[0]: row[1] for row in session.execute(members)}
    known = {row.number: row for row in session.scalars(_query(instance))}
    for wanted in rows:
        row = known.get(wanted.number)
        if row is None:
            row = DedicatedAgent(instance_id=instance_id, number=wanted.number, revision=0)
            session.add(row)
        row.membership_id, row.customer, row.wait_s = agents[wanted.agent], wanted.customer, wanted.wait_s
        row.changed_by, row.changed_at, row.revision = user, utc_now(), row.revision + 1
    session.flush()


def remove(session: Session, instance: str, numbers: Collection[str]) -> None:
    """These customers have no agent of their own any more."""
    instance_id = session.scalars(select(Instance.id).where(Instance.name == instance)).one()
    session.execute(
        delete(DedicatedAgent).where(DedicatedAgent.instance_id == instance_id, DedicatedAgent.number.in_(numbers))
    )


def snapshot(session: Session, names: Mapping[int, str]) -> tuple[snap.Dedicated, ...]:
    """For the telephone side."""
    query = (
        select(DedicatedAgent.instance_id, DedicatedAgent.number, User.username, DedicatedAgent.wait_s)
        .join(Membership, Membership.id == DedicatedAgent.membership_id)
        .join(User, User.id == Membership.user_id)
        .order_by(DedicatedAgent.number)
    )
    return tuple(
        snap.Dedicated(names[instance_id], number, username, wait_s)
        for instance_id, number, username, wait_s in session.execute(query)
    )


def _query(instance: str) -> Select[DedicatedAgent]:
    return (
        select(DedicatedAgent)
        .join(Instance, Instance.id == DedicatedAgent.instance_id)
        .join(DedicatedAgent.membership)
        .join(Membership.user)
        .where(Instance.name == instance)
        .options(contains_eager(DedicatedAgent.membership).contains_eager(Membership.user))
    )


def _record(row: DedicatedAgent, instance: str) -> DedicatedRecord:
    user = row.membership.user
    return DedicatedRecord(
        instance, row.number, user.username, user.name or user.username, row.customer, row.wait_s, row.revision,
        row.changed_by, row.changed_at,
    )  # fmt: skip
