"""One installation for all tests of a module, and clients that speak as its users."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from ccc.home import Home
from ccc.services.actor import actor_of
from ccc.services.api_keys import create_key
from ccc.store import Store, open_store
from ccc.web.app import create_app

SECRETS = ("客户服务", "陈晨", "已解决", "问候")
"""Texts of the instance ``demo`` that nobody else may read."""


class Api:
    """Speaks as one user: ``api.get("/flows")``, ``api.put(..., json=..., if_match=...)``."""

    def __init__(self, app: Flask, key: str) -> None:
        self.key = key
        self._client = app.test_client()

    def ask(self, method: str, path: str, *, if_match: str = "", **kwargs: Any) -> Any:
        """The answer; ``if_match`` is the header of that name."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        headers |= ({"If-Match": if_match} if if_match else {}) | kwargs.pop("headers", {})
        return self._client.open(f"/api/v1{path}", method=method, headers=headers, **kwargs)

    def get(self, path: str, **kwargs: Any) -> Any:
        return self.ask("GET", path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> Any:
        return self.ask("POST", path, **kwargs)

    def put(self, path: str, **kwargs: Any) -> Any:
        return self.ask("PUT", path, **kwargs)

    def delete(self, path: str, **kwargs: Any) -> Any:
        return self.ask("DELETE", path, **kwargs)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, filled: Path) -> Home:
    home = Home(tmp_path_factory.mktemp("api"))
    shutil.copytree(filled, home.root, dirs_exist_ok=True)
    return home


@pytest.fixture(scope="module")
def store(place: Home) -> Iterator[Store]:
    store = open_store(place)
    yield store
    store.close()


@pytest.fixture(scope="module")
def app(place: Home, store: Store) -> Flask:
    return create_app(place, store=store, testing=True)


@pytest.fixture(scope="module")
def speak(app: Flask, store: Store) -> Callable[[str], Api]:
    """A client that speaks as the user; '' as nobody."""
    made: dict[str, Api] = {"": Api(app, "")}

    def as_user(username: str) -> Api:
        if username not in made:
            made[username] = Api(app, create_key(store, actor_of(store, username), "test", None).secret)
        return made[username]

    return as_user


@pytest.fixture
def admin(speak: Callable[[str], Api]) -> Api:
    return speak("zhao")
