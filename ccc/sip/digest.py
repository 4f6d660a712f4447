"""HTTP digest as SIP uses it (RFC 3261 22, RFC 2617, RFC 7616): both as server and as client. Pure."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

_PARAM = re.compile(r'\s*+([A-Za-z0-9\-_]++)\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"|([^\s,"]++))\s*+(?:,|\Z)')
_HASHES: dict[str, Callable[[bytes], str]] = {
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "SHA-256": lambda data: hashlib.sha256(data).hexdigest(),
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """A login at a carrier. ``ha1`` (MD5(user:realm:password), hex) may stand in for the password."""

    username: str
    password: str = ""
    ha1: str = ""


def parse_params(value: str) -> dict[str, str] | None:
    """``Digest a="b", c=d`` -> parameters with lower-case names; None when it is not a well-formed Digest value."""
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() != "digest":
        return None
    out: dict[str, str] = {}
    position = 0
    while position < len(rest):
        found = _PARAM.match(rest, position)
        if found is None or found[1].lower() in out:
            return None
        text = found[2] if found[2] is not None else found[3]
        out[found[1].lower()] = re.sub(r"\\(.)", r"\1", text) if found[2] is not None else text
        position = found.end()
    return out


def _hash(algorithm: str, text: str) -> str:
    return _HASHES[algorithm](text.encode("utf-8", "surrogateescape"))


def ha1_of(username: str, realm: str, password: str, algorithm: str = "MD5") -> str:
    """Hash of user:realm:password, what ``Trunk.password_ha1`` holds (MD5)."""
    return _hash(algorithm, f"{username}:{realm}:{password}")


def response_of(ha1: str, method: str, params: dict[str, str], algorithm: str = "MD5") -> str:
    """The ``response`` value for these parameters; ``-sess`` algorithms and qop auth or none (auth-int is not used)."""
    nonce, cnonce = params.get("nonce", ""), params.get("cnonce", "")
    base = algorithm.removesuffix("-sess").removesuffix("-SESS")
    if base != algorithm:
        ha1 = _hash(base, f"{ha1}:{nonce}:{cnonce}")
    ha2 = _hash(base, f"{method}:{params.get('uri', '')}")
    if params.get("qop"):
        return _hash(base, f"{ha1}:{nonce}:{params.get('nc', '')}:{cnonce}:{params['qop']}:{ha2}")
    return _hash(base, f"{ha1}:{nonce}:{ha2}")


def verify(ha1: str, method: str, params: dict[str, str]) -> bool:
    """Whether a client's parameters prove the password behind ``ha1`` (MD5)."""
    if params.get("algorithm", "MD5").upper() != "MD5" or params.get("qop", "auth") != "auth":
        return False
    return hmac.compare_digest(response_of(ha1, method, params).encode(), params.get("response", "").lower().encode())


def supported(challenge: dict[str, str]) -> bool:
    """Whether we can answer this challenge."""
    algorithm = challenge.get("algorithm", "MD5").upper().removesuffix("-SESS")
    qops = [text.strip().lower() for text in challenge.get("qop", "auth").split(",")]
    return algorithm in _HASHES and "auth" in qops and bool(challenge.get("nonce")) and "realm" in challenge


def authorization(challenge: dict[str, str], login: Credentials, method: str, uri: str, count: int, cnonce: str) -> str:
    """The Authorization value answering ``challenge``; ``count`` is how often its nonce was used, from 1."""
    algorithm = challenge.get("algorithm", "MD5").upper()
    base = algorithm.removesuffix("-SESS")
    realm = challenge["realm"]
    ha1 = login.ha1 if login.ha1 and base == "MD5" else ha1_of(login.username, realm, login.password, base)
    params = {"nonce": challenge["nonce"], "uri": uri}
    if "qop" in challenge or base != algorithm:
        params |= {"cnonce": cnonce}
    if "qop" in challenge:
        params |= {"qop": "auth", "nc": f"{count:08x}"}
    params["response"] = response_of(ha1, method, params, algorithm)
    shown = [("username", login.username), ("realm", realm), ("nonce", params["nonce"]), ("uri", uri)]
    shown += [("response", params["response"])]
    text = "Digest " + ", ".join(f'{name}="{_escaped(value)}"' for name, value in shown)
    text += f", algorithm={challenge['algorithm']}" if "algorithm" in challenge else ""
    text += f', cnonce="{cnonce}"' if "cnonce" in params else ""
    text += f", qop=auth, nc={params['nc']}" if "qop" in params else ""
    return text + (f', opaque="{_escaped(challenge["opaque"])}"' if "opaque" in challenge else "")


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
