"""Answering 401 and 407 as a client (RFC 3261 22.2, 22.3)."""

from __future__ import annotations

from collections.abc import Callable

from ccc.sip import digest
from ccc.sip.message import Response

_HEADERS = {401: ("www-authenticate", "Authorization"), 407: ("proxy-authenticate", "Proxy-Authorization")}


class Login:
    """What a session knows about the challenges of its peers; each later request carries the answers at once."""

    __slots__ = ("_credentials", "_known", "_token")

    def __init__(self, credentials: digest.Credentials | None, token: Callable[[], str]) -> None:
        self._credentials = credentials
        self._token = token
        self._known: dict[tuple[str, str], tuple[dict[str, str], int]] = {}

    def learn(self, response: Response, tried: set[tuple[str, str]]) -> bool:
        """Take in the challenges of a 401 or 407. True: another try is worth it.

        ``tried`` belongs to one request: a realm that refused our answer once is not tried again unless it says stale.
        """
        if self._credentials is None or response.status not in _HEADERS:
            return False
        source, target = _HEADERS[response.status]
        again = False
        for value in response.headers.get(source, ()):
            challenge = digest.parse_params(value)
            if challenge is None or not digest.supported(challenge):
                continue
            key = (target, challenge["realm"])
            stale_key = (target, "stale " + challenge["realm"])
            stale = challenge.get("stale", "").lower() == "true" and stale_key not in tried
            if key in tried and not stale:
                continue
            tried.add(stale_key if key in tried else key)
            self._known[key] = (challenge, 0)
            again = True
        return again

    def lines(self, method: str, uri: str) -> str:
        """Authorization header lines for a request, '' while nothing asked."""
        if not self._known or self._credentials is None:
            return ""
        out = []
        for key, (challenge, count) in self._known.items():
            self._known[key] = (challenge, count + 1)
            value = digest.authorization(challenge, self._credentials, method, uri, count + 1, self._token())
            out.append(f"{key[0]}: {value}\r\n")
        return "".join(out)
