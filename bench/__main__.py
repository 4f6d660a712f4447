"""``make bench``: a few minutes on loopback; prints the table, with ``--write`` also into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

from bench import machine, measures, media, table
from bench.designer import drawing
from bench.flow import compiling
from bench.table import Row

MEASURES: dict[str, Callable[[], list[Row]]] = {
    "start": measures.starting,
    "cps500": lambda: measures.answering(500),
    "cps800": lambda: measures.answering(800),
    "ivr400": lambda: measures.ivr(400),
    "idle": measures.idle_reaction,
    "legs1500": media.many_legs,
    "bridges250": media.bridges,
    "flow": compiling,
    "designer": drawing,
}
BUSY_CORES = 0.15


def quiet() -> str:
    """Measure 3 s of the machine at rest and say what was found."""
    before = machine.all_cpu_s()
    time.sleep(3)
    cores = (machine.all_cpu_s() - before) / 3
    verdict = "quiet" if cores < BUSY_CORES else "NOT quiet: the figures are worse than they could be"
    return f"Before the run other processes used {cores:.2f} cores ({verdict})."


def main() -> int:
    """Run the named measurements, or all; 1 when a target was missed and ``--strict`` given."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of: {', '.join(MEASURES)}")
    parser.add_argument("--write", action="store_true", help="update docs/benchmarks.md")
    parser.add_argument("--strict", action="store_true", help="exit code 1 when a target was missed")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in MEASURES]
    if unknown:
        parser.error(f"no measurement {unknown[0]!r}; there are: {', '.join(MEASURES)}")
    found, rows = quiet(), []
    for name in options.names or MEASURES:
        for row in MEASURES[name]():
            rows.append(row)
            print(f"{row.what:75} {row.figure:>24}   {row.target:12} {row.mark}", flush=True)
    text = table.markdown(rows, machine.describe(), time.strftime("%Y-%m-%d"), found)
    if options.write:
        table.write(text)
    return int(options.strict and any(row.reached is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
