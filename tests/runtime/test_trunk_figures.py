"""Calls of a trunk, and numbers dialled in vain: bounded, and new every day."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ccc.runtime.tallies import Tallies
from ccc.runtime.trunk_figures import MOST_NUMBERS, TrunkFigures

NOON = 1_763_640_000.0
DAY = 86_400.0


def test_what_was_dialled_in_vain_is_shown_most_often_first() -> None:
    figures = TrunkFigures(NOON)
    for number in ("4998", "4999", "4999"):
        figures.called("carrier", NOON + 1)
        figures.refused("carrier", number, "Unknown number", NOON + 1)
    shown = figures.shown({"carrier": 2, "quiet": 1}, NOON + 2)
    assert shown["since"] == NOON
    assert shown["trunks"]["carrier"] == {
        "calls": 2, "last": NOON + 1, "refused": 3,
        "vain": [["4999", "Unknown number", 2], ["4998", "Unknown number", 1]],
    }  # fmt: skip
    assert shown["trunks"]["quiet"] == {"calls": 1, "last": None, "refused": 0, "vain": []}


def test_a_scanner_does_not_fill_the_memory() -> None:
    figures = TrunkFigures(NOON)
    for number in range(1000):
        figures.refused("carrier", str(number), "Unknown number", NOON)
    trunk = figures.shown({}, NOON)["trunks"]["carrier"]
    assert (trunk["refused"], len(trunk["vain"])) == (1000, MOST_NUMBERS)


def test_a_restart_keeps_the_day() -> None:
    figures = TrunkFigures(NOON)
    figures.called("carrier", NOON + 1)
    figures.refused("carrier", "4999", "Unknown number", NOON + 1)
    saved = json.loads(json.dumps(figures.dump()))
    again = TrunkFigures(NOON + 60)
    again.load(saved, NOON + 60)
    again.refused("carrier", "4999", "Unknown number", NOON + 61)
    figures.refused("carrier", "4999", "Unknown number", NOON + 61)
    assert again.shown({}, NOON + 61) == figures.shown({}, NOON + 61)
    next_day = TrunkFigures(NOON + DAY)
    next_day.load(saved, NOON + DAY)
    assert next_day.shown({}, NOON + DAY)["trunks"]["carrier"] == {
        "calls": 0, "last": NOON + 1, "refused": 0, "vain": [],
    }  # fmt: skip


@pytest.mark.parametrize("trunks", [None, [], {"since": "x"}, {"since": 1.0, "trunks": {"a": [1]}}, {"since": 1e400}])
def test_a_file_that_is_none_costs_the_figures_not_the_start(tmp_path: Path, trunks: object) -> None:
    path = tmp_path / "tally.json"
    path.write_text(json.dumps({"at": NOON, "instances": {}, "trunks": trunks}))
    assert Tallies(path, NOON + 1).trunks.shown({}, NOON + 1) == {"since": NOON + 1, "trunks": {}}


def test_a_file_without_trunks_is_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "tally.json"
    path.write_text(json.dumps({"at": NOON, "instances": {}}))
    first = Tallies(path, NOON + 1)
    first.trunks.refused("carrier", "4999", "Unknown number", NOON + 2)
    first.save()
    assert Tallies(path, NOON + 3).trunks.shown({}, NOON + 3)["trunks"]["carrier"]["refused"] == 1


def test_a_new_day_counts_anew() -> None:
    figures = TrunkFigures(NOON)
    figures.called("carrier", NOON)
    figures.refused("carrier", "4999", "Unknown number", NOON)
    shown = figures.shown({}, NOON + DAY)
    assert NOON < shown["since"] <= NOON + DAY
    assert shown["trunks"]["carrier"] == {"calls": 0, "last": NOON, "refused": 0, "vain": []}
