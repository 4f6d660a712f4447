"""The audit log from a service: who (the actor), from where, what, before and after."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from ccc.services.actor import Actor
from ccc.store import Store
from ccc.store.base import utc_now
from ccc.store.records import AuditRecord
from ccc.store.repos import audit

LISTENING = timedelta(hours=1)
"""Parts of a recording asked for within it belong to one play."""
SECRET = frozenset({"password", "password_ha1", "out_password", "fs_uniquifier"})


def note(
    session: Session,
    actor: Actor,
    action: str,
    object_: str,
    *,
    instance: str = "",
    before: Any = None,
    after: Any = None,
    **detail: Any,
) -> None:
    """Write one entry in the same transaction as the change it tells of.

    ``before`` and ``after`` are dataclasses or dicts of JSON values (None: was not, is no more). Of two given,
    only what differs is kept; secrets never are.
    """
    old, new = _plain(before), _plain(after)
    if old is not None and new is not None:
        changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
        old = {key: value for key, value in old.items() if key in changed}
        new = {key: value for key, value in new.items() if key in changed}
    if actor.key:
        detail = {**detail, "key": actor.key}
    audit.add(
        session,
        actor.user,
        action,
        object_,
        instance=instance,
        account=actor.account,
        address=actor.address,
        before=old,
        after=new,
        **detail,
    )


def heard_lately(store: Store, actor: Actor, action: str, object_: str, instance: str) -> bool:
    """Whether the actor's access to a recording is in the log already: a player asks for one in many parts."""
    since = utc_now() - LISTENING
    with store.read() as session:
        return audit.noted(session, actor.user, action, object_, instance=instance, since=since)


def _plain(value: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    shape = dataclasses.asdict(value) if dataclasses.is_dataclass(value) and not isinstance(value, type) else value
    return {key: item for key, item in shape.items() if key not in SECRET}


def last_change(store: Store, actor: Actor, instance: str, object_: str, prefix: str) -> AuditRecord | None:
    """The newest entry about the thing whose action begins with ``prefix``; '' as instance: of the actor's account."""
    if instance:
        actor.require(instance, "admin", "supervisor")
    else:
        actor.require_account(actor.account)
    with store.read() as session:
        return audit.newest(session, object_, prefix, instance=instance, account="" if instance else actor.account)
