"""``ccc blacklist``: numbers an instance does not want to hear from."""

from __future__ import annotations

import json

import click

from ccc.commands.common import home_option
from ccc.commands.user import opened, pick_instance
from ccc.home import Home
from ccc.services import blacklist as service
from ccc.services.actor import SYSTEM

_instance = click.option("--instance", help="The instance [default: the only one].")
_numbers = click.argument("numbers", nargs=-1, required=True)


@click.group()
def blacklist() -> None:
    """Add, remove and list unwanted callers (the node Blacklist asks for them)."""


@blacklist.command("add")
@home_option
@_numbers
@_instance
@click.option("--reason", default="", help="Why, for the list.")
def add(home: Home, numbers: tuple[str, ...], instance: str | None, reason: str) -> None:
    """Add NUMBERS, or beginnings such as '0755*'; 'anonymous' stands for callers who hide their number."""
    with opened(home) as store:
        where = pick_instance(store, instance)
        new = service.add_blacklist(store, SYSTEM, where, numbers, reason)
    click.echo(f"blacklist of {where}: added {', '.join(new) or 'nothing, all were there'}")


@blacklist.command("remove")
@home_option
@_numbers
@_instance
def remove(home: Home, numbers: tuple[str, ...], instance: str | None) -> None:
    """Take NUMBERS off the list."""
    with opened(home) as store:
        where = pick_instance(store, instance)
        gone = service.remove_blacklist(store, SYSTEM, where, numbers)
    click.echo(f"blacklist of {where}: removed {', '.join(gone)}")


@blacklist.command("list")
@home_option
@_instance
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(home: Home, instance: str | None, as_json: bool) -> None:
    """List the entries with reason and author."""
    with opened(home) as store:
        found = service.list_blacklist(store, SYSTEM, pick_instance(store, instance))
    for item in found:
        if as_json:
            shape = {
                "entry": item.entry,
                "reason": item.reason,
                "added_by": item.added_by,
                "added_at": item.added_at.isoformat(),
            }
            click.echo(json.dumps(shape, ensure_ascii=False))
        else:
            click.echo(f"{item.entry:<24} {item.reason}")
