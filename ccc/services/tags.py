"""Tags for calls (标签): made by administrators, put on calls by agents and supervisors."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from ccc.errors import ConflictError, InvalidError, NotFoundError, say
from ccc.services.actor import Actor
from ccc.services.calls import get_call
from ccc.services.log import note
from ccc.services.revisions import require_unchanged
from ccc.store import Store
from ccc.store.records import TagRecord
from ccc.store.repos import tags

COLOURS = ("grey", "blue", "green", "amber", "red", "violet", "teal")
NAME_LENGTH = 32
MOST = 100
"""Tags of an instance; a list nobody reads is no help."""
MOST_OF_A_CALL = 10
COUNTED = 1000


def list_tags(store: Store, actor: Actor, instance: str) -> list[TagRecord]:
    """The instance's tags by name; everybody in it may see them."""
    actor.role(instance)
    with store.read() as session:
        return tags.find(session, instance)


def get_tag(store: Store, actor: Actor, instance: str, tag_id: int) -> TagRecord:
    """One tag. NotFoundError when there is none."""
    actor.role(instance)
    with store.read() as session:
        return _existing(session, instance, tag_id)


def count_calls(store: Store, actor: Actor, instance: str, tag_id: int) -> int:
    """How many calls carry it, at most COUNTED."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        return tags.count_calls(session, _existing(session, instance, tag_id).id, COUNTED)


def create_tag(store: Store, actor: Actor, instance: str, name: str, colour: str) -> TagRecord:
    """Make a tag. InvalidError names the field, ConflictError: the name is taken."""
    actor.require(instance, "admin", "supervisor")
    name = _checked(name, colour)
    with store.write() as session:
        _free(session, instance, name)
        if tags.count(session, instance) >= MOST:
            raise ConflictError(say("At most %(most)s tags; delete one first."), values={"most": MOST})
        made = tags.add(session, instance, name, colour)
        note(session, actor, "tag.add", name, instance=instance, after={"name": name, "colour": colour})
    return made


def change_tag(store: Store, actor: Actor, wanted: TagRecord, revision: int) -> TagRecord:
    """Another name or colour, for every call that carries it. StaleError when somebody saved since ``revision``."""
    actor.require(wanted.instance, "admin", "supervisor")
    name = _checked(wanted.name, wanted.colour)
    with store.write() as session:
        old = _existing(session, wanted.instance, wanted.id)
        require_unchanged(old.revision, revision)
        _free(session, wanted.instance, name, but=old.id)
        tags.change(session, old.id, name, wanted.colour)
        before, after = ({"name": one.name, "colour": one.colour} for one in (old, wanted))
        note(session, actor, "tag.change", old.name, instance=old.instance, before=before, after=after)
        return _existing(session, old.instance, old.id)


def delete_tag(store: Store, actor: Actor, instance: str, tag_id: int) -> None:
    """Delete it; calls lose it."""
    actor.require(instance, "admin", "supervisor")
    with store.write() as session:
        old = _existing(session, instance, tag_id)
        calls = tags.count_calls(session, tag_id, COUNTED)
        tags.remove(session, tag_id)
        note(session, actor, "tag.delete", old.name, instance=instance, before={"colour": old.colour, "calls": calls})


def tag_call(store: Store, actor: Actor, instance: str, call_id: str, wanted: Sequence[int]) -> list[TagRecord]:
    """Let a call carry these tags and no other; returns them. An agent tags the own calls.

    NotFoundError for another's call and for a tag that is gone.
    """
    call = get_call(store, actor, instance, call_id)
    if len(set(wanted)) > MOST_OF_A_CALL:
        raise InvalidError(say("At most %(most)s tags on a call."), field="tag", values={"most": MOST_OF_A_CALL})
    with store.write() as session:
        new = [_existing(session, instance, tag_id) for tag_id in dict.fromkeys(wanted)]
        names = {one.id: one.name for one in tags.find(session, instance)}
        before = sorted(names[tag_id] for tag_id in tags.of_calls(session, [call_id]).get(call_id, ()))
        after = sorted(one.name for one in new)
        if before != after:
            tags.set_tags(session, call_id, call.started_at, [one.id for one in new], actor.user)
            note(session, actor, "call.tag", call_id, instance=instance, before={"tags": before}, after={"tags": after})
    return sorted(new, key=lambda one: one.name)


def tags_of(store: Store, actor: Actor, instance: str, ids: Sequence[str]) -> dict[str, list[TagRecord]]:
    """Call id -> its tags by name, of calls the actor was shown."""
    actor.role(instance)
    with store.read() as session:
        known = {one.id: one for one in tags.find(session, instance)}
        found = tags.of_calls(session, ids)
    return {
        call_id: sorted((known[one] for one in tag_ids if one in known), key=lambda one: one.name)
        for call_id, tag_ids in found.items()
    }


def _existing(session: Session, instance: str, tag_id: int) -> TagRecord:
    found = tags.get(session, instance, tag_id)
    if found is None:
        raise NotFoundError(say("This tag does not exist (any more)."))
    return found


def _checked(name: str, colour: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= NAME_LENGTH:
        raise InvalidError(say("1 to %(most)s characters."), field="name", values={"most": NAME_LENGTH})
    if colour not in COLOURS:
        raise InvalidError(say("Choose one of the colours."), field="colour")
    return name


def _free(session: Session, instance: str, name: str, but: int = 0) -> None:
    for one in tags.find(session, instance):
        if one.name.casefold() == name.casefold() and one.id != but:
            raise ConflictError(
                say("There is already a tag %(name)s; choose another name."), field="name", values={"name": one.name}
            )
