"""Small secrets in the store, readable only with a key of this installation: a copy of the database tells nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

from ccc.errors import ConfigError
from ccc.home import Home

KEY = "sealed.key"


def seal(home: Home, text: str) -> str:
    """``text`` encrypted (Fernet)."""
    return _box(home).encrypt(text.encode()).decode()


def unseal(home: Home, sealed: str) -> str:
    """The text again. ConfigError when the key is not the one it was sealed with."""
    try:
        return _box(home).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise ConfigError(
            f"{home.secrets / KEY} is not the key this was sealed with; put the file back from the back-up "
            "that belongs to the store, or reset what cannot be read"
        ) from None


def digest(home: Home, text: str) -> str:
    """A hash that only this installation can compute: for codes too short to be hashed without a key."""
    return hmac.new(home.secret(KEY), text.encode(), hashlib.sha256).hexdigest()


def _box(home: Home) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(home.secret(KEY)))
