"""Errors of the SIP part: each names the thing and the cure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccc.errors import CccError

if TYPE_CHECKING:
    from ccc.sip.message import Request


class SipError(CccError):
    """Base of what ``ccc.sip`` raises."""

    code = "sip"


class MalformedError(SipError):
    """A datagram is not a SIP message we can act on.

    ``request`` is set when enough was understood to answer 400 (RFC 3261 8.2.6 needs Via, From, To, Call-ID, CSeq).
    """

    code = "sip-malformed"
    status = 400

    def __init__(self, message: str, *, request: Request | None = None, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.request = request


class SdpError(SipError):
    """A session description cannot be used. ``status`` and ``reason`` are the SIP answer to give."""

    code = "sdp"

    def __init__(self, message: str, *, status: int = 488, reason: str = "Not Acceptable Here") -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


class SipStateError(SipError):
    """A session method was called in a state in which it is not legal: a defect of the caller."""

    code = "sip-state"
