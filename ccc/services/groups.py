"""Skill groups (SKL-1): make, change, delete, who serves them, how their queue behaves."""

from __future__ import annotations

import re
from dataclasses import replace

from sqlalchemy.orm import Session

from ccc.errors import ConflictError, InvalidError, NotFoundError, say
from ccc.geo import inbound_only
from ccc.loader import Registry
from ccc.services import flow_uses
from ccc.services.actor import Actor
from ccc.services.flow_uses import Use
from ccc.services.log import note
from ccc.services.revisions import require_unchanged
from ccc.services.snapshot import export_snapshot
from ccc.store import Store
from ccc.store.records import GroupRecord
from ccc.store.repos import agents, centre, groups, numbers

NAME = re.compile(r"[^\W_][\w\- ]{0,62}[\w\-]|[^\W_]")
MAX_DISPOSITIONS = 50
MAX_WAITING = (0, 10_000)
LIMITS = {
    "ring_timeout_s": (5, 120),
    "misses_allowed": (0, 20),
    "wrap_up_s": (0, 3600),
    "service_level_s": (1, 600),
    "queue_timeout_s": (1, 7200),
    "announce_every_s": (0, 600),
    "familiar_wait_s": (0, 600),
}


def list_groups(store: Store, actor: Actor, instance: str) -> list[GroupRecord]:
    """The instance's skill groups by name."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        return groups.find(session, instance)


def get_group(store: Store, actor: Actor, instance: str, name: str) -> GroupRecord:
    """One skill group. NotFoundError when there is none."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        return _existing(session, instance, name)


def create_group(store: Store, actor: Actor, wanted: GroupRecord) -> GroupRecord:
    """Make a skill group. InvalidError names the field; ConflictError when the name is taken."""
    actor.require(wanted.instance, "admin")
    wanted = _checked(wanted)
    with store.write() as session:
        if groups.get(session, wanted.instance, wanted.name) is not None:
            raise ConflictError(
                say("There is already a skill group %(name)s; choose another name."),
                field="name",
                values={"name": wanted.name},
            )
        _check_members(session, wanted)
        made = groups.put(session, wanted)
        note(session, actor, "group.add", made.name, instance=made.instance, after=made)
    export_snapshot(store)
    return made


def change_group(store: Store, actor: Actor, wanted: GroupRecord, revision: int) -> GroupRecord:
    """Save settings and members. StaleError when somebody saved since ``revision`` was read; nothing changes then."""
    actor.require(wanted.instance, "admin")
    wanted = _checked(wanted)
    with store.write() as session:
        old = _existing(session, wanted.instance, wanted.name)
        require_unchanged(old.revision, revision)
        _check_members(session, wanted)
        new = groups.put(session, wanted)
        note(session, actor, "group.change", new.name, instance=new.instance, before=old, after=new)
    export_snapshot(store)
    return new


def group_uses(store: Store, registry: Registry, actor: Actor, instance: str, name: str) -> list[Use]:
    """Nodes of drafts and live versions that queue calls for the group."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        _existing(session, instance, name)
        return list(flow_uses.uses(session, registry, instance, "skill-group", name))


def delete_group(store: Store, registry: Registry, actor: Actor, instance: str, name: str) -> None:
    """Delete it. ConflictError while a flow uses it. Its agents stay, without this group; past calls keep its name."""
    actor.require(instance, "admin")
    with store.write() as session:
        old = _existing(session, instance, name)
        if uses := flow_uses.uses(session, registry, instance, "skill-group", name):
            raise ConflictError(
                say("The skill group %(name)s is used by the flow %(flow)s; change that flow first."),
                values={"name": old.title, "flow": uses[0].title},
            )
        groups.remove(session, instance, name)
        note(session, actor, "group.delete", name, instance=instance, before=old)
    export_snapshot(store)


def _existing(session: Session, instance: str, name: str) -> GroupRecord:
    found = groups.get(session, instance, name)
    if found is None:
        raise NotFoundError(say("There is no skill group %(name)s."), values={"name": name})
    return found


def _checked(wanted: GroupRecord) -> GroupRecord:
    """Names and limits; without a title the name is shown."""
    if not NAME.fullmatch(wanted.name):
        raise InvalidError(
            say(
                "A name has 1 to 64 letters, digits, Chinese characters, spaces, - and _; "
                "the first is none of the last three."
            ),
            field="name",
        )
    for field, (least, most) in LIMITS.items():
        if not least <= getattr(wanted, field) <= most:
            raise InvalidError(
                say("This must be between %(least)s and %(most)s."), field=field, values={"least": least, "most": most}
            )
    least, most = MAX_WAITING
    if wanted.max_waiting is not None and not least <= wanted.max_waiting <= most:
        raise InvalidError(
            say("This must be between %(least)s and %(most)s."),
            field="max_waiting",
            values={"least": least, "most": most},
        )
    if wanted.familiar not in ("", "on", "off"):
        raise InvalidError(say("Choose on, off or as the instance."), field="familiar")
    texts = tuple(dict.fromkeys(text.strip() for text in wanted.dispositions if text.strip()))
    if len(texts) > MAX_DISPOSITIONS or any(len(text) > 128 for text in texts):
        raise InvalidError(say("At most 50 dispositions of 128 characters."), field="dispositions")
    if any(not 1 <= level <= 9 for level in wanted.members.values()):
        raise InvalidError(say("A level is a number from 1 (asked first) to 9."), field="members")
    return replace(wanted, title=wanted.title.strip()[:255] or wanted.name, dispositions=texts)


def _check_members(session: Session, wanted: GroupRecord) -> None:
    """What it refers to exists: agents, music, numbers that may call out (NUM-10)."""
    unknown = sorted(set(wanted.members) - {item.username for item in agents.find(session, wanted.instance)})
    if unknown:
        raise InvalidError(
            say("%(users)s: not in this instance any more."), field="members", values={"users": ", ".join(unknown)}
        )
    if wanted.music and wanted.music not in centre.audio_names(session, wanted.instance):
        raise InvalidError(say("This audio is not there any more."), field="music")
    there = {item.number for item in numbers.of_instance(session, wanted.instance)}
    if gone := sorted(set(wanted.numbers) - there):
        raise InvalidError(
            say("%(users)s: not in this instance any more."), field="numbers", values={"users": ", ".join(gone)}
        )
    if any(inbound_only(number) for number in wanted.numbers):
        raise InvalidError(
            say("A 400 number only takes calls: it can never be shown to the person called."), field="numbers"
        )
