"""``ccc flows check`` and ``ccc flows test``: on files, without a database or a running system."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ccc.api import Problem
from ccc.commands.common import home_option
from ccc.commands.flows_group import flows
from ccc.errors import UsageError
from ccc.flow.check import check_flow
from ccc.flow.document import FlowDocument, FlowInvalid, describe, load_document
from ccc.flow.testing import FlowTests, junit, test_flow
from ccc.home import Home
from ccc.loader import load

_FILES = click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))


@flows.command()
@_FILES
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each problem instead of text.")
@home_option
def check(files: tuple[Path, ...], as_json: bool, home: Home) -> None:
    """Find problems in flow documents: node and field are named. Exit code 1 when there is an error."""
    registry = load()
    failed = False
    for file in files:
        try:
            problems = check_flow(load_document(_read(file)), registry)
        except FlowInvalid as error:
            problems = error.problems
        failed = failed or any(problem.severity == "error" for problem in problems)
        for problem in problems:
            click.echo(_line(file, problem, as_json))
        if not problems and not as_json:
            click.echo(f"{file}: ok")
    raise SystemExit(1 if failed else 0)


@flows.command("test")
@_FILES
@click.option("--junit", "junit_file", type=click.Path(dir_okay=False, path_type=Path), help="Write JUnit XML there.")
@click.option("--verbose", "-v", is_flag=True, help="Print what happened in every call.")
@home_option
def run_tests(files: tuple[Path, ...], junit_file: Path | None, verbose: bool, home: Home) -> None:
    """Run the test cases stored in flow documents, in virtual time. Sub-flows are looked for beside the files too."""
    registry = load()
    documents = {file: load_document(_read(file)) for file in files}
    others = _neighbours(files) | {document.name: document for document in documents.values()}
    suites = []
    for file, document in documents.items():
        suite = test_flow(document, registry, others)
        suites.append(suite)
        _print(file, suite, verbose)
    if junit_file is not None:
        _write(junit_file, junit(suites))
    count = sum(len(suite.results) for suite in suites)
    bad = sum(result.failure is not None for suite in suites for result in suite.results)
    broken = sum(suite.broken is not None for suite in suites)
    click.echo(f"{count} tests, {bad} failed" + (f", {broken} flows with errors" if broken else ""))
    raise SystemExit(0 if all(suite.passed for suite in suites) else 1)


def _print(file: Path, suite: FlowTests, verbose: bool) -> None:
    if suite.broken is not None:
        click.echo(f"{file}: ERROR {suite.broken}")
    for result in suite.results:
        click.echo(f"{file}: {'ok    ' if result.failure is None else 'FAILED'} {result.case.name}")
        if result.failure is not None:
            click.echo(f"    {result.failure}")
        if result.failure is not None or verbose:
            for line in result.simulation.transcript:
                click.echo(f"    {line}")


def _line(file: Path, problem: Problem, as_json: bool) -> str:
    if as_json:
        return json.dumps({"file": str(file), **problem.as_dict()}, ensure_ascii=False)
    return f"{file}: {problem.severity}: {describe(problem)} [{problem.code}]"


def _neighbours(files: tuple[Path, ...]) -> dict[str, FlowDocument]:
    """Readable flow documents in the same folders, by name; what is not one is no concern of this command."""
    found = {}
    for folder in {file.resolve().parent for file in files}:
        for path in sorted(folder.glob("*.json")):
            try:
                document = load_document(_read(path))
            except (FlowInvalid, UsageError):
                continue
            found[document.name] = document
    return found


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from error


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {file}: {error.strerror}") from error
