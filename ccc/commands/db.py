"""``ccc db``: the store's schema."""

from __future__ import annotations

import click

from ccc.commands.common import home_option
from ccc.home import Home
from ccc.services.snapshot import export_snapshot
from ccc.store import open_store
from ccc.store import upgrade as upgrade_store


@click.group()
def db() -> None:
    """Upgrade the database."""


@db.command()
@home_option
def upgrade(home: Home) -> None:
    """Create the database, or bring it to the schema of this version; then export the configuration."""
    revision = upgrade_store(home)
    store = open_store(home)
    try:
        export_snapshot(store)
    finally:
        store.close()
    click.echo(f"{home.database}: schema {revision}")
