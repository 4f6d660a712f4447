"""``ccc table``: lookup tables of an instance."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ccc.commands.common import home_option
from ccc.commands.user import opened, pick_instance
from ccc.home import Home
from ccc.loader import load
from ccc.services import tables as service
from ccc.services.actor import SYSTEM

SHOWN = 20
_instance = click.option("--instance", help="The instance [default: the only one].")


@click.group()
def table() -> None:
    """Import, list and remove tables that flows look things up in."""


@table.command("import")
@home_option
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@_instance
@click.option("--key", help="The column to look up by [default: the first].")
def import_(home: Home, name: str, file: Path, instance: str | None, key: str | None) -> None:
    """Let NAME stand for the rows of the CSV in FILE (UTF-8 or GBK, at most 50,000 rows); bad rows are named."""
    with opened(home) as store:
        where = pick_instance(store, instance)
        done = service.import_table(store, SYSTEM, where, name, file, key=key)
    click.echo(f"table {name}: {done.table.rows} rows in {where}, key {done.table.key}, read as {done.encoding}")
    for row in done.bad[:SHOWN]:
        click.echo(f"  left out: line {row.line}: {row.reason}", err=True)
    if len(done.bad) > SHOWN:
        click.echo(f"  left out: {len(done.bad) - SHOWN} more", err=True)


@table.command("list")
@home_option
@_instance
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(home: Home, instance: str | None, as_json: bool) -> None:
    """List tables with their columns."""
    with opened(home) as store:
        found = service.list_tables(store, SYSTEM, pick_instance(store, instance))
    for item in found:
        if as_json:
            shape = {
                "name": item.name,
                "rows": item.rows,
                "key": item.key,
                "columns": list(item.columns),
                "uploaded_by": item.uploaded_by,
                "uploaded_at": item.uploaded_at.isoformat(),
            }
            click.echo(json.dumps(shape, ensure_ascii=False))
        else:
            click.echo(f"{item.name:<24} {item.rows:>6} rows  {item.key}: {', '.join(item.columns)}")


@table.command("remove")
@home_option
@click.argument("name")
@_instance
def remove(home: Home, name: str, instance: str | None) -> None:
    """Forget NAME; refused while a flow uses it."""
    registry = load()
    with opened(home) as store:
        where = pick_instance(store, instance)
        service.remove_table(store, registry, SYSTEM, where, name)
    click.echo(f"table {name}: removed from {where}")
