"""Make the table of places when it is not there: in a child process, because its source needs 98 MB for a moment."""

from __future__ import annotations

import logging
import subprocess
import sys

from ccc.geo.table import GeoTable, geo_path
from ccc.home import PROJECT, Home

log = logging.getLogger(__name__)
BUILD_TIMEOUT_S = 60.0


def ensure_table(home: Home) -> bool:
    """Build ``Home.cache/geo_zh.bin`` unless a usable one exists. False when that failed (logged).

    Blocking, one to two seconds the first time.
    """
    path = geo_path(home)
    if len(GeoTable.load(path)):
        return True
    try:
        subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "ccc.geo.build", str(path)],
            check=True,
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=BUILD_TIMEOUT_S,
        )
    except (OSError, subprocess.SubprocessError) as error:
        reason = (getattr(error, "stderr", None) or str(error)).strip()
        log.warning("no province and city for numbers: the table could not be built (%s)", reason)
        return False
    return True
