"""Screen pop (来电弹屏): the address of the customer's page with the call's values in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from ccc.errors import InvalidError, say

VARIABLES = ("caller", "callee", "call_id", "agent", "skill_group", "instance", "direction")
WHEN = ("off", "ring", "accept")
WHERE = ("tab", "window")
MAX_LENGTH = 1000
EXAMPLE = {
    "caller": "13800138000",
    "callee": "4001",
    "call_id": "01JD0000ABCDEFGHJKMNPQRS",
    "agent": "zhangsan",
    "skill_group": "售后 A&B",
    "instance": "demo",
    "direction": "inbound",
}
_VARIABLE = re.compile(r"\$\{([^}]*)\}")


def check_template(text: str) -> str:
    """A template whose filled-in form is always an http(s) address of the same host. InvalidError at ``pop_url``."""
    if len(text) > MAX_LENGTH:
        raise InvalidError(say("At most %(most)s characters."), field="pop_url", values={"most": MAX_LENGTH})
    for name in _VARIABLE.findall(text):
        if name not in VARIABLES:
            raise InvalidError(
                say("${%(name)s} is not known; there are %(known)s."),
                field="pop_url",
                values={"name": name[:40], "known": " ".join(f"${{{one}}}" for one in VARIABLES)},
            )
    rest = _VARIABLE.sub("", text)
    if re.search(r"[\x00-\x20\x7f\\]", rest) or "${" in rest:
        raise InvalidError(say("The address has a space, a line break or an unfinished ${."), field="pop_url")
    start = text.partition("${")[0]
    try:
        parts = urlsplit(start)
        known = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known or "@" in parts.netloc or (start != text and not re.match(r"https?://[^/?#]+[/?#]", start, re.I)):
        raise InvalidError(
            say("Write an address that begins with https:// or http:// and a host; variables come after the host."),
            field="pop_url",
        )
    return text


def fill(template: str, values: Mapping[str, str]) -> str:
    """The address for a call: every value is URL-encoded (RFC 3986), so that none can change the address itself."""
    return _VARIABLE.sub(lambda found: quote(values.get(found[1], ""), safe=""), template)
