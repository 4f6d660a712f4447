"""The heat map: what the calls of a period did in a flow, from their stored steps."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from ccc.errors import InvalidError, say
from ccc.flow.traffic import Traffic
from ccc.services.actor import Actor
from ccc.services.drafts import EDITORS
from ccc.store import Store
from ccc.store.repos import calls

MOST_DAYS = 92
MOST_CALLS = 20_000
BATCH = 1_000
MOST_S = 3.0
"""Counting stops then, with what was counted so far: the newest calls."""


@dataclass(frozen=True, slots=True)
class Heat:
    """``whole`` False: older calls of the period were left out, those counted began at ``from_`` or later."""

    traffic: Traffic
    from_: datetime
    until: datetime
    whole: bool


def heat(
    store: Store,
    actor: Actor,
    instance: str,
    flow: str,
    *,
    since: datetime,
    until: datetime,
    version: int | None = None,
) -> Heat:
    """Calls of the flow that began in [since, until), of one version or of all, newest first until a limit is reached.

    InvalidError for a period that is empty or longer than 92 days.
    """
    actor.require(instance, *EDITORS)
    if not timedelta(0) < until - since <= timedelta(days=MOST_DAYS):
        raise InvalidError(say("Choose a period of at most %(days)s days."), field="days", values={"days": MOST_DAYS})
    traffic, place, stop = Traffic(), None, time.monotonic() + MOST_S
    oldest = until
    while traffic.calls < MOST_CALLS and time.monotonic() < stop:
        with store.read() as session:  # one batch a session: a long look must not hold the database
            rows = calls.steps_of_flow(
                session, instance, flow, since=since, until=until, version=version, before=place, size=BATCH
            )
        for row in rows:
            traffic.add(row.steps, row.ended_at.timestamp() if row.ended_at else None)
            oldest = row.started_at
        if len(rows) < BATCH:
            return Heat(traffic, since, until, whole=True)
        place = (rows[-1].started_at, rows[-1].id)
    return Heat(traffic, oldest, until, whole=False)
