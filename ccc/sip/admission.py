"""Who may call (DESIGN "The path of a call" 1): known source, digest, or no. Pure: time is passed in."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from ccc.sip import digest
from ccc.sip.address import parse_uri
from ccc.sip.errors import MalformedError
from ccc.sip.message import Request
from ccc.snapshot.model import Trunk

NONCE_S = 300
WINDOW_S = 60.0
BUDGET = 200.0
"""Tokens a source may spend in a window: a challenge costs 1, a wrong answer or a 403 costs 20."""
CHALLENGE_COST, FAILURE_COST = 1.0, 20.0
MAX_SOURCES = 10_000
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Accept:
    """The request comes from this trunk."""

    trunk: Trunk


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer statelessly with this status; ``challenges`` are WWW-Authenticate values."""

    status: int
    reason: str
    challenges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drop:
    """Do not answer."""


Verdict = Accept | Refuse | Drop


class Admission:
    """Trunks by source address or digest, and the memory of sources that keep failing."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._networks: list[tuple[_Network, Trunk]] = []
        self._ours: list[_Network] = []
        self._digest: dict[tuple[str, str], Trunk] = {}
        self._realms: tuple[str, ...] = ()
        self._known: OrderedDict[str, tuple[Trunk | None, bool]] = OrderedDict()
        self._spent: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def configure(self, trunks: Iterable[Trunk]) -> None:
        """Replace the trunks. An address that cannot be read is the exporter's error: ValueError."""
        trunks = tuple(trunks)
        self._networks = sorted(
            (
                (ipaddress.ip_network(text, strict=False), t)
                for t in trunks
                if t.kind == "address"
                for text in t.addresses
            ),
            key=lambda pair: -pair[0].prefixlen,
        )
        self._ours = [ipaddress.ip_network(text, strict=False) for t in trunks for text in t.addresses]
        for trunk in trunks:
            try:
                self._ours.append(ipaddress.ip_network(trunk.host))
            except ValueError:
                continue  # a name or empty: no address to protect
        self._digest = {(t.username, t.realm): t for t in trunks if t.kind == "digest"}
        self._realms = tuple(dict.fromkeys(t.realm for t in trunks if t.kind == "digest"))
        self._known.clear()

    def admit(self, request: Request, host: str, now: float) -> Verdict:
        """Decide on a request outside a dialog that came from ``host``."""
        trunk, ours = self.source(host)
        if trunk is not None:
            return Accept(trunk)
        if not ours and self._exhausted(host, now):
            return Drop()
        if not self._digest:
            return self._failed(host, now, Refuse(403, "Forbidden"))
        params = next(
            (p for value in request.headers.get("authorization", ()) if (p := digest.parse_params(value)) is not None),
            None,
        )
        if params is None:
            self._spend(host, now, CHALLENGE_COST)
            return self._challenge(host, now, stale=False)
        return self._verify(request, params, host, now)

    def dropped(self, host: str, now: float) -> bool:
        """Whether this source is being ignored at present."""
        return not self.source(host)[1] and self._exhausted(host, now)

    def source(self, host: str) -> tuple[Trunk | None, bool]:
        """(address trunk of this source or None, whether any trunk is configured with this address)."""
        known = self._known.get(host)
        if known is None:
            try:
                address = ipaddress.ip_address(host)
            except ValueError:
                return None, False
            trunk = next((t for network, t in self._networks if address in network), None)
            known = (trunk, any(address in network for network in self._ours))
            self._known[host] = known
            if len(self._known) > MAX_SOURCES:
                self._known.popitem(last=False)
        return known

    def _verify(self, request: Request, params: dict[str, str], host: str, now: float) -> Verdict:
        trunk = self._digest.get((params.get("username", ""), params.get("realm", "")))
        if trunk is None or not _same_target(params.get("uri", ""), request.uri):
            return self._failed(host, now, self._challenge(host, now, stale=False))
        if not digest.verify(trunk.password_ha1, request.method, params):
            return self._failed(host, now, self._challenge(host, now, stale=False))
        age = self._nonce_age(params.get("nonce", ""), host, now)
        if age is None or age > NONCE_S:  # the password is right, the nonce is old or of a process before us
            self._spend(host, now, CHALLENGE_COST)
            return self._challenge(host, now, stale=True)
        self._spent.pop(host, None)
        return Accept(trunk)

    def _failed(self, host: str, now: float, verdict: Refuse) -> Refuse:
        self._spend(host, now, FAILURE_COST)
        return verdict

    def _challenge(self, host: str, now: float, *, stale: bool) -> Refuse:
        stamp = f"{int(now):x}"
        nonce = f"{stamp}.{self._mac(stamp, host)}"
        tail = ", stale=true" if stale else ""
        return Refuse(
            401,
            "Unauthorized",
            tuple(f'Digest realm="{r}", nonce="{nonce}", algorithm=MD5, qop="auth"{tail}' for r in self._realms),
        )

    def _mac(self, stamp: str, host: str) -> str:
        return hmac.new(self._secret, f"{stamp} {host}".encode(), hashlib.sha256).hexdigest()[:32]

    def _nonce_age(self, nonce: str, host: str, now: float) -> float | None:
        """Seconds since we made this nonce for this source; None when we did not."""
        stamp, _, mac = nonce.partition(".")
        if not hmac.compare_digest(mac.encode("utf-8", "replace"), self._mac(stamp, host).encode()):
            return None
        return now - int(stamp, 16)

    def _spend(self, host: str, now: float, cost: float) -> None:
        begun, spent = self._spent.get(host, (now, 0.0))
        if now - begun >= WINDOW_S:
            begun, spent = now, 0.0
        self._spent[host] = (begun, spent + cost)
        self._spent.move_to_end(host)
        if len(self._spent) > MAX_SOURCES:
            self._spent.popitem(last=False)

    def _exhausted(self, host: str, now: float) -> bool:
        entry = self._spent.get(host)
        return entry is not None and now - entry[0] < WINDOW_S and entry[1] >= BUDGET


def _same_target(digest_uri: str, request_uri: str) -> bool:
    """RFC 2617 3.2.2.5: the credentials are for this request; a proxy may have changed the host, not the number."""
    if digest_uri == request_uri:
        return True
    try:
        return parse_uri(digest_uri).user == parse_uri(request_uri).user
    except MalformedError:
        return False
