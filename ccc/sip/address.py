"""URIs and name-addrs: the grammar is the ``sipmessage`` package's, after a pass that mends what carriers really send.

Mended: raw non-ASCII and ``#`` in the user part, ``_`` and digits in the last label of a host, URI headers
(``?...``), GBK or UTF-8 display names, quoted or not.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from sipmessage import URI

from ccc.sip.errors import MalformedError

_PARTS = re.compile(
    r"(sips?):(?:([^@<>\s]*)@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.\-]+)(?::(\d{1,5}))?((?:;[^?\s]*)?)(?:\?\S*)?\Z",
    re.IGNORECASE | re.DOTALL,
)
_USER_SAFE = "-_.!~*'()&=+$,;?/%:"
_PARAM_SAFE = "-_.!~*'()[]/:&+$%;="


class NameAddr(NamedTuple):
    """``display`` decoded, ``uri`` and ``params`` as text (``params`` with its leading ``;``)."""

    display: str
    uri: str
    params: str


def readable(text: str) -> str:
    """Latin-1 text off the wire -> what the sender meant: UTF-8 if it is that, else GBK (gb18030), else as it is."""
    if text.isascii():
        return text
    raw = text.encode("latin-1", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return text


def on_wire(text: str) -> str:
    """Any text -> latin-1 text that carries it as UTF-8; the inverse of ``readable``. Line ends never pass."""
    clean = text.replace("\r", " ").replace("\n", " ")
    return clean if clean.isascii() else clean.encode("utf-8").decode("latin-1")


@lru_cache(maxsize=4096)
def parse_uri(text: str) -> URI:
    """A sip, sips or tel URI. Raises MalformedError."""
    if len(text) > 512:
        raise MalformedError(f"URI of {len(text)} characters")
    if "\n" in text or "\r" in text:
        raise MalformedError(f"line end in URI {text[:80]!r}")
    try:
        uri = URI.parse(text)
    except (ValueError, TypeError):  # TypeError: sipmessage and a parameter named 'self'
        uri = _mended(text)
    if uri.port is not None and not 0 < uri.port < 65536:
        raise MalformedError(f"port {uri.port} in URI {text[:80]!r}")
    return uri


def _mended(text: str) -> URI:
    found = _PARTS.match(text)
    if found is None:
        raise MalformedError(f"URI {text[:80]!r} is not sip:, sips: or tel:")
    scheme, user, host, port, params = found.groups()
    clean = f"{scheme.lower()}:"
    if user:
        clean += quote(user.encode("latin-1", "replace"), safe=_USER_SAFE) + "@"
    # The host stands aside while the rest is read: its own pattern above allows what real hosts are called.
    clean += (
        "h" + (f":{port}" if port else "") + quote(params.rstrip(";").encode("latin-1", "replace"), safe=_PARAM_SAFE)
    )
    try:
        return replace(URI.parse(clean), host=host)
    except (ValueError, TypeError):
        raise MalformedError(f"URI {text[:80]!r} cannot be read") from None


def user_of(text: str) -> str:
    """The user part of a URI without telephone parameters (``+8613800000000;npdi`` -> ``+8613800000000``)."""
    user = parse_uri(text).user or ""
    return user.partition(";")[0]


def host_port(uri: URI) -> tuple[str, int]:
    """Where a URI points to: brackets of IPv6 removed, default port by scheme."""
    return uri.host.strip("[]"), uri.port or (5061 if uri.scheme == "sips" else 5060)


def parse_name_addr(value: str) -> NameAddr:
    """``"Name" <uri>;params`` or ``uri;params`` (RFC 3261 20.10). Raises MalformedError."""
    value = value.strip()
    if value.startswith('"'):
        display, rest = _quoted(value)
    else:
        before, bracket, after = value.partition("<")
        if not bracket:  # addr-spec: parameters belong to the header
            uri, semicolon, params = value.partition(";")
            return NameAddr("", uri.strip(), semicolon + params)
        display, rest = before.strip(), "<" + after
    rest = rest.lstrip()
    if not rest.startswith("<"):
        raise MalformedError(f"address {value[:80]!r} has no <uri>")
    uri, bracket, params = rest[1:].partition(">")
    if not bracket:
        raise MalformedError(f"address {value[:80]!r} lacks >")
    return NameAddr(readable(display), uri.strip(), params.strip())


def _quoted(value: str) -> tuple[str, str]:
    """Split a leading quoted string off; backslash escapes the next character."""
    out: list[str] = []
    i = 1
    while i < len(value):
        char = value[i]
        if char == '"':
            return "".join(out), value[i + 1 :]
        if char == "\\" and i + 1 < len(value):
            i += 1
            char = value[i]
        out.append(char)
        i += 1
    raise MalformedError(f"quoted string {value[:40]!r} does not end")


def split_list(values: list[str]) -> list[str]:
    """Header lines -> single values: split at commas outside quotes and angle brackets."""
    out: list[str] = []
    for value in values:
        if "," not in value:
            out.append(value)
            continue
        start, quoted, depth, escaped = 0, False, 0, False
        for i, char in enumerate(value):
            if escaped:
                escaped = False
            elif quoted:
                escaped = char == "\\"
                quoted = char != '"'
            elif char == '"':
                quoted = True
            elif char in "<>":
                depth = 1 if char == "<" else 0
            elif char == "," and not depth:
                out.append(value[start:i])
                start = i + 1
        out.append(value[start:])
    return [stripped for item in out if (stripped := item.strip())]


def quoted(display: str) -> str:
    """A display name ready for the wire: escaped, UTF-8, quoted; '' stays ''."""
    if not display:
        return ""
    return '"' + on_wire(display).replace("\\", "\\\\").replace('"', '\\"') + '" '
