"""A short run of every fuzz target in the suite (``make fuzz`` runs 100,000 each)."""

from __future__ import annotations

import pytest

from tests.fuzz.__main__ import NAMES, load, run


@pytest.mark.parametrize("name", NAMES)
def test_mutated_messages_do_no_harm(name: str) -> None:
    refused, _ = run(load(name), 2_000, seed=20261120)
    assert refused < 2_000, "every mutation was refused: the seeds or the mutations are no good"
