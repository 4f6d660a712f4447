"""Keys of the REST API: a user's own, with the user's rights at the time of each request."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ccc.errors import ConflictError, InvalidError, NotFoundError, UnavailableError, say
from ccc.services.actor import Actor, actor_of
from ccc.services.log import note
from ccc.store import Store
from ccc.store.base import utc_now
from ccc.store.records import ApiKeyRecord
from ccc.store.repos import api_keys

MAX_KEYS = 50
"""Usable ones of a user at a time."""
MAX_DAYS = 3650
NOTE_EVERY = timedelta(minutes=1)
"""The last use is written down so often at most: a busy script would else write with each request."""
_KEY = re.compile(r"ccc_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made; ``secret`` is the whole key and is nowhere else."""

    record: ApiKeyRecord
    secret: str


def list_keys(store: Store, actor: Actor) -> list[ApiKeyRecord]:
    """The actor's own keys, revoked and expired ones too, the newest first."""
    with store.read() as session:
        return api_keys.find(session, actor.user)


def create_key(store: Store, actor: Actor, name: str, days: int | None) -> NewKey:
    """A key for the actor that expires after ``days`` (None: never). InvalidError, ConflictError."""
    name = name.strip()
    if not 1 <= len(name) <= 64 or not name.isprintable():
        raise InvalidError(say("A key needs a name of 1 to 64 characters."), field="name")
    if days is not None and not 1 <= days <= MAX_DAYS:
        text = say("A key lasts 1 to %(most)s days, or without end.")
        raise InvalidError(text, field="days", values={"most": MAX_DAYS})
    id_ = secrets.token_hex(6)
    secret = f"ccc_{id_}_{secrets.token_urlsafe(32)}"
    now = utc_now()
    with store.write() as session:
        usable = [key for key in api_keys.find(session, actor.user) if key.usable(now)]
        if len(usable) >= MAX_KEYS:
            text = say("There are %(count)s keys already; revoke one you no longer need.")
            raise ConflictError(text, values={"count": len(usable)})
        if any(key.name == name for key in usable):
            raise ConflictError(say("You have a key %(name)s already."), field="name", values={"name": name})
        expires = None if days is None else now + timedelta(days=days)
        made = api_keys.add(session, id_, actor.user, name, _hash(secret), expires)
        note(session, actor, "key.add", name, id=id_, expires=expires.isoformat() if expires else "")
    return NewKey(made, secret)


def revoke_key(store: Store, actor: Actor, id_: str) -> ApiKeyRecord:
    """From now on the key opens nothing. NotFoundError when the actor has no such key."""
    with store.write() as session:
        found = api_keys.get(session, id_)
        if found is None or found[0].user != actor.user:
            raise NotFoundError(say("You have no such key."), field="key")
        if found[0].revoked_at is None:
            api_keys.revoke(session, id_, utc_now())
            note(session, actor, "key.revoke", found[0].name, id=id_)
    return found[0]


def actor_of_key(store: Store, secret: str, address: str = "") -> tuple[Actor, str] | None:
    """Who a key speaks for, and the key's number; None when it is none of ours, revoked or expired.

    ForbiddenError when its user is disabled.
    """
    match = _KEY.fullmatch(secret)
    if match is None:
        return None
    with store.read() as session:
        found = api_keys.get(session, match[1])
    now = utc_now()
    if found is None or not hmac.compare_digest(found[1], _hash(secret)) or not found[0].usable(now):
        return None
    key = found[0]
    actor = replace(actor_of(store, key.user), address=address, key=f"{key.name} ({key.id})")
    _note_use(store, key, now, address)
    return actor, key.id


def _note_use(store: Store, key: ApiKeyRecord, now: datetime, address: str) -> None:
    if key.used_at is not None and now - key.used_at < NOTE_EVERY and key.used_from == address:
        return
    try:
        with store.write() as session:
            api_keys.note_use(session, key.id, now, address)
    except UnavailableError:  # held by a long write: reading goes on, the next request notes it
        return


def _hash(secret: str) -> str:
    """SHA-256 is enough: the key is 256 random bits, nobody can try them all."""
    return hashlib.sha256(secret.encode()).hexdigest()
