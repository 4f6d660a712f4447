"""The docs keep up with the code: every setting, command, hook and node type has its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ccc.cli import COMMANDS
from ccc.settings import SETTINGS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_in_operate(setting: object) -> None:
    text = (DOCS / "operate.md").read_text()
    row = re.search(rf"^\| `{re.escape(setting.option)}` \| `{setting.variable}` \| (.*?) \|", text, re.MULTILINE)
    assert row, f"docs/operate.md has no row for {setting.option}"
    if setting.default != "" and setting.name != "media_ip":
        assert str(setting.default) in row[1], f"docs/operate.md names another default for {setting.option}"


def test_operate_names_no_setting_that_is_gone() -> None:
    named = re.findall(r"^\| `(--[a-z-]+)` \| `CCC_", (DOCS / "operate.md").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(setting.option for setting in SETTINGS)


def test_every_command_has_a_heading_and_no_other_does() -> None:
    named = re.findall(r"^## ccc ([a-z]+)$", (DOCS / "commands.md").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(COMMANDS)


@pytest.mark.parametrize(
    "document", sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")]), ids=lambda document: document.name
)
def test_links_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", document.read_text())
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_every_feature_is_in_one_row_and_done_part_or_open() -> None:
    lines = re.findall(r"^\|(.*)\|$", (DOCS / "features.md").read_text(), re.MULTILINE)[2:]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    ids = [one.strip() for row in rows for one in row[0].split(",")]
    assert len(ids) > 40 and sorted(set(ids)) == sorted(ids), "an id in two rows"
    for id_, _what, state, tests in rows:
        assert re.match(r"(done|part|open)($|[:;] | \()", state) and state != "part", (id_, state)
        assert bool(tests) == (not state.startswith("open")), f"{id_}: {state!r}, tested by {tests!r}"
        named = re.findall(r"`(tests/[^`]+)`", tests)
        assert [name for name in named if not (ROOT / name).exists()] == [], id_


def test_every_package_is_in_the_architecture() -> None:
    text = (DOCS / "architecture.md").read_text()
    named = set(re.findall(r"`ccc/(\w+)`", text))
    packages = {path.parent.name for path in (ROOT / "ccc").glob("*/__init__.py")}
    assert named == packages


def test_decisions_have_numbers_of_their_own() -> None:
    numbers = [file.name[:4] for file in sorted((DOCS / "decisions").glob("*.md"))]
    assert sorted(set(numbers)) == numbers


def test_both_readmes_tell_the_same_commands() -> None:
    english, chinese = ((ROOT / name).read_text() for name in ("README.md", "README.zh.md"))
    commands = r"^(?:make|\.venv/bin/ccc)[^#\n]*(?:\d#)?"
    assert re.findall(commands, english, re.MULTILINE) == re.findall(commands, chinese, re.MULTILINE)


def test_files_named_in_the_readmes_exist() -> None:
    text = "".join(page.read_text() for page in ROOT.glob("README*.md"))
    named = set(re.findall(r"`((?:plugins|docs|flows)/[\w./-]+\.\w+)`", text))
    assert named and [name for name in sorted(named) if not (ROOT / name).exists()] == []
