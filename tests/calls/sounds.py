"""What a caller's report and a recording say, in the words of the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from ccc.caller.hear import Ear, Stretch

Record = dict[str, Any]


def tones(report: Record) -> list[int]:
    """The tones a caller heard, in order, rounded to 10 Hz; one that goes on after a pause counts once."""
    heard = [round(stretch["hz"], -1) for stretch in report["heard"] if stretch["kind"] == "tone"]
    return [hz for index, hz in enumerate(heard) if index == 0 or heard[index - 1] != hz]


def path(record: Record) -> list[str]:
    """``node.exit`` of every step of a call record."""
    return [f"{step['node']}.{step['exit']}" for step in record["steps"]]


def channel(file: Path, index: int) -> NDArray[np.int16]:
    """One channel of a recording: 0 the caller, 1 the other side."""
    samples, rate_hz = soundfile.read(str(file), dtype="int16", always_2d=True)
    assert rate_hz == 8000 and samples.shape[1] == 2
    return np.ascontiguousarray(samples[:, index])


def heard_in(samples: NDArray[np.int16]) -> list[Stretch]:
    """Stretches of sound, silence left out."""
    ear = Ear()
    ear.feed(samples)
    return [stretch for stretch in ear.stretches if stretch.kind != "silence"]
