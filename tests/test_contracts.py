"""The house rules, as tests: who imports whom, how long a file or function may be, what may stand in a file."""

from __future__ import annotations

import ast
import json
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("ccc", "plugins", "suppliers", "bench")
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def product_files() -> list[Path]:
    return sorted(path for folder in PRODUCT for path in (ROOT / folder).rglob("*.py") if "versions" not in path.parts)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, FUNCTION):
            yield node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def committed_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_package_directions_hold() -> None:
    # A process of its own: the linter's set-up of logging silences every logger of this one.
    linter = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(linter, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_is_longer_than_400_lines() -> None:
    sizes = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in product_files()}
    assert {str(path): size for path, size in sizes.items() if size > 400} == {}
    assert statistics.median(size for size in sizes.values() if size > 1) <= 150


def test_functions_stay_short() -> None:
    sizes = {f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": length(node)
             for path in product_files() for node in functions(path)}  # fmt: skip
    assert {name: size for name, size in sizes.items() if size > 60} == {}
    assert statistics.quantiles(sizes.values(), n=10)[-1] <= 30


def test_no_import_of_the_own_package_inside_a_function() -> None:
    found = []
    for path in product_files():
        for function in functions(path):
            for node in ast.walk(function):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or "."] if isinstance(node, ast.ImportFrom) else []
                found += [f"{path}:{node.lineno}" for name in names if name.split(".")[0] in ("ccc", "", "plugins")]
    assert found == []


def test_public_functions_are_typed() -> None:
    bare = []
    for path in product_files():
        for node in functions(path):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            untyped = [a.arg for a in arguments if a.annotation is None and a.arg not in ("self", "cls")]
            if not node.name.startswith("_") and (untyped or node.returns is None):
                bare.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name} {untyped}")
    assert bare == []


def test_python_lock_is_plain_pins() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line)] == []


def test_browser_lock_names_no_host() -> None:
    path = ROOT / "package-lock.json"
    packages = json.loads(path.read_text())["packages"]
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if name and "integrity" not in entry] == []


def test_committed_files_name_no_registry_and_no_machine() -> None:
    words = ("registry.npm" + "js", "py" + "pi.org", "python" + "hosted", "/wo" + "rk/", "/ro" + "ot/")
    found = []
    for path in committed_files():
        content = path.read_bytes().decode("utf-8", "replace")
        found += [f"{path.relative_to(ROOT)}: {word}" for word in words if word in content]
    assert found == []


def test_third_party_browser_files_are_not_committed() -> None:
    assert [path for path in committed_files() if "vendor" in path.relative_to(ROOT).parts] == []
