"""What leaves a leg: one SSRC, one sequence without a gap of ours, one clock, whoever feeds it."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.audio.g711 import ALAW_TO_ULAW, ULAW_TO_ALAW
from ccc.media import rtp
from ccc.media.dtmf import event_payloads
from ccc.media.outbound import EVENT, Outbound

A = bytes(range(160))


class Wire:
    """An Outbound and what it has sent."""

    def __init__(self, pt: int = 8, dtmf_pt: int | None = 101) -> None:
        self.out = Outbound(pt, dtmf_pt)
        self.raw: list[bytes] = []
        self.out.attach(self.raw.append)
        self.now = 500.0

    @property
    def sent(self) -> list[rtp.Packet]:
        packets = [rtp.parse(data) for data in self.raw]
        assert None not in packets
        return [packet for packet in packets if packet is not None]

    def play(self, frames: int) -> None:
        """Silence ends here; then one frame each 20 ms."""
        self.out.begin(A, self.now)
        for _ in range(frames - 1):
            self.now += 0.02
            self.out.frame(A, self.now)
        self.now += 0.02

    def hear(self, seq: int, ts: int, ssrc: int = 9, pt: int = 8, marker: int = 0, payload: bytes = A) -> None:
        self.out.forward(pt, marker, seq & 0xFFFF, ts & 0xFFFFFFFF, ssrc, payload, self.now)

    def steps(self) -> list[tuple[int, int, bool]]:
        """(sequence step, timestamp step, marker) between successive packets."""
        sent = self.sent
        return [((b.seq - a.seq) & 0xFFFF, (b.ts - a.ts) & 0xFFFFFFFF, b.marker) for a, b in pairwise(sent)]


def test_a_prompt_then_silence_then_a_prompt() -> None:
    wire = Wire()
    wire.play(3)
    wire.now += 1.98
    wire.play(2)
    assert wire.sent[0].marker
    assert wire.steps() == [(1, 160, False), (1, 160, False), (1, 160 + 15840, True), (1, 160, False)]
    assert len({packet.ssrc for packet in wire.sent}) == 1


def test_a_prompt_that_interrupts_another_keeps_the_clock() -> None:
    wire = Wire()
    wire.play(3)
    wire.now -= 0.013  # 7 ms after the last frame
    assert wire.out.ready_at(wire.now) <= wire.now
    wire.out.begin(A, wire.now)
    assert wire.steps()[-1] == (1, 160, False)
    assert abs(wire.out.next_at - (wire.now + 0.033)) < 1e-6, "the next frame waits for its own time"
    assert wire.out.ready_at(wire.now) > wire.now + 0.012, "a second restart within the frame has to wait"


def test_bridge_rebases_once_and_losses_stay_visible() -> None:
    wire = Wire()
    wire.play(2)
    wire.now += 0.5
    for number in (100, 101, 104, 105):
        wire.hear(number, 77_000 + number * 160)
        wire.now += 0.02
    first, *rest = wire.steps()[1:]
    assert first == (1, 160 + 4000, True)
    assert rest == [(1, 160, False), (3, 480, False), (1, 160, False)]


def test_reordered_packets_keep_their_order_numbers() -> None:
    wire = Wire()
    for number in (10, 11, 13, 12, 14):
        wire.hear(number, number * 160)
    sent = wire.sent
    assert [(p.seq - sent[0].seq) & 0xFFFF for p in sent] == [0, 1, 3, 2, 4]
    assert [(p.ts - sent[0].ts) & 0xFFFFFFFF for p in sent] == [0, 160, 480, 320, 640]


def test_packets_from_before_the_bridge_and_repeated_ones_are_dropped() -> None:
    wire = Wire()
    wire.play(2)
    for number in (10, 9, 8, 10, 11):
        wire.hear(number, number * 160)
    assert [step for step, *_ in wire.steps()] == [1, 1, 1]


def test_a_new_ssrc_or_a_jump_continues_our_sequence() -> None:
    wire = Wire()
    wire.hear(65535, 160)
    wire.hear(0, 320)
    wire.now += 0.02
    wire.hear(40_000, 5, ssrc=10)
    wire.now += 0.02
    wire.hear(20_000, 9_000_000, ssrc=10)
    assert [step for step, *_ in wire.steps()] == [1, 1, 1]
    assert [marker for *_, marker in wire.steps()] == [False, True, True]
    assert all(160 <= ts <= 320 for _, ts, _ in wire.steps())


def test_a_source_whose_clock_leaps_does_not_take_ours_along() -> None:
    wire = Wire()
    wire.hear(1, 160)
    wire.now += 0.02
    wire.hear(2, 3_000_000_000)
    wire.now += 0.02
    wire.hear(3, 3_000_000_160)
    assert wire.steps() == [(1, 160, True), (1, 160, False)]


def test_pauses_of_the_source_stay_pauses() -> None:
    wire = Wire()
    wire.hear(1, 160)
    wire.now += 3.0
    wire.hear(2, 160 + 24_000, marker=0x80)
    assert wire.steps() == [(1, 24_000, True)]


def test_codecs_are_translated() -> None:
    to_ulaw, to_alaw = Wire(pt=0), Wire(pt=8)
    to_ulaw.hear(1, 160, pt=8)
    to_alaw.hear(1, 160, pt=0)
    assert (to_ulaw.sent[0].pt, to_ulaw.sent[0].payload) == (0, A.translate(ALAW_TO_ULAW))
    assert (to_alaw.sent[0].pt, to_alaw.sent[0].payload) == (8, A.translate(ULAW_TO_ALAW))


def test_keys_pass_with_the_other_sides_number_or_leave_no_hole() -> None:
    knows, deaf = Wire(dtmf_pt=96), Wire(dtmf_pt=None)
    for wire in (knows, deaf):
        wire.hear(1, 160)
        for seq, (marker, payload) in enumerate(event_payloads("1"), 2):
            wire.hear(seq, 320, pt=EVENT, marker=0x80 if marker else 0, payload=payload)
        wire.now += 0.16
        wire.hear(9, 160 + 8 * 160)
    assert [p.pt for p in knows.sent] == [8] + [96] * 7 + [8]
    assert len({p.ts for p in knows.sent[1:8]}) == 1
    assert [step for step, *_ in knows.steps()] == [1] * 8
    assert deaf.steps() == [(1, 1280, False)]


def test_our_own_keys_share_the_clock() -> None:
    wire = Wire()
    wire.play(2)
    start = wire.sent[-1]
    for marker, payload in event_payloads("5"):
        wire.out.event(marker, payload, wire.now)
        wire.now += 0.02
    wire.play(1)
    events = wire.sent[2:9]
    assert {p.pt for p in events} == {101}
    assert {(p.ts - start.ts) & 0xFFFFFFFF for p in events} == {160}
    assert [step for step, *_ in wire.steps()] == [1] * 9
    assert wire.sent[-1].marker
    assert (wire.sent[-1].ts - events[0].ts) & 0xFFFFFFFF == 7 * 160


def test_on_hold_nothing_leaves_and_the_clock_goes_on() -> None:
    wire = Wire()
    wire.play(2)
    wire.out.muted = True
    wire.play(50)
    wire.hear(1, 160)
    assert len(wire.sent) == 2
    wire.out.muted = False
    wire.out.frame(A, wire.now)
    assert wire.steps()[-1] == (1, 51 * 160, True)


def test_a_prompt_is_heard_instead_of_the_bridge() -> None:
    wire = Wire()
    wire.hear(1, 160)
    wire.out.busy = True
    wire.now += 0.02
    wire.play(5)
    wire.hear(2, 320)
    wire.out.busy = False
    wire.hear(7, 160 + 6 * 160)
    assert [step for step, *_ in wire.steps()] == [1] * 6
    assert wire.steps()[-1] == (1, 160, True)


def test_after_a_standstill_the_clock_skips() -> None:
    wire = Wire()
    wire.play(2)
    wire.now += 1.0
    wire.out.skip_to(wire.now)
    wire.out.frame(A, wire.now)
    assert wire.steps()[-1] == (1, 160 + 8000, True)


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("play"), st.integers(1, 5)),
        st.tuples(st.just("source"), st.integers(0, 2**32 - 1)),
        st.tuples(st.just("wait"), st.integers(1, 500)),
        st.tuples(st.just("key"), st.sampled_from("0*D")),
        st.tuples(st.just("hold"), st.integers(0, 1)),
    ),
    max_size=25,
)


@settings(max_examples=300)
@given(ACTIONS)
def test_whatever_feeds_it_the_sequence_has_no_gap_and_time_never_runs_back(actions: list[tuple[str, object]]) -> None:
    wire = Wire()
    for ssrc, (action, value) in enumerate(actions):
        if action == "play":
            wire.play(int(str(value)))
        elif action == "source":
            base = int(str(value))
            for number in range(4):
                wire.hear(base + number, base * 7 + number * 160, ssrc=ssrc)
                wire.now += 0.02
        elif action == "wait":
            wire.now += int(str(value)) / 100
        elif action == "hold":
            wire.out.muted = bool(value)
        else:
            for marker, payload in event_payloads(str(value)):
                wire.out.event(marker, payload, wire.now)
                wire.now += 0.02
    for step, ts_step, _ in wire.steps():
        assert step == 1
        assert ts_step < 0x80000000
    assert len({packet.ssrc for packet in wire.sent}) <= 1
