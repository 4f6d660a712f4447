"""Send the messages flows left: outside any call, tried again for hours, at least once."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from ccc.api.notice import Notice, NoticeRefused, Notifier
from ccc.services.notifiers import LAST_RESORT, choose, ready
from ccc.store import Store
from ccc.store.records import NoticeRecord
from ccc.store.repos import notices

log = logging.getLogger(__name__)
PAUSES_S = (60.0, 300.0, 1800.0, 7200.0, 21_600.0)
"""After the first, second ... failure; after the last one it has failed for good."""


def deliver(store: Store, notifiers: Mapping[str, Notifier], now: datetime) -> int:
    """Try everything that is due; returns how many were sent."""
    with store.read() as session:
        waiting = notices.due(session, now)
    if not waiting:
        return 0
    able = ready(store, notifiers)
    return sum(_try(store, able, item, now) for item in waiting)


def send_test(store: Store, notifiers: Mapping[str, Notifier], message: Mapping[str, object]) -> None:
    """Send one message now, to see whether the settings are right. NoticeRefused says why not."""
    notifier = ready(store, notifiers).get(str(message.get("notifier")))
    if notifier is None:
        raise NoticeRefused("it has no settings")
    wanted = {name: str(message.get(name, "")) for name in ("to", "text", "subject")}
    try:
        notifier.send(Notice(notifier.channels[0], **wanted), f"test-{uuid.uuid4().hex}")
    except NoticeRefused:
        raise
    except Exception as failure:  # a plugin's own code, or the world outside
        raise NoticeRefused(_said(failure)) from failure


def _try(store: Store, notifiers: Mapping[str, Notifier], item: NoticeRecord, now: datetime) -> bool:
    state, error, name, pause_s = "sent", "", "", 0.0
    notifier = choose(notifiers, item.channel)
    try:
        if item.expires_at is not None and item.expires_at <= now:
            raise NoticeRefused("it could not be sent in time")
        if notifier is None:
            raise NoticeRefused(f"no plugin sends {item.channel}")
        name = notifier.name
        if name == LAST_RESORT and item.expires_at is not None:
            raise NoticeRefused("no plugin sends it, and a log is no place for it")
        notifier.send(Notice(item.channel, item.to, item.text, item.subject), item.id)  # type: ignore[arg-type]
    except NoticeRefused as refused:
        state, error = "failed", refused.message
    except Exception as failure:  # a plugin's own code, or the world outside
        error = _said(failure)
        state, pause_s = ("waiting", PAUSES_S[item.tries]) if item.tries < len(PAUSES_S) else ("failed", 0.0)
    if error:
        again = f", again in {pause_s:g} s" if state == "waiting" else ", given up"
        log.warning("notice %s by %s not sent (%s)%s", item.id, name or "nobody", error, again)
    next_at = now + timedelta(seconds=pause_s)
    with store.write() as session:
        notices.tried(session, item.id, state=state, notifier=name, error=error, next_at=next_at)
    return state == "sent"


def _said(failure: Exception) -> str:
    """What went wrong outside, in its own words; a bug of a plugin with its kind, which says more than the words."""
    return str(failure) if isinstance(failure, OSError) and str(failure) else f"{type(failure).__name__}: {failure}"
