"""``ccc audio``: uploads behind the names that flows use."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ccc.commands.common import home_option
from ccc.commands.user import opened, pick_instance
from ccc.home import Home
from ccc.loader import load
from ccc.services import audio as service
from ccc.services.actor import SYSTEM

_instance = click.option("--instance", help="The instance [default: the only one].")


@click.group()
def audio() -> None:
    """Add, list, replace and remove audio that flows play by name."""


@audio.command("add")
@home_option
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@_instance
@click.option("--replace", is_flag=True, help="Let a name that exists stand for this file from now on.")
def add(home: Home, name: str, file: Path, instance: str | None, replace: bool) -> None:
    """Let NAME stand for the WAV in FILE (at most 5 MB; any usual coding and rate)."""
    with opened(home) as store:
        where = pick_instance(store, instance)
        saved = service.add_audio(store, SYSTEM, where, name, file, replace=replace)
    click.echo(f"audio {saved.name}: {saved.seconds:.1f} s in {where}")


@audio.command("list")
@home_option
@_instance
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(home: Home, instance: str | None, as_json: bool) -> None:
    """List audio with its length and the nodes that play it."""
    registry = load()
    with opened(home) as store:
        found = service.list_audio(store, registry, SYSTEM, pick_instance(store, instance))
    for item in found:
        uses = [{"flow": use.flow, "version": use.version, "node": use.node} for use in item.used_by]
        if as_json:
            shape = {
                "name": item.audio.name,
                "seconds": item.audio.seconds,
                "uploaded_by": item.audio.uploaded_by,
                "uploaded_at": item.audio.uploaded_at.isoformat(),
                "used_by": uses,
            }
            click.echo(json.dumps(shape, ensure_ascii=False))
        else:
            places = "; ".join(map(str, item.used_by)) or "not used"
            click.echo(f"{item.audio.name:<24} {item.audio.seconds:>7.1f} s  {places}")


@audio.command("remove")
@home_option
@click.argument("name")
@_instance
def remove(home: Home, name: str, instance: str | None) -> None:
    """Forget NAME; refused while a flow plays it."""
    registry = load()
    with opened(home) as store:
        where = pick_instance(store, instance)
        service.remove_audio(store, registry, SYSTEM, where, name)
    click.echo(f"audio {name}: removed from {where}")
