"""How long an instance keeps calls (with their recordings), voicemails and notifications."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sqlalchemy.orm import Session

from ccc.errors import InvalidError, say
from ccc.services import log
from ccc.services.actor import Actor
from ccc.store import Store
from ccc.store.repos import audit

Kind = Literal["calls", "voicemails", "notifications"]
DEFAULT = "retention.{}_days"
"""Setting: days for instances without an own value; 0 (default) keeps everything."""
OF_INSTANCES = "retention.{}_days_by_instance"
"""Setting: instance -> days."""
MAX_DAYS = 3650


def in_force(session: Session, kind: Kind) -> tuple[int, Mapping[str, int]]:
    """(days for all others, days by instance); 0 keeps everything."""
    return audit.setting(session, DEFAULT.format(kind), 0), audit.setting(session, OF_INSTANCES.format(kind), {})


def get_retention(store: Store, actor: Actor, instance: str, kind: Kind = "calls") -> int:
    """Days after which the instance's calls (voicemails, notifications) are deleted; 0: never."""
    actor.role(instance)
    with store.read() as session:
        default, own = in_force(session, kind)
    return own.get(instance, default)


def set_retention(store: Store, actor: Actor, instance: str, days: int, kind: Kind = "calls") -> None:
    """Keep them so many days (0: for ever). What is older is deleted in the following night."""
    actor.require(instance, "admin")
    if not 0 <= days <= MAX_DAYS:
        raise InvalidError(
            say("From 1 to %(most)s days, or 0 to keep everything."), field="days", values={"most": MAX_DAYS}
        )
    with store.write() as session:
        default, own = in_force(session, kind)
        before = own.get(instance, default)
        audit.set_setting(session, OF_INSTANCES.format(kind), {**own, instance: days})
        old, new = {"days": before}, {"days": days}
        log.note(session, actor, "retention.set", instance, instance=instance, before=old, after=new, kind=kind)
