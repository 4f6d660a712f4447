"""Users in an instance, with their skill groups; those who were taken out (AGT-1)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from ccc.store.models import GroupMember, Instance, Membership, PastAgent, SkillGroup, User
from ccc.store.records import AgentRecord, DedicatedRecord
from ccc.store.repos import dedicated, users


def find(session: Session, instance: str) -> list[AgentRecord]:
    """The instance's people by user name."""
    groups: dict[int, dict[str, int]] = {}
    query = (
        select(GroupMember.membership_id, SkillGroup.name, GroupMember.level)
        .join(SkillGroup)
        .join(Instance)
        .where(Instance.name == instance)
        .order_by(SkillGroup.name)
    )
    for membership_id, name, level in session.execute(query):
        groups.setdefault(membership_id, {})[name] = level
    rows = session.execute(_query(instance).order_by(User.username))
    own = dedicated.counts(session, instance)
    return [
        _record(membership, user, instance, groups.get(membership.id, {}), own.get(user.username, 0))
        for membership, user in rows
    ]


def get(session: Session, instance: str, username: str) -> AgentRecord | None:
    """One of them."""
    row = session.execute(_query(instance).where(User.username == username)).first()
    if row is None:
        return None
    query = (
        select(SkillGroup.name, GroupMember.level)
        .join(GroupMember)
        .where(GroupMember.membership_id == row[0].id)
        .order_by(SkillGroup.name)
    )
    own = dedicated.counts(session, instance).get(username, 0)
    return _record(row[0], row[1], instance, dict(session.execute(query).all()), own)


def put(session: Session, wanted: AgentRecord) -> None:
    """Bring the user into the instance, or change role, auto-answer and groups; the revision grows.

    The user exists. Groups that do not exist are left out.
    """
    row = session.execute(_query(wanted.instance).where(User.username == wanted.username)).first()
    if row is None:
        user = session.scalars(select(User).where(User.username == wanted.username)).one()
        membership = Membership(user=user, instance_id=_instance_id(session, wanted.instance), revision=0)
        session.add(membership)
    else:
        membership = row[0]
    membership.role, membership.auto_answer = wanted.role, wanted.auto_answer
    membership.revision = (membership.revision or 0) + 1
    session.flush()
    _set_groups(session, membership, wanted.groups)
    forget_past(session, wanted.instance, wanted.username)
    users.keep_roles(session, wanted.username)


def _set_groups(session: Session, membership: Membership, wanted: Mapping[str, int]) -> None:
    """Exactly these groups; the revision of every group he joins, leaves or moves in grows."""
    known = {
        row.name: row
        for row in session.scalars(select(SkillGroup).where(SkillGroup.instance_id == membership.instance_id))
    }
    now = {
        item.group_id: item
        for item in session.scalars(select(GroupMember).where(GroupMember.membership_id == membership.id))
    }
    for name, group in known.items():
        item, level = now.get(group.id), wanted.get(name)
        if (item.level if item is not None else None) == level:
            continue
        group.revision += 1
        if level is None:
            session.delete(item)
        elif item is not None:
            item.level = level
        else:
            session.add(GroupMember(group_id=group.id, membership_id=membership.id, level=level))
    session.flush()


def remove(session: Session, instance: str, username: str, by: str) -> None:
    """Take the user out of the instance; what he was is kept, to be looked at and brought back."""
    old = get(session, instance, username)
    row = session.execute(_query(instance).where(User.username == username)).one()
    assert old is not None
    forget_past(session, instance, username)
    session.add(
        PastAgent(
            instance_id=row[0].instance_id,
            username=username,
            name=old.name,
            role=old.role,
            auto_answer=old.auto_answer,
            groups=[[name, level] for name, level in old.groups.items()],
            customers=[
                [item.number, item.customer, item.wait_s] for item in dedicated.of_agent(session, instance, username)
            ],
            removed_by=by,
        )
    )
    _set_groups(session, row[0], {})
    session.execute(delete(Membership).where(Membership.id == row[0].id))
    session.expire_all()
    users.keep_roles(session, username)


def past(session: Session, instance: str) -> list[AgentRecord]:
    """Who was taken out, the latest first."""
    query = select(PastAgent).join(Instance).where(Instance.name == instance).order_by(PastAgent.removed_at.desc())
    return [_past(row, instance) for row in session.scalars(query)]


def past_customers(session: Session, instance: str, username: str) -> list[DedicatedRecord]:
    """The customers somebody who was taken out had, as far as they have no other agent meanwhile."""
    query = select(PastAgent.customers).join(Instance).where(Instance.name == instance, PastAgent.username == username)
    taken = dedicated.numbers(session, instance)
    return [
        DedicatedRecord(instance, number, username, customer=customer, wait_s=wait_s)
        for number, customer, wait_s in session.scalar(query) or ()
        if number not in taken
    ]


def forget_past(session: Session, instance: str, username: str) -> None:
    """He is back, or the note of his former time is replaced."""
    session.execute(
        delete(PastAgent).where(
            PastAgent.instance_id == _instance_id(session, instance), PastAgent.username == username
        )
    )


def _instance_id(session: Session, instance: str) -> int:
    return session.scalars(select(Instance.id).where(Instance.name == instance)).one()


def _query(instance: str) -> Select[Membership, User]:
    return (
        select(Membership, User)
        .join(User, Membership.user_id == User.id)
        .join(Instance, Membership.instance_id == Instance.id)
        .where(Instance.name == instance)
    )


def _record(membership: Membership, user: User, instance: str, groups: dict[str, int], customers: int) -> AgentRecord:
    return AgentRecord(
        instance=instance,
        username=user.username,
        name=user.name or user.username,
        role=membership.role,
        active=user.active,
        auto_answer=membership.auto_answer,
        groups=groups,
        email=user.email or "",
        revision=membership.revision,
        last_login_at=user.current_login_at,
        two_factor=bool(user.tf_totp_secret),
        customers=customers,
    )


def _past(row: PastAgent, instance: str) -> AgentRecord:
    return AgentRecord(
        instance=instance,
        username=row.username,
        name=row.name or row.username,
        role=row.role,
        active=False,
        auto_answer=row.auto_answer,
        groups=dict(row.groups),
        customers=len(row.customers),
        past=True,
        removed_at=row.removed_at,
        removed_by=row.removed_by,
    )
