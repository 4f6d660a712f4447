"""Shared fixtures: a temporary installation whose Unix sockets keep short names, and Hypothesis without deadlines."""

from __future__ import annotations

import gc

gc.disable()  # until every test is collected: nothing that is imported becomes garbage

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Playwright, expect, sync_playwright

from ccc.home import Home
from ccc.services import passwords
from ccc.store import Store, open_store, upgrade
from ccc.store.repos import centre, users
from tests.calls.system import SEEDED

# A shared two-core machine is no place for deadlines; the number of examples stays each test's own choice.
settings.register_profile("ccc", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ccc")
expect.set_options(timeout=30_000)  # ms; what a page shows is waited for, not timed


def pytest_configure(config: pytest.Config) -> None:
    """One folder for the whole run, xdist's workers included: a demo that every started system copies."""
    if not hasattr(config, "workerinput"):
        os.environ[SEEDED] = tempfile.mkdtemp(prefix="ccc-seeded-", dir="/tmp")


def pytest_collection_finish() -> None:
    """Looking for garbage was a fifth of the work: what was imported is none and never looked at again."""
    gc.freeze()
    gc.set_threshold(5000, 20, 50)
    gc.enable()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(SEEDED), ignore_errors=True)


@pytest.fixture(autouse=True, scope="session")
def _own_environment() -> None:
    """No CCC_* variable of the developer's shell reaches a test."""
    for name in [name for name in os.environ if name.startswith("CCC_")]:
        del os.environ[name]


@pytest.fixture(autouse=True, scope="session")
def _quick_passwords() -> Iterator[None]:
    """Passwords hashed in this process cost little: the same algorithm with small parameters, which every hash
    carries with it. A real hash takes a tenth of a second of each core, and tests sign in a thousand times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", passwords._quick)
        yield


@pytest.fixture(scope="module")
def engine() -> Iterator[Playwright]:
    """Playwright for one file of tests. Not for the session: its event loop counts as running, also between tests,
    and every later ``asyncio.run`` (and every second ``sync_playwright``) in the process would fail."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(autouse=True)
def _loggers_speak() -> None:
    """Fuzz targets silence our loggers when they are imported; tests that read the log must not notice."""
    for name in ("ccc", "ccc.sip", "ccc.journal.recover"):
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture
def short_dir() -> Iterator[Path]:
    """A folder with a short path: names of Unix sockets must stay below 108 bytes, pytest's ``tmp_path`` may not."""
    folder = Path(tempfile.mkdtemp(prefix="ccc-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def home(short_dir: Path) -> Home:
    """An empty, created installation."""
    home = Home(short_dir)
    home.create()
    return home


@pytest.fixture(scope="session")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of the newest schema with one account and one instance; tests copy it, which is quicker than every
    migration each time (those have tests of their own)."""
    home = Home(tmp_path_factory.mktemp("acme"))
    upgrade(home)
    store = open_store(home)
    with store.write() as session:
        users.add_account(session, "acme", "Acme")
        centre.add_instance(session, "acme", "demo", "Demo")
    store.close()
    return home.database


@pytest.fixture
def store(home: Home, acme: Path) -> Iterator[Store]:
    """A store of this test's own: account ``acme`` with the instance ``demo``."""
    shutil.copy(acme, home.database)
    store = open_store(home)
    yield store
    store.close()
