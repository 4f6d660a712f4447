"""An INVITE of ours as sent, and what must be made from exactly those values: CANCEL and the ACK to a failure."""

from __future__ import annotations

from typing import NamedTuple

from ccc.sip import build
from ccc.sip.message import Hop, Response


class OutInvite(NamedTuple):
    """The values one INVITE was sent with (RFC 3261 9.1 and 17.1.1.3 repeat them)."""

    uri: str
    via: str
    routes: str
    local: str
    remote: str
    call_id: str
    cseq: int
    branch: str
    hop: Hop

    def serialise(self, extra: str, body: bytes) -> bytes:
        """The INVITE. ``extra``: Contact, Allow, Authorization and other lines."""
        return build.request("INVITE", self.uri, self._head("INVITE", self.remote) + extra, body)

    def cancel(self) -> bytes:
        """Its CANCEL: same branch, To without tag."""
        return build.request("CANCEL", self.uri, self._head("CANCEL", self.remote))

    def ack(self, response: Response) -> bytes:
        """The ACK to a 300-699: same branch, To as the response has it."""
        return build.request("ACK", self.uri, self._head("ACK", response.headers["to"][0]))

    def _head(self, method: str, remote: str) -> str:
        return (
            f"Via: {self.via}\r\n{self.routes}Max-Forwards: 70\r\nFrom: {self.local}\r\nTo: {remote}\r\n"
            f"Call-ID: {self.call_id}\r\nCSeq: {self.cseq} {method}\r\n"
        )
