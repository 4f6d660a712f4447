"""SIPp as load generator, and the sounds it needs."""

from __future__ import annotations

import csv
import os
import struct
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ccc.audio.g711 import encode_alaw

SCENARIOS = Path(__file__).parent / "scenarios"


@dataclass(frozen=True)
class Outcome:
    """What SIPp counted, and the cores it used itself."""

    calls: int
    ok: int
    failed: int
    retransmissions: int
    wall_s: float
    cores: float


class Load:
    """A running SIPp in ``folder``; media at 127.0.0.2, port 6000."""

    def __init__(self, folder: Path, scenario: str, target: str, number: str, options: list[str]) -> None:
        _sounds(folder)
        self._folder = folder
        self._began = time.monotonic()
        command = [
            "sipp", target, "-sf", str(SCENARIOS / f"{scenario}.xml"), "-s", number, "-i", "127.0.0.1",
            "-mi", "127.0.0.2", "-nostdin", "-deadcall_wait", "0", "-buff_size", "4000000",
            "-trace_stat", "-stf", "stat.csv", "-fd", "1", *options,
        ]  # fmt: skip
        self.process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def wait(self) -> Outcome:
        """Until SIPp has ended."""
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        wall_s = time.monotonic() - self._began
        row = self.statistics()
        return Outcome(
            int(row["TotalCallCreated"]),
            int(row["SuccessfulCall(C)"]),
            int(row["FailedCall(C)"]),
            int(row["Retransmissions(C)"]),
            wall_s,
            (usage.ru_utime + usage.ru_stime) / wall_s,
        )

    def statistics(self) -> dict[str, str]:
        """SIPp's newest statistics line (one a second)."""
        with (self._folder / "stat.csv").open() as file:
            rows = list(csv.reader(file, delimiter=";"))
        return dict(zip(rows[0], rows[-1], strict=False))

    def stop(self) -> None:
        """End it at once."""
        if self.process.returncode is None:
            self.process.kill()
            self.process.wait()


def _sounds(folder: Path) -> None:
    """``caller.alaw``: 4 s of speech-like noise; ``dtmf_1.pcap``: key 1 as RFC 4733, 160 ms, three end packets."""
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 2000, 32000) * (np.sin(np.arange(32000) / 4000) > 0)
    (folder / "caller.alaw").write_bytes(encode_alaw(np.clip(noise, -32768, 32767).astype(np.int16)))
    out = bytearray(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for index in range(8):
        ended = index >= 5
        rtp = struct.pack(">BBHII", 0x80, 101 | (0x80 if index == 0 else 0), 1000 + index, 16000, 0x0DF40001)
        rtp += struct.pack(">BBH", 1, 10 | (0x80 if ended else 0), 800 if ended else (index + 1) * 160)
        udp = struct.pack(">HHHH", 6000, 6000, 8 + len(rtp), 0) + rtp
        loopback = bytes((127, 0, 0, 1))
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), index, 0, 64, 17, 0, loopback, loopback) + udp
        frame = bytes(12) + b"\x08\x00" + ip
        out += struct.pack("<IIII", 1, index * 20000, len(frame), len(frame)) + frame
    (folder / "dtmf_1.pcap").write_bytes(out)
