"""Secrets of an installation: made once, whole, private."""

from __future__ import annotations

import os
import threading

import pytest

from ccc.errors import ConfigError
from ccc.home import Home


def test_a_secret_is_private_and_stays(home: Home) -> None:
    key = home.secret("k")
    assert len(key) == 32 and home.secret("k") == key
    assert (home.secrets / "k").stat().st_mode & 0o777 == 0o600
    assert home.secrets.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in home.secrets.iterdir()] == ["k"]


def test_threads_that_need_it_first_at_once_get_the_same_whole_key(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = threading.Barrier(8)
    random = os.urandom

    def together(length: int) -> bytes:
        ready.wait(5)
        return random(length)

    monkeypatch.setattr(os, "urandom", together)
    got: list[bytes] = []
    threads = [threading.Thread(target=lambda: got.append(home.secret("k"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8 and len(set(got)) == 1 and len(got[0]) == 32
    assert [path.name for path in home.secrets.iterdir()] == ["k"]


@pytest.mark.parametrize("content", [b"", b"short"])
def test_a_damaged_key_is_refused_not_used(home: Home, content: bytes) -> None:
    """An empty key would sign anybody's ticket."""
    (home.secrets / "k").write_bytes(content)
    with pytest.raises(ConfigError, match="delete it"):
        home.secret("k")
