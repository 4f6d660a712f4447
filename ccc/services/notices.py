"""Messages flows had sent (短信与邮件): what became of each, and another try."""

from __future__ import annotations

from datetime import UTC, datetime

from ccc.errors import ConflictError, NotFoundError, say
from ccc.services.actor import Actor
from ccc.services.jobs import announce
from ccc.services.log import note
from ccc.store import Store
from ccc.store.records import NoticeRecord, Page
from ccc.store.repos import notices

MAY = ("admin", "supervisor")


def list_notices(
    store: Store,
    actor: Actor,
    instance: str,
    *,
    state: str = "",
    channel: str = "",
    text: str = "",
    after: str | None = None,
    size: int = 50,
) -> Page[NoticeRecord]:
    """A page of the instance's messages, newest first; ``text`` is part of a receiver, or a call's whole id."""
    actor.require(instance, *MAY)
    with store.read() as session:
        return notices.page(session, instance, state=state, channel=channel, text=text, after=after, size=size)


def get_notice(store: Store, actor: Actor, instance: str, notice_id: str) -> NoticeRecord:
    """One message. NotFoundError when there is none."""
    actor.require(instance, *MAY)
    with store.read() as session:
        found = notices.get(session, instance, notice_id)
    if found is None:
        raise NotFoundError(say("There is no message %(number)s."), values={"number": notice_id})
    return found


def retry_notice(store: Store, actor: Actor, instance: str, notice_id: str) -> NoticeRecord:
    """Try a message that was given up once more. ConflictError when it was not, or is of no use any more."""
    old = get_notice(store, actor, instance, notice_id)
    now = datetime.now(UTC)
    if old.expires_at is not None and old.expires_at <= now:
        raise ConflictError(say("This message is of no use any more: its time is over."))
    with store.write() as session:
        if not notices.again(session, notice_id, now):
            raise ConflictError(say("Only a message that could not be sent can be tried again."))
        note(session, actor, "notice.retry", notice_id, instance=instance, channel=old.channel, reason=old.error)
    announce(store, {"op": "notices"})
    return get_notice(store, actor, instance, notice_id)
