"""What a call of ``ccc call`` came to: the trace while it runs, one object at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from ccc.caller.hear import Stretch
from ccc.caller.rtp import Receiver

EXIT_CODES = {"answered": 0, "refused": 3, "no-answer": 4}


@dataclass(slots=True)
class Report:
    """Times in milliseconds after the INVITE."""

    number: str
    to: str
    caller: str
    result: Literal["answered", "refused", "no-answer"] = "no-answer"
    sip_status: int = 0
    reason: str = ""
    ringing_ms: int | None = None
    answered_ms: int | None = None
    ended_ms: int | None = None
    ended_by: Literal["", "far-side", "caller", "error"] = ""
    cause: str = ""
    keys: str = ""
    heard: list[Stretch] = field(default_factory=list)
    received: Receiver = field(default_factory=Receiver)
    sent: int = 0
    recording: str = ""

    @property
    def exit_code(self) -> int:
        """0 answered, 3 refused, 4 no answer."""
        return EXIT_CODES[self.result]

    def as_dict(self) -> dict[str, Any]:
        """The object of ``--json``."""
        names = ("number", "to", "caller", "result", "sip_status", "reason", "ringing_ms", "answered_ms", "ended_ms",
                 "ended_by", "cause", "keys", "sent", "recording")  # fmt: skip
        received = self.received
        return {name: getattr(self, name) for name in names} | {
            "heard": [stretch.as_dict() for stretch in self.heard],
            "received": received.received,
            "lost": received.lost,
            "late": received.late,
            "duplicates": received.duplicates,
            "sources": received.sources,
            "jitter_ms": round(received.jitter_ms, 2),
            "worst_gap_ms": round(received.worst_gap_ms, 1),
        }

    def summary(self) -> str:
        """The last lines of the trace."""
        if self.result != "answered":
            return f"{self.result}: {self.sip_status or ''} {self.reason}".rstrip()
        talked_s = ((self.ended_ms or 0) - (self.answered_ms or 0)) / 1000
        received = self.received
        return (
            f"talked {talked_s:.1f} s; received {received.received} packets, {received.lost} lost, "
            f"jitter {received.jitter_ms:.1f} ms, longest gap {received.worst_gap_ms:.0f} ms; sent {self.sent} packets"
            + (f"; keys {self.keys}" if self.keys else "")
            + (f"; written to {self.recording}" if self.recording else "")
        )


class Trace:
    """Lines with the time since the INVITE."""

    def __init__(self, clock: Callable[[], float], say: Callable[[str], None]) -> None:
        self._clock, self._say = clock, say
        self._began_s = clock()

    def ms(self) -> int:
        """Milliseconds since the call was begun."""
        return round((self._clock() - self._began_s) * 1000)

    def line(self, text: str) -> None:
        """Say it, with the time in front."""
        self._say(f"{self.ms() / 1000:8.3f}  {text}")
