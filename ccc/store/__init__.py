"""The database: models, migrations, and repositories (``ccc.store.repos``) that return frozen dataclasses."""

from ccc.store.engine import Store
from ccc.store.schema import open_store, upgrade

__all__ = ["Store", "open_store", "upgrade"]
