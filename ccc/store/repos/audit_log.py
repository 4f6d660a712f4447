"""The operation log of a main account, searched and paged by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ccc.store.models import Account, AuditEntry, Instance, User
from ccc.store.records import AuditRecord, Page


def search(
    session: Session,
    account: str,
    *,
    text: str = "",
    named: Mapping[str, Sequence[str]],
    action: str = "",
    instance: str = "",
    before: int | None = None,
    size: int = 50,
) -> Page[AuditRecord]:
    """Entries of the account's console, instances and users, newest first. ``action`` is the beginning of one."""
    places = select(Instance.name).join(Account).where(Account.name == account)
    people = select(User.username).join(Account).where(Account.name == account)
    query = select(AuditEntry).where(
        or_(
            AuditEntry.account == account,
            AuditEntry.instance.in_(places),
            (AuditEntry.account == "") & (AuditEntry.instance == "") & AuditEntry.user.in_(people),
        )
    )
    if instance:
        query = query.where(AuditEntry.instance == instance)
    if action:
        query = query.where(AuditEntry.action.startswith(action, autoescape=True))
    for word in text.split()[:5]:
        columns = (AuditEntry.user, AuditEntry.object, AuditEntry.action, AuditEntry.address)
        found_in = [column.icontains(word, autoescape=True) for column in columns]
        query = query.where(or_(*found_in, AuditEntry.action.in_(named.get(word, ()))))
    if before is not None:
        query = query.where(AuditEntry.id < before)
    rows = list(session.scalars(query.order_by(AuditEntry.id.desc()).limit(size + 1)))
    found = tuple(
        AuditRecord(
            row.at, row.user, row.instance, row.action, row.object, row.detail,
            account=row.account, address=row.address, before=row.before, after=row.after, id=row.id,
        )
        for row in rows[:size]
    )  # fmt: skip
    return Page(found, str(found[-1].id) if len(rows) > size else None)
