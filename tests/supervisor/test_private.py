"""Nobody else on the machine reads the database, although the folder was made by hand for everybody."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.calls.system import CCC, ROOT


def test_the_database_is_private(short_dir: Path) -> None:
    home = short_dir / "i"
    home.mkdir(mode=0o755)
    subprocess.run([*CCC, "prepare", "--home", str(home)], cwd=ROOT, check=True, capture_output=True, timeout=60)
    loose = [path for path in home.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    assert (home / "ccc.db").exists() and loose == []
