"""Where a call stands; the order is the order of life."""

from __future__ import annotations

import enum


class CallState(enum.Enum):
    ROUTED = "routed"
    FLOW = "flow"
    QUEUED = "queued"
    TALKING = "talking"
    ENDED = "ended"
