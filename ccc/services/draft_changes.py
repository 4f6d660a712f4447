"""What was done to a flow's draft: listed, taken back, done again."""

from __future__ import annotations

from datetime import datetime

from ccc.errors import ConflictError, say
from ccc.services.actor import Actor
from ccc.services.drafts import EDITORS, require_editing
from ccc.services.log import note
from ccc.store import Store
from ccc.store.records import ChangeRecord
from ccc.store.repos import flow_changes


class NothingLeftError(ConflictError):
    """There is no change to take back, or none to do again."""


def changes(store: Store, actor: Actor, instance: str, name: str) -> list[ChangeRecord]:
    """The last changes, oldest first; those that were taken back, and can be done again, at the end."""
    actor.require(instance, *EDITORS)
    with store.read() as session:
        return flow_changes.find(session, instance, name)


def turn(
    store: Store, actor: Actor, instance: str, name: str, *, revision: int, token: str, now: datetime,
    forward: bool = False,
) -> ChangeRecord:  # fmt: skip
    """Take the last change of the draft back, or ``forward`` do the last one that was taken back again.

    NothingLeftError when there is none; LockedError, StaleError as for ``drafts.save_draft``.
    """
    actor.require(instance, *EDITORS)
    with store.write() as session:
        require_editing(session, instance, name, revision=revision, token=token, now=now)
        done = flow_changes.turn(session, instance, name, actor.user, forward=forward)
        if done is None:
            text = say("There is nothing to do again.") if forward else say("There is nothing to undo.")
            raise NothingLeftError(text)
        note(session, actor, "flow.redo" if forward else "flow.undo", name, instance=instance, revision=revision)
    return done
