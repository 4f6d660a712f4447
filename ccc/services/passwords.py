"""Password hashes that Flask-Security verifies as they are (docs/decisions/0003-passwords.md)."""

from __future__ import annotations

import secrets
import unicodedata

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from ccc.errors import InvalidError, say

MIN_LENGTH = 8
MAX_LENGTH = 128
_hasher = PasswordHasher()
_quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def normalise(password: str) -> str:
    """The form that is hashed: NFKD, as Flask-Security's forms do (SECURITY_PASSWORD_NORMALIZE_FORM)."""
    return unicodedata.normalize("NFKD", password)


def check(password: str) -> str:
    """The normalised password. InvalidError when it is too short or too long."""
    text = normalise(password)
    if not MIN_LENGTH <= len(text) <= MAX_LENGTH:
        raise InvalidError(
            say("A password has %(least)s to %(most)s characters."),
            field="password",
            values={"least": MIN_LENGTH, "most": MAX_LENGTH},
        )
    return text


def hash_random(password: str) -> str:
    """A cheap Argon2id hash, for passwords of :func:`random_password` only: 80 random bits need no slow hash."""
    return _quick.hash(normalise(password))


def is_quick(stored: str) -> bool:
    """Whether it is a hash of :func:`hash_random`: the time it takes would tell that there is such a user."""
    try:
        return extract_parameters(stored).memory_cost < _hasher.memory_cost
    except InvalidHashError:
        return False


def hash_password(password: str) -> str:
    """An Argon2id PHC string. InvalidError when the password is too short or too long. Takes ~0.1 s: no transaction."""
    return _hasher.hash(check(password))


def verify(stored: str | None, password: str) -> bool:
    """Whether the password belongs to the hash; a user without a password never matches."""
    try:
        return _hasher.verify(stored or "", normalise(password))
    except (VerificationError, InvalidHashError):
        return False


def random_password() -> str:
    """16 characters that are easy to type: 80 bits."""
    alphabet = "abcdefghijkmnpqrstuvwxyz23456789"
    groups = ["".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4)]
    return "-".join(groups)
