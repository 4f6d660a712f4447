"""``ccc plugins`` and ``ccc check PATH``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from ccc.api.testkit import CheckResult, check_node_type, check_tts
from ccc.commands.common import home_option
from ccc.errors import CccError
from ccc.flow.document import load_document
from ccc.flow.testing import test_flow
from ccc.home import Home
from ccc.loader import PLUGIN_DIRS, Registry, load, load_path, load_sources
from ccc.sources import PathSource, path_sources


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The load report as one JSON object.")
@home_option
def plugins(as_json: bool, home: Home) -> None:
    """List plugins: what loaded and what was refused, and why. Exit code 1 when one was refused."""
    report = load().report
    if as_json:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
    else:
        for plugin in report.loaded:
            click.echo(f"{plugin.name:24} {', '.join(plugin.provides)}")
        for refused in report.refused:
            click.echo(f"{refused.name:24} REFUSED: {refused.reason}\n{'':24} {refused.origin}")
    raise SystemExit(1 if report.refused else 0)


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@home_option
def check(path: Path, home: Home) -> None:
    """Load one plugin (a file or folder) alone and run its conformance tests.

    Flow documents beside it (NAME.flow.json for NAME.py, *.flow.json in a folder) are checked and their tests run.
    Exit code 1 when something failed.
    """
    registry = load_path(path)
    for refused in registry.report.refused:
        click.echo(f"FAILED loads: {refused.reason}")
        if refused.detail:
            click.echo(refused.detail.rstrip())
        raise SystemExit(1)
    results = list(run_checks(registry, path))
    for result in results:
        click.echo(f"{'ok    ' if result.failure is None else 'FAILED'} {result.name}")
        if result.failure is not None:
            click.echo(f"       {result.failure}")
    failed = sum(result.failure is not None for result in results)
    click.echo(f"{len(results)} checks, {failed} failed")
    raise SystemExit(1 if failed else 0)


def run_checks(registry: Registry, path: Path) -> Iterator[CheckResult]:
    """Every check of a plugin that loaded: its parts, then the flows it brings along."""
    yield CheckResult("loads")
    for name, node_type in registry.node_types.items():
        for result in check_node_type(node_type):
            yield CheckResult(f"node type {name}: {result.name}", result.failure)
    for name, engine in registry.tts_engines.items():
        for result in check_tts(engine):
            yield CheckResult(f"TTS engine {name}: {result.name}", result.failure)
    yield from _flows(path.resolve())


def _flows(path: Path) -> Iterator[CheckResult]:
    files = sorted(path.glob("*.flow.json")) if path.is_dir() else [path.with_suffix(".flow.json")]
    files = [file for file in files if file.is_file()]
    if not files:
        return
    registry = load_sources([PathSource(path), *(other for other in path_sources(PLUGIN_DIRS) if other.path != path)])
    for file in files:
        try:
            document = load_document(file.read_bytes())
        except CccError as error:
            yield CheckResult(f"flow {file.name}", error.message)
            continue
        suite = test_flow(document, registry, {document.name: document})
        yield CheckResult(f"flow {file.name}: compiles", suite.broken)
        for result in suite.results:
            yield CheckResult(f"flow {file.name}: {result.case.name}", result.failure)
