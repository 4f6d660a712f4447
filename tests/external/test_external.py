"""A real out-of-tree package: built, installed by pip without network, found by its entry point, used in a flow."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ccc.commands.plugins import check

PACKAGE = Path(__file__).parent / "ccc-node-greet"
FLOW = PACKAGE / "src/ccc_node_greet/greet.flow.json"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which pip installed the package."""
    source, target = tmp_path_factory.mktemp("source") / "package", tmp_path_factory.mktemp("site")
    shutil.copytree(PACKAGE, source)  # setuptools builds beside the sources
    offline = ["--no-build-isolation", "--no-deps", "--no-index", "--disable-pip-version-check", "--quiet"]
    subprocess.run([sys.executable, "-m", "pip", "install", *offline, "--target", target, source], check=True)
    return target


def ccc(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line of a process that has the package installed."""
    program = "import sys; from ccc.cli import main; main(sys.argv[1:])"
    root = str(PACKAGE.parent.parent.parent)
    environment = {"PYTHONPATH": f"{installed}:{root}", "PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], env=environment, capture_output=True, text=True, check=False
    )


def test_the_package_is_found_by_its_entry_point(installed: Path) -> None:
    result = ccc(installed, "plugins", "--json")
    assert result.returncode == 0, result.stdout + result.stderr
    loaded = {item["name"]: item for item in json.loads(result.stdout)["loaded"]}
    assert loaded["package/greet"] == {
        "name": "package/greet",
        "origin": "ccc_node_greet of ccc-node-greet 1.0.0",
        "provides": ["node type greet"],
    }


def test_its_node_type_runs_in_a_flow(installed: Path) -> None:
    result = ccc(installed, "flows", "test", str(FLOW))
    assert result.returncode == 0, result.stdout + result.stderr
    assert "2 tests, 0 failed" in result.stdout


def test_without_the_package_the_flow_says_what_is_missing() -> None:
    result = ccc(Path("/nowhere"), "flows", "check", str(FLOW))
    assert result.returncode == 1
    assert "node greet, field type: node type 'greet' is not installed" in result.stdout


def test_it_passes_the_conformance_checks(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(installed))
    result = CliRunner().invoke(check, [str(installed / "ccc_node_greet")])
    assert result.exit_code == 0, result.output
    assert "0 failed" in result.output
