"""Codes that change every 30 seconds (RFC 6238 over RFC 4226), as every authenticator app shows them. No I/O."""

from __future__ import annotations

import base64
import hmac
import os

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_S = 30
DIGITS = 6
DRIFT = 1
"""Steps a telephone's clock may be wrong, either way (RFC 6238 section 5.2)."""
SECRET_BYTES = 20


def new_secret() -> str:
    """160 random bits in base32: what the app is told."""
    return base64.b32encode(os.urandom(SECRET_BYTES)).decode()


def code_at(secret: str, counter: int) -> str:
    """The code of a time step."""
    return HOTP(base64.b32decode(secret), DIGITS, SHA1()).generate(counter).decode()  # noqa: S303


def counter_at(now_s: float) -> int:
    """The time step of an epoch time."""
    return int(now_s) // STEP_S


def accepted_counter(secret: str, code: str, now_s: float, after: int) -> int | None:
    """The time step ``code`` belongs to; None when it is wrong, too old, or not newer than the step ``after``."""
    now = counter_at(now_s)
    for counter in range(max(now - DRIFT, after + 1), now + DRIFT + 1):
        if hmac.compare_digest(code_at(secret, counter).encode(), code.encode()):
            return counter
    return None


def address(secret: str, user: str, issuer: str) -> str:
    """``otpauth://``: what the QR code holds (Key Uri Format of Google Authenticator)."""
    return TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP_S).get_provisioning_uri(user, issuer)  # noqa: S303
