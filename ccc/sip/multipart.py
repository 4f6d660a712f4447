"""A session description wrapped in multipart (RFC 5621), as SIP-I trunks send it. Off the hot path."""

from __future__ import annotations

from email.message import Message as Mail
from email.parser import BytesParser
from email.policy import compat32

MAX_PARTS = 16


def sdp_part(content_type: str, body: bytes) -> bytes | None:
    """The first application/sdp part of a multipart body, None when there is none."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    mail: Mail = BytesParser(policy=compat32).parsebytes(head + body)
    parts = mail.get_payload()
    if not isinstance(parts, list):
        return None
    for part in parts[:MAX_PARTS]:
        if isinstance(part, Mail) and part.get_content_type() == "application/sdp":
            payload = part.get_payload(decode=True)
            return payload if isinstance(payload, bytes) else None
    return None
