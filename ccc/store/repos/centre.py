"""Instances, skill groups, trunks, numbers, audio; the parts of a snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from ccc.snapshot import model as snap
from ccc.store import models as db
from ccc.store.repos import closures, data, dedicated, hours


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything a snapshot holds, but its counter and time."""

    instances: tuple[snap.Instance, ...]
    trunks: tuple[snap.Trunk, ...]
    numbers: tuple[snap.Number, ...]
    agents: tuple[snap.Agent, ...]
    skill_groups: tuple[snap.SkillGroup, ...]
    flows: tuple[snap.FlowVersion, ...]
    unpublished: tuple[tuple[str, str], ...]
    audio: tuple[snap.Audio, ...]
    tables: tuple[snap.Table, ...]
    blacklists: tuple[snap.Blacklist, ...]
    dedicated: tuple[snap.Dedicated, ...]
    hours: tuple[snap.WorkingHours, ...]


def parts(session: Session, uploads: Path, tables: Path) -> Parts:
    """Read the whole configuration in one view."""
    names = dict(session.execute(select(db.Instance.id, db.Instance.name)).all())
    live, unpublished = _flows(session, names)
    return Parts(
        instances=tuple(instances(session)),
        trunks=_trunks(session),
        numbers=_numbers(session, names),
        agents=_agents(session, names),
        skill_groups=tuple(
            _group(row) for row in session.scalars(select(db.SkillGroup).options(joinedload(db.SkillGroup.instance)))
        ),
        flows=live,
        unpublished=unpublished,
        audio=tuple(
            snap.Audio(row.name, names[row.instance_id], str(uploads / row.path))
            for row in session.scalars(select(db.Audio))
        ),
        tables=data.snapshot_tables(session, names, tables),
        blacklists=data.snapshot_blacklists(session, names),
        dedicated=dedicated.snapshot(session, names),
        hours=hours.snapshot(session, names),
    )


def instances(session: Session, name: str | None = None) -> list[snap.Instance]:
    """Every instance, or the one of this name (none when there is not)."""
    query = select(db.Instance).options(selectinload(db.Instance.account)).order_by(db.Instance.id)
    if name is not None:
        query = query.where(db.Instance.name == name)
    return [
        snap.Instance(
            name=row.name,
            title=row.title,
            account=row.account.name,
            timezone=row.timezone,
            max_calls=row.max_calls,
            break_reasons=tuple(row.break_reasons),
            max_call_s=row.max_call_s,
            recording=row.recording,
        )
        for row in session.scalars(query)
    ]


def skill_groups(session: Session, instance: str) -> list[snap.SkillGroup]:
    """The instance's skill groups by name."""
    query = select(db.SkillGroup).join(db.Instance).where(db.Instance.name == instance).order_by(db.SkillGroup.name)
    return [_group(row) for row in session.scalars(query)]


def audio_names(session: Session, instance: str) -> set[str]:
    query = select(db.Audio.name).join(db.Instance).where(db.Instance.name == instance)
    return set(session.scalars(query))


def add_instance(session: Session, account: str, name: str, title: str) -> bool:
    """Make the instance; False when it exists."""
    if session.scalar(select(db.Instance.id).where(db.Instance.name == name)) is not None:
        return False
    account_id = session.scalars(select(db.Account.id).where(db.Account.name == account)).one()
    session.add(db.Instance(account_id=account_id, name=name, title=title))
    session.flush()
    return True


