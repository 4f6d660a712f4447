"""Calls of a trunk, and numbers dialled in vain: bounded, and new every day."""

from __future__ import annotations

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


def test_a_new_day_counts_anew() -> None:
    figures = TrunkFigures(NOON)
    figures.called("carrier", NOON)
    figures.refused("carrier", "4999", "Unknown number", NOON)
    shown = figures.shown({}, NOON + DAY)
    assert NOON < shown["since"] <= NOON + DAY
    assert shown["trunks"]["carrier"] == {"calls": 0, "last": NOON, "refused": 0, "vain": []}
