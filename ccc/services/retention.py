"""How long calls and their recordings are kept."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from ccc.errors import InvalidError
from ccc.services import log
from ccc.services.actor import Actor
from ccc.store import Store
from ccc.store.repos import audit

DEFAULT = "retention.calls_days"
"""Setting: days for instances without an own value; 0 (default) keeps everything."""
OF_INSTANCES = "retention.calls_days_by_instance"
"""Setting: instance -> days."""
MAX_DAYS = 3650


def in_force(session: Session) -> tuple[int, Mapping[str, int]]:
    """(days for all others, days by instance); 0 keeps everything."""
    return audit.setting(session, DEFAULT, 0), audit.setting(session, OF_INSTANCES, {})


def get_retention(store: Store, actor: Actor, instance: str) -> int:
    """Days after which the instance's calls and recordings are deleted; 0: never."""
    actor.role(instance)
    with store.read() as session:
        default, own = in_force(session)
    return own.get(instance, default)


def set_retention(store: Store, actor: Actor, instance: str, days: int) -> None:
    """Keep calls so many days (0: for ever). What is older is deleted in the following night."""
    actor.require(instance, "admin")
    if not 0 <= days <= MAX_DAYS:
        raise InvalidError(f"calls are kept for 1 to {MAX_DAYS} days, or for ever (0)", field="days")
    with store.write() as session:
        default, own = in_force(session)
        before = own.get(instance, default)
        audit.set_setting(session, OF_INSTANCES, {**own, instance: days})
        log.note(
            session, actor, "retention.set", instance, instance=instance, before={"days": before}, after={"days": days}
        )
