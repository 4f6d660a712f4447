"""Load of one media worker, measured at RTP level: ``python -m bench.rtp_load ivr|bridge LEGS [SECONDS]``.

``ivr``: LEGS legs, each plays a prompt and receives 50 packets a second. ``bridge``: LEGS legs joined in pairs, one of
each pair recorded. All legs but ten are fed by a small generator in C (argument RTPGEN, see ``--help``); the ten are
ours: they measure the gaps between packets and the time from a key's end bit to the next prompt by the kernel's clock.
Prints one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import random
import socket
import statistics
import struct
import subprocess
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from ccc.audio import tones
from ccc.media import rtp
from ccc.media.client import MediaWorker
from ccc.media.dtmf import event_payloads
from ccc.media.settings import WorkerSettings
from ccc.media.worker import run

SO_TIMESTAMPNS = 35
PROBES = 10
STAMP, STAMPED = struct.Struct("d"), b"time"
RTP_FIRST, GENERATOR_FIRST = 21000, 11000


class Probe:
    """A phone of ours: sends audio and keys, and notes when each packet arrived (kernel time)."""

    def __init__(self, index: int) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.sock.bind(("127.0.0.1", 0))
        self.leg = f"probe{index}"
        self.remote = ("127.0.0.1", 0)
        self.arrivals: list[tuple[float, int]] = []
        self.seq = 0
        self.key_at = 0.0
        self.reactions_ms: list[float] = []
        self.bridge_ms: list[float] = []

    def readable(self) -> None:
        while True:
            try:
                data, extra, _, _ = self.sock.recvmsg(2048, 256)
            except BlockingIOError:
                return
            seconds, nanos = struct.unpack("qq", extra[0][2])
            packet = rtp.parse(data)
            if packet is not None and packet.pt == 8:
                at = seconds + nanos / 1e9
                self.arrivals.append((at, packet.seq))
                if packet.payload[8:12] == STAMPED:
                    self.bridge_ms.append((at - STAMP.unpack_from(packet.payload)[0]) * 1000)
                if self.key_at and packet.marker | (packet.payload == self.wanted):
                    self.reactions_ms.append((at - self.key_at) * 1000)
                    self.key_at = 0.0

    wanted = b""

    def audio(self) -> None:
        self.seq = (self.seq + 1) & 0xFFFF
        payload = STAMP.pack(time.time()) + STAMPED + bytes(148)
        self.sock.sendto(rtp.build(8, self.seq, self.seq * 160, 1, payload), self.remote)

    def key(self) -> None:
        """A whole key press; the clock runs from its first end bit."""
        packets = list(event_payloads("1"))
        ts = self.seq * 160
        for marker, payload in packets[:-3]:
            self.seq = (self.seq + 1) & 0xFFFF
            self.sock.sendto(rtp.build(101, self.seq, ts, 1, payload, marker=marker), self.remote)

    def gaps_ms(self) -> list[float]:
        return [(b[0] - a[0]) * 1000 - 20 for a, b in pairwise(self.arrivals) if b[1] == a[1] + 1]


def worker(folder: str) -> None:
    settings = WorkerSettings(
        relay=Path(folder) / "m.relay", rtp_first=RTP_FIRST, rtp_last=RTP_FIRST + 8000, webrtc_port=-1, capacity=4000
    )
    run(Path(folder) / "m.sock", settings)


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2) if ordered else float("nan")


async def measure(folder: Path, mode: str, legs: int, seconds: float, generator: str) -> dict[str, object]:
    loop = asyncio.get_running_loop()
    media = MediaWorker(folder / "m.sock")
    loads: list[dict[str, object]] = []
    probes = [Probe(i) for i in range(PROBES)]
    first, second = str(folder / "a.al"), str(folder / "b.al")
    (folder / "a.al").write_bytes(tones.sine(440, 8))
    (folder / "b.al").write_bytes(tones.sine(1000, 14))
    Probe.wanted = (folder / "b.al").read_bytes()[:160]

    def event(message: dict[str, object]) -> None:
        if message["ev"] == "load":
            loads.append(message)
        elif message["ev"] == "dtmf" and mode == "ivr":
            media.play(str(message["leg"]), "b", [second], 0)

    media.on_event = event
    await media.connect(10)
    for index in range(legs):
        remote = ("127.0.0.1", GENERATOR_FIRST + 2 * index)
        _, port = await media.open_rtp(f"g{index}", remote, dtmf_pt=101)
        assert port == RTP_FIRST + 2 * index, "a port in the range is in use: the generator would miss a leg"
    for probe in probes:
        probe.remote = await media.open_rtp(probe.leg, probe.sock.getsockname(), dtmf_pt=101)
        loop.add_reader(probe.sock.fileno(), probe.readable)
    gen = await asyncio.create_subprocess_exec(
        generator, str(legs), str(RTP_FIRST), str(GENERATOR_FIRST), str(int(seconds) + 8), stdout=subprocess.PIPE
    )
    every = [f"g{i}" for i in range(legs)] + [probe.leg for probe in probes]
    if mode == "ivr":
        for leg in every:
            media.play(leg, "a", [first], 0)
            await asyncio.sleep(random.random() * 2 / legs)
    else:
        for one, other in zip(every[::2], every[1::2], strict=False):
            await media.bridge(one, other)
            await media.record(one, folder / f"{one}.wav")
    await asyncio.sleep(2)
    before, loads_before = await media.stats(), len(loads)
    for probe in probes:
        probe.arrivals.clear()
        probe.bridge_ms.clear()
    started = time.monotonic()
    await drive(probes, seconds, mode)
    elapsed = time.monotonic() - started
    after = await media.stats()
    result = summary(probes, before, after, elapsed, legs + PROBES, mode)
    result["tick_late_ms"] = max(float(str(load["late_ms"])) for load in loads[loads_before:])
    output, _ = await gen.communicate()
    result["generator"] = output.decode().strip()
    await media.close()
    return result


async def drive(probes: list[Probe], seconds: float, mode: str) -> None:
    """50 packets a second from each probe, spread over the 20 ms; now and then a key."""
    end = time.monotonic() + seconds
    due = time.monotonic()
    ticks = 0
    while due < end:
        for index, probe in enumerate(probes):
            if mode == "ivr" and index >= 5 and (ticks + index * 7) % 40 == 0:
                probe.key()
                probe.key_at = time.time()
            else:
                probe.audio()
            due += 0.02 / PROBES
            await asyncio.sleep(max(0, due - time.monotonic()))
        ticks += 1


def summary(probes: list[Probe], before: dict, after: dict, elapsed: float, legs: int, mode: str) -> dict[str, object]:
    gaps = [gap for probe in probes[:5] for gap in probe.gaps_ms()]
    reactions = [ms for probe in probes for ms in probe.reactions_ms]
    bridge = [ms for probe in probes for ms in probe.bridge_ms]
    cores = (after["cpu_s"] - before["cpu_s"]) / elapsed
    return {
        "mode": mode,
        "legs": legs,
        "cores": round(cores, 3),
        "thousandths_per_leg": round(cores / legs * 1000, 3),
        "rx_per_s": round((after["rx"] - before["rx"]) / elapsed),
        "tx_per_s": round((after["tx"] - before["tx"]) / elapsed),
        "drops": after["drops"],
        "gap_deviation_ms": {
            "p50": quantile([abs(g) for g in gaps], 0.5),
            "p99": quantile([abs(g) for g in gaps], 0.99),
            "max": quantile([abs(g) for g in gaps], 1),
            "n": len(gaps),
        },
        "bridge_ms": {"p50": quantile(bridge, 0.5), "p99": quantile(bridge, 0.99), "n": len(bridge)},
        "key_to_prompt_ms": {
            "p50": quantile(reactions, 0.5),
            "p95": quantile(reactions, 0.95),
            "n": len(reactions),
            "mean": round(statistics.mean(reactions), 2) if reactions else None,
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=["ivr", "bridge"])
    parser.add_argument("legs", type=int)
    parser.add_argument("seconds", type=float, nargs="?", default=8)
    parser.add_argument("--generator", default="/tmp/rtpgen", help="N DSTPORT SRCPORT SECONDS, 172-byte RTP each 20 ms")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        process = multiprocessing.get_context("spawn").Process(target=worker, args=(folder,))
        process.start()
        try:
            print(
                json.dumps(
                    asyncio.run(
                        measure(Path(folder), arguments.mode, arguments.legs, arguments.seconds, arguments.generator)
                    )
                )
            )
        finally:
            process.terminate()
            process.join(10)


if __name__ == "__main__":
    main()
