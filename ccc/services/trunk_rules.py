"""What makes a good trunk: addresses, prefix rules, names. InvalidError at the field, naming what is wrong."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence

from ccc.errors import InvalidError, say
from ccc.store.repos.trunks import Rules

NAME = re.compile(r"\w[\w.-]{0,63}")
USERNAME = re.compile(r"[A-Za-z0-9._+*#!~-]{1,64}")
HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?")
CALLER_ID = re.compile(r"\+?[0-9*#]{2,32}")
PREFIX = re.compile(r"[0-9A-Za-z+*#._-]{0,32}")
MAX_ADDRESSES, MAX_RULES = 200, 100
WIDEST = {4: 8, 6: 32}
"""A wider block than this is no carrier: it lets strangers call (and be charged for)."""
KINDS = ("address", "digest")
CALLED_FROM = ("request-uri", "to", "diversion")
CALLER_FROM = ("p-asserted-identity", "from")
_ARROW = re.compile(r"\s*(?:=>|->|→|=|\s)\s*")


def read_addresses(lines: Iterable[str]) -> tuple[str, ...]:
    """Addresses and networks, one a line (or separated by commas), each once and in its usual form."""
    found: list[str] = []
    for text in (part.strip() for line in lines for part in re.split(r"[,;，；\s]+", line)):
        if not text:
            continue
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            raise InvalidError(
                say("%(text)s is not an address such as 192.0.2.7 or a network such as 192.0.2.0/24."),
                field="addresses",
                values={"text": text[:60]},
            ) from None
        if network.prefixlen < WIDEST[network.version]:
            raise InvalidError(
                say("%(text)s is open to strangers; name the carrier's own addresses (at most /%(widest)s)."),
                field="addresses",
                values={"text": text, "widest": WIDEST[network.version]},
            )
        found.append(str(network.network_address) if network.num_addresses == 1 else str(network))
    if len(found) > MAX_ADDRESSES:
        raise InvalidError(say("At most %(count)s addresses."), field="addresses", values={"count": MAX_ADDRESSES})
    return tuple(dict.fromkeys(found))


def read_rules(lines: Sequence[str], field: str) -> Rules:
    """``prefix => replacement`` each; an empty prefix is written ``=> 0`` and fits every number."""
    rules: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        prefix, arrow, replacement = _split(line)
        if not arrow or not PREFIX.fullmatch(prefix) or not PREFIX.fullmatch(replacement):
            raise InvalidError(
                say("Line %(line)s: write prefix => replacement, e.g. +86 => 0."), field=field, values={"line": number}
            )
        if rules.setdefault(prefix, replacement) != replacement:
            raise InvalidError(
                say("Line %(line)s: there is another rule for %(prefix)s."),
                field=field,
                values={"line": number, "prefix": prefix or "=>"},
            )
    if len(rules) > MAX_RULES:
        raise InvalidError(say("At most %(count)s rules."), field=field, values={"count": MAX_RULES})
    return tuple(rules.items())


def write_rules(rules: Rules) -> str:
    """The other way round, for forms."""
    return "\n".join(f"{prefix} => {replacement}".strip() for prefix, replacement in rules)


def check_host(text: str, field: str) -> str:
    """A host name or IP address; '' stays."""
    if text and not HOST.fullmatch(text) and not _is_address(text):
        raise InvalidError(
            say("%(text)s is neither a host name nor an address."), field=field, values={"text": text[:60]}
        )
    return text


def check_advertised(text: str) -> str:
    """``HOST[:PORT]``; '' stays."""
    host, colon, port = text.partition(":")
    if colon and not (port.isdecimal() and 0 < int(port[:6]) < 65536):
        raise InvalidError(say("%(text)s: write HOST or HOST:PORT."), field="advertise_sip", values={"text": text[:60]})
    if text and (not host or ":" in port):
        raise InvalidError(say("%(text)s: write HOST or HOST:PORT."), field="advertise_sip", values={"text": text[:60]})
    check_host(host, "advertise_sip")
    return text


def check_media(text: str) -> str:
    """An IPv4 address (it goes into SDP as it is); '' stays."""
    if text:
        try:
            ipaddress.IPv4Address(text)
        except ValueError:
            raise InvalidError(
                say("%(text)s is not an IPv4 address."), field="advertise_media", values={"text": text[:60]}
            ) from None
    return text


def _split(line: str) -> tuple[str, str, str]:
    text = line.strip()
    found = _ARROW.search(text)
    if found is None:
        return text, "", ""
    return text[: found.start()], found[0] or " ", text[found.end() :]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
