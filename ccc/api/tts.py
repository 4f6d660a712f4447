"""The contract of a text-to-speech engine plugin. Used by the jobs process and by publish, never in a call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # the runtime loads this contract and must not pay for numpy
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice the engine offers: ``name`` is what a flow document stores, ``language`` a BCP 47 tag."""

    name: str
    label: str
    language: str


class TtsEngine(Protocol):
    """Turns text into samples. Blocking; called outside any running call."""

    name: str

    def voices(self) -> list[Voice]:
        """Every voice, the default one first."""
        ...

    def say(self, text: str, voice: str | None, speed: float) -> tuple[npt.NDArray[np.int16], int]:
        """Mono samples and their rate in Hz. ``voice`` None: choose by the text's language."""
        ...