def add_skill_group(session: Session, group: snap.SkillGroup) -> bool:
    """Make the skill group; False when it exists."""
    instance_id = _instance_id(session, group.instance)
    query = select(db.SkillGroup.id).where(db.SkillGroup.instance_id == instance_id, db.SkillGroup.name == group.name)
    if session.scalar(query) is not None:
        return False
    session.add(
        db.SkillGroup(
            instance_id=instance_id,
            name=group.name,
            title=group.title,
            ring_timeout_s=group.ring_timeout_s,
            misses_allowed=group.misses_allowed,
            wrap_up_s=group.wrap_up_s,
            service_level_s=group.service_level_s,
            queue_timeout_s=group.queue_timeout_s,
            max_waiting=group.max_waiting,
            announce_every_s=group.announce_every_s,
            announce_position=group.announce_position,
            announce_wait=group.announce_wait,
            music=group.music,
            familiar="on" if group.familiar else "",
            familiar_wait_s=group.familiar_wait_s,
            dispositions=list(group.dispositions),
        )
    )
    session.flush()
    return True


def join_group(session: Session, instance: str, username: str, group: str, level: int = 1) -> None:
    """Put the agent into the skill group, or change its level."""
    membership = session.scalars(
        select(db.Membership)
        .join(db.User)
        .join(db.Instance, db.Membership.instance_id == db.Instance.id)
        .where(db.User.username == username, db.Instance.name == instance)
    ).one()
    group_id = session.scalars(
        select(db.SkillGroup.id).join(db.Instance).where(db.Instance.name == instance, db.SkillGroup.name == group)
    ).one()
    session.merge(db.GroupMember(group_id=group_id, membership_id=membership.id, level=level))
    session.flush()


def groups_of(session: Session, instance: str, username: str) -> set[str]:
    """The skill groups an agent is in."""
    query = (
        select(db.SkillGroup.name)
        .join(db.GroupMember)
        .join(db.Membership)
        .join(db.User)
        .join(db.Instance, db.SkillGroup.instance_id == db.Instance.id)
    )
    return set(session.scalars(query.where(db.Instance.name == instance, db.User.username == username)))


def trunk_names(session: Session, instance: str) -> set[str]:
    """The trunks the instance may call out through: those of its main account that have an address."""
    query = select(db.Trunk.name).join(db.Instance, db.Instance.account_id == db.Trunk.account_id)
    return set(session.scalars(query.where(db.Instance.name == instance, db.Trunk.enabled, db.Trunk.host != "")))


def add_trunk(session: Session, account: str, trunk: snap.Trunk) -> bool:
    """Make the trunk; False when one of that name exists."""
    if session.scalar(select(db.Trunk.id).where(db.Trunk.name == trunk.name)) is not None:
        return False
    account_id = session.scalars(select(db.Account.id).where(db.Account.name == account)).one()
    values: dict[str, Any] = {name: getattr(trunk, name) for name in _TRUNK_FIELDS}
    session.add(
        db.Trunk(
            account_id=account_id,
            addresses=list(trunk.addresses),
            called_rules=[[rule.prefix, rule.replace] for rule in trunk.called_rules],
            caller_rules=[[rule.prefix, rule.replace] for rule in trunk.caller_rules],
            **values,
        )
    )
    session.flush()
    return True


def add_number(session: Session, account: str, number: snap.Number) -> bool:
    """Make the number and bind it; False when it exists."""
    if session.scalar(select(db.Number.id).where(db.Number.number == number.number)) is not None:
        return False
    account_id = session.scalars(select(db.Account.id).where(db.Account.name == account)).one()
    trunks = list(session.scalars(select(db.Trunk).where(db.Trunk.name.in_(number.trunks))))
    instance_id = _instance_id(session, number.instance)
    session.add(
        db.Number(account_id=account_id, instance_id=instance_id, number=number.number, flow=number.flow, trunks=trunks)
    )
    session.flush()
    return True


_TRUNK_FIELDS = (
    "name",
    "kind",
    "username",
    "password_ha1",
    "realm",
    "host",
    "port",
    "called_from",
    "caller_from",
    "max_calls",
    "advertise_sip",
    "advertise_media",
    "caller_id",
    "out_username",
    "out_password",
)


def _instance_id(session: Session, name: str) -> int:
    return session.scalars(select(db.Instance.id).where(db.Instance.name == name)).one()


