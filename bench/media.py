"""One media worker at RTP level: more calls than SIPp can play on the cores that are left."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.table import Row, at_most

HERE = Path(__file__).parent
SECONDS = 12


def _run(mode: str, legs: int) -> dict[str, Any]:
    """Build the generator, run ``bench/rtp_load.py`` and read its figures."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise RuntimeError("the RTP generator needs a C compiler: apt install gcc libc6-dev")
    with tempfile.TemporaryDirectory(prefix="ccc-bench-") as folder:
        generator = Path(folder) / "rtpgen"
        subprocess.run([compiler, "-O2", "-o", generator, HERE / "rtpgen.c"], check=True)
        command = [sys.executable, "-m", "bench.rtp_load", mode, str(legs - 10), str(SECONDS), "--generator", generator]
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=HERE.parent, timeout=120)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def many_legs() -> list[Row]:
    """1,500 IVR legs on one worker: a prompt out, audio in (RTP-level generator, no SIP)."""
    figures = _run("ivr", 1500)
    keys, gaps = figures["key_to_prompt_ms"], figures["gap_deviation_ms"]
    return [
        at_most("1,500 IVR legs on one media worker (RTP-level generator): cores", figures["cores"], 1.0, "cores", 2),
        at_most("... CPU a leg (thousandths of a core)", figures["thousandths_per_leg"], 0.7, "mcore", 2),
        Row("... packets dropped", str(figures["drops"]), "0", figures["drops"] == 0),
        Row("... packet gap, deviation from 20 ms, p99", f"{gaps['p99']:.1f} ms"),
        Row("... key to next prompt p50 / p95", f"{keys['p50']:.1f} / {keys['p95']:.1f} ms"),
    ]


def bridges() -> list[Row]:
    """250 bridged and recorded calls (500 RTP legs) on one worker."""
    figures = _run("bridge", 500)
    return [
        at_most("250 bridged, recorded calls (500 RTP legs) on one worker: cores", figures["cores"], 1.0, "cores", 2),
        at_most("... packet read to sent in the bridge, p99", figures["bridge_ms"]["p99"], 5, "ms"),
        Row("... p50", f"{figures['bridge_ms']['p50']:.2f} ms"),
        Row("... packets dropped", str(figures["drops"]), "0", figures["drops"] == 0),
    ]
