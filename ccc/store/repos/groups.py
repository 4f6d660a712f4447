"""Skill groups with their members, for the pages (SKL-1)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session, selectinload

from ccc.store.models import GroupMember, Instance, Membership, Number, SkillGroup, User
from ccc.store.records import GroupRecord

SETTINGS = ("title", "ring_timeout_s", "misses_allowed", "wrap_up_s", "service_level_s", "queue_timeout_s",
            "max_waiting", "announce_every_s", "announce_position", "announce_wait", "music", "familiar",
            "familiar_wait_s")  # fmt: skip


def find(session: Session, instance: str) -> list[GroupRecord]:
    """The instance's groups by name."""
    return [_record(row, instance) for row in session.scalars(_query(instance).order_by(SkillGroup.name))]


def get(session: Session, instance: str, name: str) -> GroupRecord | None:
    """One group."""
    row = session.scalar(_query(instance).where(SkillGroup.name == name))
    return None if row is None else _record(row, instance)


def put(session: Session, wanted: GroupRecord) -> GroupRecord:
    """Make the group or change its settings and members; its revision grows. Strangers among them are left out."""
    row = session.scalar(_query(wanted.instance).where(SkillGroup.name == wanted.name))
    if row is None:
        instance_id = session.scalars(select(Instance.id).where(Instance.name == wanted.instance)).one()
        row = SkillGroup(instance_id=instance_id, name=wanted.name, revision=0)
        session.add(row)
    for name in SETTINGS:
        setattr(row, name, getattr(wanted, name))
    row.dispositions = list(wanted.dispositions)
    row.revision += 1
    session.flush()
    set_members(session, row, wanted.members)
    _set_numbers(session, row, wanted.numbers)
    return _record(row, wanted.instance)


def _set_numbers(session: Session, row: SkillGroup, wanted: Collection[str]) -> None:
    """Exactly these numbers of the instance; the revision of those that change grows."""
    for number in session.scalars(select(Number).where(Number.instance_id == row.instance_id)):
        if (number.number in wanted) != (row in number.groups):
            number.groups = (
                [*number.groups, row] if number.number in wanted else [g for g in number.groups if g is not row]
            )
            number.revision += 1
    session.flush()
    session.expire(row, ["numbers"])


def set_members(session: Session, row: SkillGroup, members: Mapping[str, int]) -> None:
    """Exactly these agents (user name to level) serve the group; the revision of who joins, leaves or moves grows."""
    query = select(Membership, User.username).join(User).where(Membership.instance_id == row.instance_id)
    known = {username: membership for membership, username in session.execute(query)}
    now = {item.membership_id: item for item in row.members}
    for username, membership in known.items():
        item, level = now.get(membership.id), members.get(username)
        if (item.level if item is not None else None) == level:
            continue
        membership.revision += 1
        if level is None and item is not None:
            row.members.remove(item)
        elif item is not None and level is not None:
            item.level = level
        elif level is not None:
            row.members.append(GroupMember(membership=membership, level=level))
    session.flush()


def touch(session: Session, instance: str, names: set[str]) -> None:
    """Let the revision of these groups grow: their members changed."""
    for row in session.scalars(_query(instance).where(SkillGroup.name.in_(names))):
        row.revision += 1


def remove(session: Session, instance: str, name: str) -> None:
    """Delete the group; its members stay agents."""
    row = session.scalars(_query(instance).where(SkillGroup.name == name)).one()
    for item in row.members:
        item.membership.revision += 1
    session.execute(delete(GroupMember).where(GroupMember.group_id == row.id))
    session.expire(row, ["members"])
    session.delete(row)
    session.flush()


def _query(instance: str) -> Select[SkillGroup]:
    loaded = selectinload(SkillGroup.members).selectinload(GroupMember.membership).selectinload(Membership.user)
    return (
        select(SkillGroup)
        .join(Instance)
        .where(Instance.name == instance)
        .options(loaded, selectinload(SkillGroup.numbers))
    )


def _record(row: SkillGroup, instance: str) -> GroupRecord:
    return GroupRecord(
        instance=instance,
        name=row.name,
        title=row.title or row.name,
        **{name: getattr(row, name) for name in SETTINGS if name != "title"},
        numbers=tuple(sorted(number.number for number in row.numbers)),
        dispositions=tuple(row.dispositions),
        members={item.membership.user.username: item.level for item in row.members},
        revision=row.revision,
    )