def _trunks(session: Session) -> tuple[snap.Trunk, ...]:
    query = select(db.Trunk, db.Account.name).join(db.Account, db.Account.id == db.Trunk.account_id)
    return tuple(_trunk(row, account) for row, account in session.execute(query.where(db.Trunk.enabled)))


def _trunk(row: db.Trunk, account: str) -> snap.Trunk:
    values: dict[str, Any] = {name: getattr(row, name) for name in _TRUNK_FIELDS}
    return snap.Trunk(
        id=row.name,
        account=account,
        addresses=tuple(row.addresses),
        called_rules=tuple(snap.PrefixRule(*rule) for rule in row.called_rules),
        caller_rules=tuple(snap.PrefixRule(*rule) for rule in row.caller_rules),
        **values,
    )


def _group(row: db.SkillGroup) -> snap.SkillGroup:
    own = row.familiar != ""
    return snap.SkillGroup(
        name=row.name,
        instance=row.instance.name,
        queue_timeout_s=row.queue_timeout_s,
        max_waiting=row.max_waiting,
        announce_every_s=row.announce_every_s,
        announce_position=row.announce_position,
        announce_wait=row.announce_wait,
        music=row.music,
        familiar=row.familiar == "on" if own else row.instance.familiar,
        familiar_wait_s=row.familiar_wait_s if own else row.instance.familiar_wait_s,
        title=row.title,
        ring_timeout_s=row.ring_timeout_s,
        misses_allowed=row.misses_allowed,
        wrap_up_s=row.wrap_up_s,
        dispositions=tuple(row.dispositions),
        service_level_s=row.service_level_s,
    )


def _numbers(session: Session, names: dict[int, str]) -> tuple[snap.Number, ...]:
    query = select(db.Number).where(db.Number.instance_id.is_not(None)).options(selectinload(db.Number.trunks))
    closed = closures.snapshot(session)
    found = []
    for row in session.scalars(query):
        trunks = tuple(trunk.name for trunk in row.trunks if trunk.enabled)
        # without a trunk a number is open to any: one whose trunks are all switched off must not become that
        if row.instance_id is not None and (trunks or not row.trunks):
            found.append(snap.Number(row.number, names[row.instance_id], row.flow, trunks, closed.get(row.number)))
    return tuple(found)


def _agents(session: Session, names: dict[int, str]) -> tuple[snap.Agent, ...]:
    groups: dict[int, list[snap.AgentGroup]] = {}
    query = select(db.GroupMember.membership_id, db.SkillGroup.name, db.GroupMember.level).join(db.SkillGroup)
    for membership_id, name, level in session.execute(query.order_by(db.SkillGroup.name)):
        groups.setdefault(membership_id, []).append(snap.AgentGroup(name, level))
    query_agents = select(db.Membership, db.User).join(db.User).order_by(db.User.username)
    return tuple(
        snap.Agent(
            user=user.username,
            instance=names[membership.instance_id],
            name=user.name or user.username,
            role=membership.role,  # type: ignore[arg-type]
            groups=tuple(groups.get(membership.id, ())),
            auto_answer=membership.auto_answer,
            disabled=not user.active,
        )
        for membership, user in session.execute(query_agents)
    )


def _flows(session: Session, names: dict[int, str]) -> tuple[tuple[snap.FlowVersion, ...], tuple[tuple[str, str], ...]]:
    query = (
        select(db.Flow.instance_id, db.Flow.name, db.FlowVersion)
        .outerjoin(
            db.FlowVersion,
            (db.FlowVersion.flow_id == db.Flow.id) & (db.FlowVersion.version == db.Flow.live_version),
        )
        .order_by(db.Flow.name)
    )
    live: list[snap.FlowVersion] = []
    unpublished: list[tuple[str, str]] = []
    for instance_id, name, version in session.execute(query):
        if version is None:
            unpublished.append((names[instance_id], name))
        else:
            live.append(snap.FlowVersion(name, names[instance_id], version.version, version.hash, version.document))
    return tuple(live), tuple(unpublished)
