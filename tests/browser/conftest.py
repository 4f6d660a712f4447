"""A running demo, and agents in real Chromium windows whose microphone plays 1000 Hz."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Playwright

from tests.browser.desk import Desk
from tests.calls.system import System, running

HERE = Path(__file__).parent
MICROPHONE_HZ = 1000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder carries the mark ``browser``."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    with running() as started:
        yield started


@pytest.fixture(scope="session")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Chromium's fake microphone plays, over and over: whole periods, so that the seam is silent."""
    path = tmp_path_factory.mktemp("microphone") / "1000.wav"
    samples = 0.4 * np.sin(2 * np.pi * MICROPHONE_HZ * np.arange(48_000) / 48_000)
    soundfile.write(path, samples, 48_000, subtype="PCM_16")
    return path


@pytest.fixture
def agent(system: System, engine: Playwright, microphone: Path) -> Iterator[Callable[..., Desk]]:
    """Opens an agent's workbench in a browser of its own; closed at the end."""
    desks: list[Desk] = []

    def open_desk(user: str = "agent1", locale: str = "zh-CN") -> Desk:
        desk = Desk(engine, system, user, microphone, locale)
        desks.append(desk)
        desk.sign_in()
        return desk

    yield open_desk
    for desk in desks:
        desk.close()
