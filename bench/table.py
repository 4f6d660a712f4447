"""The result table: figure, target, reached or not; printed and, with ``--write``, kept in docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


@dataclass(frozen=True)
class Row:
    """One figure. ``reached`` None: there is nothing to reach, it explains another row."""

    what: str
    figure: str
    target: str = ""
    reached: bool | None = None

    @property
    def mark(self) -> str:
        return {True: "yes", False: "**no**", None: ""}[self.reached]


def at_most(what: str, value: float, limit: float, unit: str, digits: int = 1) -> Row:
    """A row whose figure should not exceed ``limit``."""
    return Row(what, f"{value:.{digits}f} {unit}", f"<= {limit:g} {unit}", value <= limit)


def markdown(rows: Sequence[Row], machine: str, day: str, quiet: str) -> str:
    """The table with where and when it was measured."""
    lines = [f"Measured {day} on: {machine}. {quiet}", "", "| what | figure | target | reached |", "|---|---|---|---|"]
    return "\n".join(lines + [f"| {row.what} | {row.figure} | {row.target} | {row.mark} |" for row in rows])


def write(text: str) -> None:
    """Replace the part of docs/benchmarks.md between the markers."""
    before, rest = DOCUMENT.read_text().split(BEGIN, 1)
    _, after = rest.split(END, 1)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")
