"""The operation log (操作日志) for owner and console managers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ccc.services.actor import Actor
from ccc.store import Store
from ccc.store.records import AuditRecord, Page
from ccc.store.repos import audit_log


def search_log(
    store: Store,
    actor: Actor,
    account: str,
    *,
    text: str = "",
    named: Mapping[str, Sequence[str]] | None = None,
    action: str = "",
    instance: str = "",
    after: str = "",
    size: int = 50,
) -> Page[AuditRecord]:
    """A page of the account's entries, newest first; ``after`` is that of the page before (nonsense: the first).

    ``named``: word of ``text`` -> actions people call so; they are found by it, too.
    """
    actor.require_account(account)
    before = int(after) if after.isdecimal() and len(after) < 16 else None
    with store.read() as session:
        return audit_log.search(
            session, account, text=text, named=named or {}, action=action, instance=instance, before=before, size=size
        )
