"""``ccc flows import|export|publish``: flows between files and the store."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ccc.api import Problem
from ccc.commands.common import home_option
from ccc.commands.flows_group import flows
from ccc.commands.user import opened, pick_instance
from ccc.errors import UsageError
from ccc.flow.document import describe, dump_document
from ccc.home import Home
from ccc.loader import load
from ccc.services import flows as service
from ccc.services.actor import SYSTEM

_instance = click.option("--instance", help="The instance [default: the only one].")


@flows.command("import")
@home_option
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@_instance
def import_(home: Home, files: tuple[Path, ...], instance: str | None) -> None:
    """Save flow documents as drafts. A draft takes no calls until it is published."""
    registry = load()
    with opened(home) as store:
        where = pick_instance(store, instance)
        for path in files:
            saved, problems = service.import_flow(store, registry, SYSTEM, where, _read(path))
            click.echo(f"flow {saved.name}: draft saved in {where} (revision {saved.revision})")
            _show(problems)


@flows.command("export")
@home_option
@click.argument("name")
@_instance
@click.option("--version", type=click.IntRange(1), help="A published version [default: the draft].")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="File [default: standard output]."
)
def export(home: Home, name: str, instance: str | None, version: int | None, output: Path | None) -> None:
    """Write flow NAME as a JSON document."""
    with opened(home) as store:
        document = service.export_flow(store, SYSTEM, pick_instance(store, instance), name, version)
    text = dump_document(document)
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}") from error


@flows.command("publish")
@home_option
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@_instance
@click.option("--message", "-m", default="", help="What changed, for the list of versions.")
def publish(home: Home, names: tuple[str, ...], instance: str | None, message: str) -> None:
    """Check the draft of each flow NAME and put it on the air; running calls keep their version."""
    registry = load()
    with opened(home) as store:
        where = pick_instance(store, instance)
        for name in names:
            result = service.publish_flow(store, registry, SYSTEM, where, name, message)
            state = "published" if result.changed else "is live already, nothing changed"
            click.echo(f"flow {name}: version {result.version.version} {state} ({result.version.hash[:12]})")
            _show(result.warnings)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error


def _show(problems: list[Problem] | tuple[Problem, ...]) -> None:
    for problem in problems:
        click.echo(f"  {problem.severity}: {describe(problem)}", err=True)
