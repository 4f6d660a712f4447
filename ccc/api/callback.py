"""What a node asks for when a customer wants to be called back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class CallbackRequest:
    """Call this customer back when it is his turn: an agent of the group is rung first, then the customer.

    He keeps the place he had in the group's queue; a customer who was not in it takes one now.
    """

    skill_group: str
    number: str
    """What is dialled, as the trunk wants it."""
    trunk: str
    caller_id: str = ""
    """The number shown to the customer; '' is the trunk's own, else the number he had called."""
    ring_s: float = 30.0
    attempts: int = 3
    """How often the customer is tried before it is given up."""
    pause_s: float = 600.0
    """Between two attempts."""
    expires_s: float = 86_400.0
    """Given up when it was not his turn by then."""
    max_open: int | None = None
    """Outcome ``full`` when so many customers of the group wait to be called back."""


@dataclass(frozen=True, slots=True)
class CallbackResult:
    """``already``: this number waits for this group already and keeps that place. ``position``: 1 is next."""

    outcome: Literal["accepted", "already", "full"]
    position: int | None = None
