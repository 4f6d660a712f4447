"""Who asks: ``Authorization: Bearer`` with an API key. How often: limits per key, and per address for wrong keys."""

from __future__ import annotations

import time

from flask import Flask, g, request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from ccc.errors import CccError, say
from ccc.services.actor import Actor
from ccc.services.api_keys import actor_of_key
from ccc.web.auth.rights import store
from ccc.web.auth.throttle import network

PER_KEY = "600 per minute"
WRONG_KEYS = "20 per minute"
"""Per address (IPv6: per /64 network)."""
PUBLIC = frozenset({"openapi.spec"})
BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})


class UnauthenticatedError(CccError):
    """No key, or one that opens nothing."""

    code = "unauthenticated"
    status = 401


class TooManyError(CccError):
    """More requests than one key, or wrong keys than one address, may send. ``retry_s``: when it may go on."""

    code = "too-many-requests"
    status = 429

    def __init__(self, message: str, retry_s: int) -> None:
        super().__init__(message)
        self.retry_s = retry_s


class UnsupportedError(CccError):
    """The body is not JSON."""

    code = "unsupported-media-type"
    status = 415


class Throttle:
    """Counts in memory: there is one web process."""

    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self.per_key: RateLimitItem = parse(PER_KEY)
        self.wrong: RateLimitItem = parse(WRONG_KEYS)

    def check_address(self, address: str) -> None:
        """TooManyError when too many wrong keys came from here."""
        if not self._limiter.test(self.wrong, address):
            text = say("Too many wrong keys from your address. Wait a minute, then try again.")
            raise TooManyError(text, self._rest(self.wrong, address))

    def note_wrong(self, address: str) -> None:
        """One more wrong key from this address."""
        self._limiter.hit(self.wrong, address)

    def count(self, key: str) -> None:
        """TooManyError when the key has sent all it may in this minute."""
        if not self._limiter.hit(self.per_key, key):
            text = say("This key sends too many requests. Wait a minute, then go on.")
            raise TooManyError(text, self._rest(self.per_key, key))

    def _rest(self, item: RateLimitItem, name: str) -> int:
        until, _ = self._limiter.get_window_stats(item, name)
        return max(1, round(until - time.time()))


def set_up(api: Flask) -> None:
    """Every operation asks for a key first; what is not there at all is 404 for everybody."""
    throttle = api.extensions["ccc_throttle"] = Throttle()

    def admit() -> None:
        if request.routing_exception is not None or request.endpoint in PUBLIC:
            return
        g.actor = _actor(throttle)
        if request.method in BODY_METHODS and _has_body() and not request.is_json:
            raise UnsupportedError(say("Send the body as JSON with Content-Type: application/json."))
        if "Transfer-Encoding" in request.headers and len(request.get_data()) >= (request.max_content_length or 0):
            raise RequestEntityTooLarge  # werkzeug cuts what has no length at the limit

    def challenge(response: Response) -> Response:
        if response.status_code == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="CCC"'
        return response

    api.before_request(admit)
    api.after_request(challenge)


def actor() -> Actor:
    """Whom the request's key speaks for."""
    found: Actor = g.actor
    return found


def _has_body() -> bool:
    return bool(request.content_length) or "Transfer-Encoding" in request.headers


def _actor(throttle: Throttle) -> Actor:
    address = network()
    throttle.check_address(address)
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() != "bearer" or not secret.strip():
        raise UnauthenticatedError(say("Send an API key: Authorization: Bearer ccc_..."))
    found = actor_of_key(store(), secret.strip(), request.remote_addr or "")
    if found is None:
        throttle.note_wrong(address)
        raise UnauthenticatedError(say("This API key is wrong, revoked or expired."))
    throttle.count(found[1])
    return found[0]
