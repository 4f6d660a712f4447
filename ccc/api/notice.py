"""Messages to people outside (SMS, mail): what a flow leaves to be sent, and the contract of who sends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from ccc.errors import CccError

Channel = Literal["sms", "mail"]
CHANNELS: tuple[Channel, ...] = ("sms", "mail")


@dataclass(frozen=True, slots=True)
class Notice:
    """One message. ``to`` is a telephone number (sms) or a mail address (mail); ``subject`` is for mail only."""

    channel: Channel
    to: str
    text: str
    subject: str = ""


class NoticeRefused(CccError):
    """The notice can never be sent (a number that does not exist, a text that is not allowed): no further try."""

    code = "notice-refused"


class Notifier(Protocol):
    """Sends notices. Blocking; called in the jobs process, never in a call, again after a failure (at least once).

    One with settings also has ``Config`` (a pydantic model, fields made with ``setting``) and ``configure(config)``,
    called before it sends; without settings it is not used.
    """

    name: str
    channels: tuple[Channel, ...]
    """Of these channels the first notifier loaded is used; ``log`` only where there is no other."""

    def send(self, notice: Notice, notice_id: str) -> None:
        """Send it, or raise: NoticeRefused for good, anything else to be tried again. ``notice_id`` stays the same."""
        ...
