"""Our hashes are Flask-Security's hashes."""

from __future__ import annotations

import unicodedata

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security.utils import verify_password
from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.errors import InvalidError
from ccc.services import passwords


@pytest.fixture(autouse=True)
def _real_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in service: the other tests' hashes are cheap ones."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher())


@pytest.mark.parametrize(("single", "accepted"), [({"argon2"}, True), (None, False)])
def test_flask_security_verifies_our_hash_when_told_to_hash_once(single: set[str] | None, accepted: bool) -> None:
    app = Flask("test")
    app.config.update(SECRET_KEY="x", SECURITY_PASSWORD_HASH="argon2", SECURITY_PASSWORD_SALT="a salt")
    if single:
        app.config["SECURITY_PASSWORD_SINGLE_HASH"] = single
    Security(app, SQLAlchemyUserDatastore(None, _User, _Role), register_blueprint=False)
    stored = passwords.hash_password("correct horse")
    with app.app_context():
        assert verify_password("correct horse", stored) is accepted
        assert not verify_password("wrong horse", stored)
        assert not app.extensions["security"].pwd_context.needs_update(stored)


class _Role:
    name = ""


class _User:
    fs_uniquifier = ""
    email = ""
    password = ""
    active = True
    roles = ()


def test_the_normal_form_does_not_matter() -> None:
    stored = passwords.hash_password(unicodedata.normalize("NFC", "pässwörtér"))
    assert stored.startswith("$argon2id$")
    assert passwords.verify(stored, unicodedata.normalize("NFD", "pässwörtér"))
    assert not passwords.verify(stored, "passworter")


@pytest.mark.parametrize("stored", [None, "", "plain", "$argon2id$broken"])
def test_no_usable_hash_never_matches(stored: str | None) -> None:
    assert not passwords.verify(stored, "")
    assert not passwords.verify(stored, "plain")


@pytest.mark.parametrize("password", ["", "short", "x" * 129])
def test_too_short_or_long(password: str) -> None:
    with pytest.raises(InvalidError, match="8 to 128"):
        passwords.hash_password(password)


@settings(max_examples=50)
@given(st.none())
def test_made_up_passwords_differ_and_are_long_enough(_: None) -> None:
    first, second = passwords.random_password(), passwords.random_password()
    assert first != second
    assert len(first) == 19
