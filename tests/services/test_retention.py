"""How long calls are kept: per instance, by its administrators, in the audit log."""

from __future__ import annotations

import pytest

from ccc.errors import ForbiddenError, InvalidError
from ccc.services import retention
from ccc.services.actor import Actor
from ccc.store import Store
from ccc.store.repos import audit

ADMIN = Actor("ann", {"demo": "admin"})


def test_each_instance_its_own_days(store: Store) -> None:
    assert retention.get_retention(store, ADMIN, "demo") == 0
    with store.write() as session:
        audit.set_setting(session, retention.DEFAULT.format("calls"), 400)
    assert retention.get_retention(store, ADMIN, "demo") == 400
    retention.set_retention(store, ADMIN, "demo", 90)
    assert retention.get_retention(store, Actor("bob", {"demo": "agent"}), "demo") == 90
    assert retention.get_retention(store, Actor("eve", {"other": "agent"}), "other") == 400
    with store.read() as session:
        entry = audit.find(session, "demo")[0]
    assert (entry.action, entry.before, entry.after) == ("retention.set", {"days": 400}, {"days": 90})


@pytest.mark.parametrize("days", [-1, 3651])
def test_impossible_days(store: Store, days: int) -> None:
    with pytest.raises(InvalidError) as caught:
        retention.set_retention(store, ADMIN, "demo", days)
    assert caught.value.field == "days"


def test_only_administrators(store: Store) -> None:
    with pytest.raises(ForbiddenError):
        retention.set_retention(store, Actor("li", {"demo": "supervisor"}), "demo", 30)
