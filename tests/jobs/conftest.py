"""A store of the newest schema with one account and one instance."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ccc.home import Home
from ccc.store import Store, open_store, upgrade
from ccc.store.repos import centre, users


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    upgrade(home)
    store = open_store(home)
    with store.write() as session:
        users.add_account(session, "acme", "Acme")
        centre.add_instance(session, "acme", "demo", "Demo")
    yield store
    store.close()
