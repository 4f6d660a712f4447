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
from ccc.flow.document import describe, dump_document, read_json
from ccc.flow.mapping import read_names
from ccc.flow.sets import dump_set, load_set
from ccc.home import Home
from ccc.loader import load
from ccc.services import flow_sets, schedules, wall_clock
from ccc.services import flows as service
from ccc.services.actor import SYSTEM
from ccc.services.flow_sets import Report
from ccc.services.flow_tests import publish_tested
from ccc.store.base import utc_now
from ccc.store.repos.publications import ScheduleRecord

_instance = click.option("--instance", help="The instance [default: the only one].")


@flows.command("import")
@home_option
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@_instance
@click.option("--vendor", is_flag=True, help="The files are flows of the vendor's format (activities and events).")
@click.option("--name", default="", help="With --vendor: the flow's name here [default: the file's].")
@click.option("--map", "maps", multiple=True, metavar="KIND:NAME=OTHER", help="What is called otherwise here.")
@click.option("--dry-run", is_flag=True, help="Change nothing; only report.")
def import_(
    home: Home, files: tuple[Path, ...], instance: str | None, vendor: bool, name: str, maps: tuple[str, ...],
    dry_run: bool,
) -> None:  # fmt: skip
    """Save flows, or sets of flows, as drafts. A draft takes no calls until it is published."""
    if name and (not vendor or len(files) > 1):
        raise UsageError("--name is for one file with --vendor", field="name")
    registry, names = load(), read_names(maps)
    with opened(home) as store:
        where = pick_instance(store, instance)
        for path in files:
            data = _read(path)
            if vendor:
                raw, called = read_json(data), name or path.stem.lower()
                report, _ = flow_sets.import_vendor(
                    store, registry, SYSTEM, where, raw, called, replace=True, trial=dry_run, names=names
                )
            else:
                found = load_set(data)
                report = flow_sets.import_set(
                    store, registry, SYSTEM, where, found, replace=True, trial=dry_run, names=names
                )
            _report(report, where, dry_run)


@flows.command("export")
@home_option
@click.argument("names", nargs=-1, metavar="[NAME]...")
@_instance
@click.option("--version", type=click.IntRange(1), help="A published version [default: the draft].")
@click.option("--set", "as_set", is_flag=True, help="As a set, also a single flow; without NAME all flows.")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="File [default: standard output]."
)
def export(
    home: Home, names: tuple[str, ...], instance: str | None, version: int | None, as_set: bool, output: Path | None
) -> None:
    """Write flow NAME as a JSON document; several, or all with --set, as one set."""
    as_set = as_set or len(names) > 1
    if as_set and version is not None:
        raise UsageError("a set has the drafts; leave --version out", field="version")
    if not as_set and not names:
        raise UsageError("name a flow, or give --set for all of them", field="names")
    with opened(home) as store:
        where = pick_instance(store, instance)
        if as_set:
            text = dump_set(flow_sets.export_set(store, load(), SYSTEM, where, names))
        else:
            text = dump_document(service.export_flow(store, SYSTEM, where, names[0], version))
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
@click.option("--override", default="", metavar="REASON", help="Publish although test cases fail; kept with REASON.")
@click.option("--at", metavar="TIME", help="Publish this draft then: '2026-11-22 09:00' on the instance's clock.")
def publish(
    home: Home, names: tuple[str, ...], instance: str | None, message: str, override: str, at: str | None
) -> None:
    """Check and test the draft of each flow NAME and put it on the air; running calls keep their version."""
    registry = load()
    with opened(home) as store:
        where = pick_instance(store, instance)
        for name in names:
            if at is not None:
                when = wall_clock.moment(store, where, at)
                plan = schedules.plan_publishing(
                    store, registry, SYSTEM, where, name, when, message, override=override, now=utc_now()
                )
                click.echo(f"flow {name}: {_plan(plan)}")
                continue
            result = publish_tested(store, registry, SYSTEM, where, name, message, override=override)
            state = "published" if result.changed else "is live already, nothing changed"
            click.echo(f"flow {name}: version {result.version.version} {state} ({result.version.hash[:12]})")
            _show(result.warnings)


@flows.command("planned")
@home_option
@_instance
@click.option("--cancel", type=int, metavar="ID", help="Cancel the plan of this number.")
def planned(home: Home, instance: str | None, cancel: int | None) -> None:
    """List what is planned to be published, the next one first."""
    with opened(home) as store:
        where = pick_instance(store, instance)
        found = schedules.plans(store, SYSTEM, where, waiting=True)
        if cancel is not None:
            mine = next((each for each in found if each.id == cancel), None)
            if mine is None:
                raise UsageError(f"nothing of the number {cancel} is planned", field="cancel")
            schedules.cancel_plan(store, SYSTEM, where, mine.flow, cancel, utc_now())
            click.echo(f"flow {mine.flow}: plan {cancel} is cancelled")
            return
        for each in reversed(found):
            click.echo(f"flow {each.flow}: {_plan(each)}")


def _plan(plan: ScheduleRecord) -> str:
    message = f": {plan.message}" if plan.message else ""
    return f"plan {plan.id}, revision {plan.revision} is published {plan.at:%Y-%m-%d %H:%M} UTC (by {plan.by}){message}"


def _report(report: Report, where: str, trial: bool) -> None:
    if report.intact is False:
        click.echo("  note: the file was changed after it was exported", err=True)
    for flow in report.flows:
        state = f"would be {flow.done}" if trial else f"draft saved in {where} (revision {flow.revision})"
        click.echo(f"flow {flow.name}: {'unchanged' if flow.done == 'unchanged' and not trial else state}")
        _show(flow.problems)
    for each in report.missing:
        users = ", ".join(f"{flow} node {node}" for flow, node in each.used_by)
        click.echo(f"  missing here: {each.kind} {each.name} ({users})", err=True)
    for found in report.findings:
        place = f"activity {found.activity}" if found.activity else "document"
        click.echo(f"  {found.fate}: {place}, {found.what} {found.name}: {found.message}", err=True)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error


def _show(problems: list[Problem] | tuple[Problem, ...]) -> None:
    for problem in problems:
        click.echo(f"  {problem.severity}: {describe(problem)}", err=True)
