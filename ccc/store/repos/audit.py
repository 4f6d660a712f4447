"""The audit log and settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ccc.store.models import AuditEntry, Setting
from ccc.store.records import AuditRecord


def add(
    session: Session,
    user: str,
    action: str,
    object_: str,
    *,
    instance: str = "",
    account: str = "",
    address: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    **detail: Any,
) -> None:
    """Write down who did what, from where, and what was there before and after. Nothing here ever holds a secret."""
    session.add(
        AuditEntry(
            user=user,
            action=action,
            object=object_,
            instance=instance,
            account=account,
            address=address[:64],
            before=before,
            after=after,
            detail=detail,
        )
    )


def find(session: Session, instance: str | None = None, *, limit: int = 100) -> list[AuditRecord]:
    """The newest entries first."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if instance is not None:
        query = query.where(AuditEntry.instance == instance)
    return [_record(row) for row in session.scalars(query)]


def noted(session: Session, user: str, action: str, object_: str, *, instance: str, since: datetime) -> bool:
    """Whether the user did this to the thing since then."""
    query = select(AuditEntry.id).where(
        AuditEntry.instance == instance,
        AuditEntry.at >= since,
        AuditEntry.user == user,
        AuditEntry.action == action,
        AuditEntry.object == object_,
    )
    return session.scalar(query.limit(1)) is not None


def newest(session: Session, object_: str, prefix: str, *, instance: str, account: str) -> AuditRecord | None:
    """The last entry about the thing whose action begins with ``prefix``."""
    query = (
        select(AuditEntry)
        .where(AuditEntry.object == object_, AuditEntry.instance == instance, AuditEntry.action.startswith(prefix))
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    if account:
        query = query.where(AuditEntry.account == account)
    row = session.scalar(query)
    return None if row is None else _record(row)


def _record(row: AuditEntry) -> AuditRecord:
    return AuditRecord(
        row.at,
        row.user,
        row.instance,
        row.action,
        row.object,
        row.detail,
        account=row.account,
        address=row.address,
        before=row.before,
        after=row.after,
        id=row.id,
    )


def setting(session: Session, key: str, default: Any = None) -> Any:
    row = session.get(Setting, key)
    return default if row is None else row.value


def set_setting(session: Session, key: str, value: Any) -> None:
    session.merge(Setting(key=key, value=value))
