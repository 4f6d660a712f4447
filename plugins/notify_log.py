"""The notifier of last resort: writes SMS and mail into the log instead of sending them."""

from __future__ import annotations

import logging
from typing import Any

from ccc.api import Channel, Notice, hookimpl

log = logging.getLogger("ccc.notices")


class LogNotifier:
    """Used for a channel for which no other plugin is there."""

    name = "log"
    channels: tuple[Channel, ...] = ("sms", "mail")

    def send(self, notice: Notice, notice_id: str) -> None:
        """Write the notice down."""
        log.warning(
            "%s to %s is only logged, no plugin sends it: %s %s (%s)",
            notice.channel, notice.to, notice.subject, notice.text, notice_id,
        )  # fmt: skip


@hookimpl
def register_notifiers() -> list[Any]:
    return [LogNotifier]
