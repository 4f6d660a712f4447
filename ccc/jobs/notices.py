"""Send the messages flows left: outside any call, tried again for hours, at least once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from ccc.api.notice import Notice, NoticeRefused, Notifier
from ccc.store import Store
from ccc.store.records import NoticeRecord
from ccc.store.repos import notices

log = logging.getLogger(__name__)
PAUSES_S = (60.0, 300.0, 1800.0, 7200.0, 21_600.0)
"""After the first, second ... failure; after the last one it has failed for good."""
LAST_RESORT = "log"


def deliver(store: Store, notifiers: Mapping[str, Notifier], now: datetime) -> int:
    """Try everything that is due; returns how many were sent."""
    with store.read() as session:
        waiting = notices.due(session, now)
    return sum(_try(store, notifiers, item, now) for item in waiting)


def choose(notifiers: Mapping[str, Notifier], channel: str) -> Notifier | None:
    """The first notifier of the channel; ``log`` only when there is no other."""
    able = [item for item in notifiers.values() if channel in item.channels]
    return next((item for item in able if item.name != LAST_RESORT), able[0] if able else None)


def _try(store: Store, notifiers: Mapping[str, Notifier], item: NoticeRecord, now: datetime) -> bool:
    state, error, name, pause_s = "sent", "", "", 0.0
    notifier = choose(notifiers, item.channel)
    try:
        if notifier is None:
            raise NoticeRefused(f"no plugin sends {item.channel}")
        name = notifier.name
        notifier.send(Notice(item.channel, item.to, item.text, item.subject), item.id)  # type: ignore[arg-type]
    except NoticeRefused as refused:
        state, error = "failed", refused.message
    except Exception as failure:  # a plugin's own code, or the world outside
        error = f"{type(failure).__name__}: {failure}"
        state, pause_s = ("waiting", PAUSES_S[item.tries]) if item.tries < len(PAUSES_S) else ("failed", 0.0)
    if error:
        again = f", again in {pause_s:g} s" if state == "waiting" else ", given up"
        log.warning("notice %s by %s not sent (%s)%s", item.id, name or "nobody", error, again)
    next_at = now + timedelta(seconds=pause_s)
    with store.write() as session:
        notices.tried(session, item.id, state=state, notifier=name, error=error, next_at=next_at)
    return state == "sent"
