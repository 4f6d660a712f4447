"""What was done to a flow's draft, newest last, each to be taken back or done again. Bounded in number and size.

A row holds the draft on the other side of its change; taking it back exchanges the two.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from ccc.store.base import utc_now
from ccc.store.models import Flow, FlowChange, Instance
from ccc.store.records import ChangeRecord

MOST, MOST_BYTES = 100, 8 * 1024 * 1024
"""Of a flow: changes that are kept, and bytes (compressed) of the drafts in them. The newest one is always kept."""
BURST = timedelta(seconds=30)
"""A page that saves every now and then while somebody draws: saves so close together are one change."""
PACKED = 1
"""zlib's fastest level: a draft of 300 nodes takes 2 ms and a fifteenth of its size."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is being done, as in :class:`ChangeRecord`. ``source`` names the open page that saves again and again."""

    what: str = "import"
    subject: str = ""
    source: str = ""


def find(session: Session, instance: str, name: str) -> list[ChangeRecord]:
    """All that are kept, oldest first; those that were taken back are the last ones."""
    columns = (FlowChange.what, FlowChange.subject, FlowChange.by, FlowChange.at, FlowChange.undone)
    query = select(*columns).join(Flow).join(Instance)
    query = query.where(Instance.name == instance, Flow.name == name).order_by(FlowChange.n)
    return [ChangeRecord(*row) for row in session.execute(query)]


def add(session: Session, flow: Flow, change: Change, user: str, at: datetime) -> None:
    """Keep the draft as it is before ``change``. What was taken back before cannot be done again then."""
    session.execute(delete(FlowChange).where(FlowChange.flow_id == flow.id, FlowChange.undone))
    last = _next(session, flow.id, undone=False)
    if last is not None and change.source and last.source == change.source and at - last.at < BURST:
        last.at = at
        return
    session.add(
        FlowChange(
            flow_id=flow.id,
            n=last.n + 1 if last is not None else 1,
            what=change.what,
            subject=change.subject[:255],
            source=change.source,
            by=user,
            at=at,
            state=_packed(flow.document),
        )
    )
    session.flush()
    _trim(session, flow.id)


def turn(session: Session, instance: str, name: str, user: str, *, forward: bool) -> ChangeRecord | None:
    """Take the last change back, or ``forward`` do again the one that was taken back last. None: there is none."""
    query = select(Flow).join(Instance).where(Instance.name == instance, Flow.name == name)
    flow = session.scalars(query).one()
    row = _next(session, flow.id, undone=forward)
    if row is None:
        return None
    document = json.loads(zlib.decompress(row.state)) | {"name": flow.name}  # it may have been renamed since
    row.state, row.undone = _packed(flow.document), not forward
    row.source = ""  # saved again by the same page, it is another change
    flow.document, flow.title = document, document.get("title", "")
    flow.edited_by, flow.edited_at = user, utc_now()
    flow.revision += 1
    session.flush()
    return ChangeRecord(row.what, row.subject, row.by, row.at, row.undone)


def _next(session: Session, flow_id: int, *, undone: bool) -> FlowChange | None:
    """The change to take back: the newest; to do again: the oldest of those taken back."""
    order: ColumnElement[Any] = FlowChange.n.asc() if undone else FlowChange.n.desc()
    where = FlowChange.flow_id == flow_id, FlowChange.undone.is_(undone)
    return session.scalars(select(FlowChange).where(*where).order_by(order).limit(1)).first()


def _trim(session: Session, flow_id: int) -> None:
    sizes = select(FlowChange.id, func.length(FlowChange.state)).where(FlowChange.flow_id == flow_id)
    total, gone = 0, []
    for number, (ident, size) in enumerate(session.execute(sizes.order_by(FlowChange.n.desc()))):
        total += size
        if number and (number >= MOST or total > MOST_BYTES):
            gone.append(ident)
    if gone:
        session.execute(delete(FlowChange).where(FlowChange.id.in_(gone)))


def _packed(document: dict[str, Any]) -> bytes:
    return zlib.compress(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(), PACKED)
