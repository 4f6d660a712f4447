"""A caller in a queue is told place and waiting time: what is heard is compared with the rendered announcement."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from ccc.api.prompt import TextPrompt
from ccc.audio.g711 import decode_alaw
from ccc.home import Home
from ccc.loader import load
from ccc.prompts.keys import prompt_path
from ccc.runtime.queueing import announcement
from ccc.services import flows as service
from ccc.services.actor import SYSTEM
from ccc.store import open_store
from tests.calls.agent import Browser, working
from tests.calls.callers import dial, settle
from tests.calls.flows import INSTANCE, Document, bind, document, node, tone
from tests.calls.system import System

EVERY_S = 3
NUMBER = "4120"
RATE_HZ = 8000
PIECE = RATE_HZ * 3 // 10
SLIP = RATE_HZ // 4
Sound = NDArray[np.float64]
GREETED = "4121"


def announcing_flow(name: str, *prompts: Document) -> Document:
    """Straight into a queue that announces place and waiting time."""
    queue = node("wait", "queue", skill_group="service", timeout_s=60, announce_every_s=EVERY_S, announce_wait=True,
                 prompts=list(prompts))  # fmt: skip
    nodes = [node("start", "start", recording="off"), queue, node("end", "hangup")]
    return document(name, nodes, "start.next>wait", "wait.answered>end", "wait.timeout>end")


FLOWS = {NUMBER: announcing_flow("t-announce"), GREETED: announcing_flow("t-greeted", tone(1500, 4.5))}


@pytest.fixture(scope="module")
def announcing(system: System) -> System:
    """The shared system with the flows on their numbers."""
    store = open_store(system.home)
    try:
        registry = load()
        for number, flow in FLOWS.items():
            service.import_flow(store, registry, SYSTEM, INSTANCE, flow)
            service.publish_flow(store, registry, SYSTEM, INSTANCE, flow["name"])
            bind(store, number, flow["name"])
    finally:
        store.close()
    return system


def rendered(home: Home, position: int, wait_s: float | None) -> Sound:
    """The prompt of an announcement, as jobs rendered it on demand."""
    text = announcement("zh-CN", position, wait_s)
    path = prompt_path(home, TextPrompt(text=text))
    assert path.exists(), f"{text} was never rendered"
    return decode_alaw(path.read_bytes()).astype(np.float64)


def times_heard(file: Path, prompt: Sound) -> list[float]:
    """Seconds at which the whole prompt is heard: nearly all its pieces follow each other as they do in the prompt.

    In pieces, because a machine that is too busy to send each packet in time shifts what follows by some milliseconds.
    """
    heard, rate_hz = soundfile.read(str(file), dtype="int16")
    assert rate_hz == RATE_HZ and heard.ndim == 1
    starts = range(0, len(prompt) - PIECE + 1, PIECE)
    places = {start: alike(heard.astype(np.float64), prompt[start : start + PIECE]) for start in starts}

    def share(begin: int) -> float:
        return sum(any(abs(at - begin - start) < SLIP for at in places[start]) for start in starts) / len(starts)

    found: list[int] = []
    for begin in sorted(at - start for start in starts for at in places[start]):
        if share(begin) >= 0.75 and (not found or begin - found[-1] > len(prompt) // 2):
            found.append(begin)
    return [begin / RATE_HZ for begin in found]


def alike(wave: Sound, piece: Sound) -> list[int]:
    """Samples at which ``wave`` goes on like ``piece`` (normalised correlation above 0.9)."""
    size = 1 << int(np.ceil(np.log2(len(wave) + len(piece))))
    product = np.fft.irfft(np.fft.rfft(wave, size) * np.conj(np.fft.rfft(piece, size)), size)
    product = product[: len(wave) - len(piece) + 1]
    sums = np.concatenate(([0.0], np.cumsum(wave**2)))
    energy = sums[len(piece) :] - sums[: -len(piece)]
    likeness = product / np.sqrt(np.maximum(energy, 1.0) * np.sum(piece**2))
    found: list[int] = []
    while likeness[at := int(np.argmax(likeness))] > 0.9:
        found.append(at)
        likeness[max(0, at - len(piece)) : at + len(piece)] = 0
    return found


def test_position_alone_while_nobody_works(announcing: System, tmp_path: Path) -> None:
    file = tmp_path / "heard.wav"
    report = dial(announcing, NUMBER, "--seconds", "11", "--record", str(file)).wait()
    assert report["exit"] == 0 and report["lost"] == 0
    prompt = rendered(announcing.home, 1, None)
    assert times_heard(file, prompt[::-1]) == [], "the measurement hears what was never played"
    times = times_heard(file, prompt)
    assert len(times) >= 3, f"heard at {times}"
    assert EVERY_S - 0.3 <= times[0] <= EVERY_S + 2.5, "the first may wait for its rendering"


def test_position_and_waiting_time_of_two_callers(announcing: System, tmp_path: Path) -> None:
    files = [tmp_path / "first.wav", tmp_path / "second.wav"]
    with working(announcing, Browser(announcing, "agent1")) as agent:
        talking = dial(announcing, "4000", "--seconds", "40")
        agent.accept()
        waiting = []
        for file in files:
            waiting.append(dial(announcing, NUMBER, "--seconds", "16", "--record", str(file)))
            settle(1.5)
        reports = [each.wait() for each in waiting]
        talking.process.send_signal(2)
        talking.wait()
        call = agent.wait_call("wrap-up")
        agent.do("wrap-up-done", call=call["id"], note="", disposition="")
    assert [report["lost"] for report in reports] == [0, 0]
    for position, file in enumerate(files, 1):
        # One agent works, no test ever served this group: 180 s for each place (acd.Policy.handle_s).
        prompt = rendered(announcing.home, position, 180.0 * position)
        times = times_heard(file, prompt)
        assert len(times) >= 2, f"caller {position} heard the announcement ({len(prompt) / RATE_HZ:.1f} s) at {times}"


def test_a_greeting_is_not_cut_by_an_announcement(announcing: System) -> None:
    report = dial(announcing, GREETED, "--seconds", "6").wait()
    lengths = [heard["to_s"] - heard["from_s"] for heard in report["heard"] if round(heard["hz"], -1) == 1500]
    assert len(lengths) == 1 and lengths[0] > 4.1, report["heard"]
