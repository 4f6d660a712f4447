"""A dialog (RFC 3261 12): what is needed to send and to check requests inside it. Survives a process as a dict."""

from __future__ import annotations

import ipaddress
from typing import Any

from ccc.sip import build
from ccc.sip.address import host_port, parse_name_addr, parse_uri, split_list
from ccc.sip.errors import MalformedError
from ccc.sip.message import Hop, Message, Request, Response, tag_of


def contact_uri(message: Message) -> str:
    """The URI of the Contact header, '' without one. Raises MalformedError."""
    values = message.headers.get("contact")
    if not values:
        return ""
    value = values[0]
    uri = parse_name_addr(value if "," not in value else split_list([value])[0]).uri
    parse_uri(uri)
    return uri


def key_of(call_id: str, local_tag: str, remote_tag: str) -> str:
    """The key dialogs are found by."""
    return f"{call_id}|{local_tag}|{remote_tag}"


class Dialog:
    """Ids, sequence numbers, route set, remote target. ``local`` and ``remote`` are whole From/To values with tags."""

    __slots__ = (
        "call_id", "contact", "hop", "local", "local_seq", "local_tag", "remote", "remote_seq", "remote_tag",
        "route_set", "target",
    )  # fmt: skip

    def __init__(self, call_id: str, local: str, remote: str, contact: tuple[str, int], hop: Hop) -> None:
        self.call_id = call_id
        self.local = local
        self.remote = remote
        self.local_tag = tag_of(local)
        self.remote_tag = tag_of(remote)
        self.contact = contact
        """Our own address in Via and Contact."""
        self.hop = hop
        """Where the peer's messages come from; used when its Contact cannot be reached."""
        self.local_seq = 0
        self.remote_seq = 0
        self.target = ""
        self.route_set: tuple[str, ...] = ()

    @classmethod
    def from_request(cls, request: Request, local_tag: str, contact: tuple[str, int], hop: Hop) -> Dialog:
        """UAS side (12.1.1). Raises MalformedError without a usable Contact."""
        to = request.headers["to"][0]
        dialog = cls(request.call_id, f"{to};tag={local_tag}", request.headers["from"][0], contact, hop)
        dialog.target = contact_uri(request)
        if not dialog.target:
            raise MalformedError("INVITE without Contact", request=request)
        dialog.remote_seq = request.cseq
        routes = request.headers.get("record-route")
        if routes:
            dialog.route_set = _routes(routes)
        return dialog

    @classmethod
    def from_response(cls, response: Response, contact: tuple[str, int], hop: Hop) -> Dialog:
        """UAC side (12.1.2): the route set is reversed. Raises MalformedError."""
        headers = response.headers
        dialog = cls(response.call_id, headers["from"][0], headers["to"][0], contact, hop)
        dialog.local_seq = response.cseq
        dialog.target = contact_uri(response)
        routes = headers.get("record-route")
        if routes:
            dialog.route_set = _routes(routes)[::-1]
        return dialog

    @property
    def key(self) -> str:
        """What the dialog is found by."""
        return key_of(self.call_id, self.local_tag, self.remote_tag)

    def refresh(self, message: Message, hop: Hop | None) -> None:
        """A target refresh (re-INVITE, UPDATE or its 2xx): new Contact, and the address it came from."""
        target = contact_uri(message)
        if target:
            self.target = target
        if hop is not None:
            self.hop = hop

    def route(self) -> tuple[str, str, Hop]:
        """(Request-URI, Route header lines, next hop) by loose or strict routing (12.2.1.1)."""
        routes = self.route_set
        if not routes:
            return self.target, "", self._reach(self.target)
        first = parse_name_addr(routes[0]).uri
        hop = self._reach(first)
        if "lr" in parse_uri(first).parameters:
            return self.target, _route_lines(routes), hop
        return first, _route_lines((*routes[1:], f"<{self.target}>")), hop

    def _reach(self, uri: str) -> Hop:
        """The address a URI points to.

        Names are not resolved and private addresses behind a NAT not tried: the request then goes back where the
        peer's own messages come from (SIP-2, signalling back on the same path).
        """
        parsed = parse_uri(uri) if uri else None
        if parsed is None or parsed.scheme == "tel":
            return self.hop
        host, port = host_port(parsed)
        try:
            address = ipaddress.ip_address(host)
            source = ipaddress.ip_address(self.hop.host)
        except ValueError:
            return self.hop
        astray = (address.is_private and not source.is_private) or (address.is_loopback and not source.is_loopback)
        if address.is_unspecified or astray:
            return self.hop
        return Hop(host, port, self.hop.transport)

    def request(
        self, method: str, branch: str, cseq: int, extra: str = "", body: bytes = b"", ctype: str = ""
    ) -> tuple[bytes, Hop]:
        """Serialise a request inside the dialog. ``extra``: header lines. Returns it with its next hop."""
        uri, routes, hop = self.route()
        host, port = self.contact
        host = build.bracketed(host)
        head = (
            f"Via: SIP/2.0/{hop.transport} {host}:{port};rport;branch={branch}\r\n{routes}Max-Forwards: 70\r\n"
            f"From: {self.local}\r\nTo: {self.remote}\r\nCall-ID: {self.call_id}\r\nCSeq: {cseq} {method}\r\n{extra}"
        )
        return build.request(method, uri, head, body, ctype), hop

    def state(self) -> dict[str, Any]:
        """JSON-able: all a BYE needs after this process is dead."""
        return {
            "call_id": self.call_id,
            "local": self.local,
            "remote": self.remote,
            "local_tag": self.local_tag,
            "remote_tag": self.remote_tag,
            "local_seq": self.local_seq,
            "remote_seq": self.remote_seq,
            "route_set": list(self.route_set),
            "target": self.target,
            "contact": list(self.contact),
            "destination": list(self.hop),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Dialog:
        """Inverse of ``state``. Raises MalformedError naming a field that is missing or wrong."""
        try:
            host, port, transport = state["destination"]
            own_host, own_port = state["contact"]
            dialog = cls(
                str(state["call_id"]), str(state["local"]), str(state["remote"]),
                (str(own_host), int(own_port)), Hop(str(host), int(port), str(transport)),
            )  # fmt: skip
            dialog.local_seq = int(state["local_seq"])
            dialog.remote_seq = int(state["remote_seq"])
            dialog.target = str(state["target"])
            dialog.route_set = tuple(str(route) for route in state["route_set"])
        except (KeyError, TypeError, ValueError) as error:
            raise MalformedError(f"dialog state is not what dialog_state() gave: {error}") from error
        return dialog


def _routes(values: list[str]) -> tuple[str, ...]:
    routes = tuple(split_list(values))
    for route in routes:
        parse_uri(parse_name_addr(route).uri)
    return routes


def _route_lines(routes: tuple[str, ...]) -> str:
    return "".join([f"Route: {route}\r\n" for route in routes])
