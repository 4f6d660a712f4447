"""The benchmark's own instruments: a made capture gives the figures it was made with; the table keeps its place."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from bench import machine, records, table
from bench.flow import NODES, large
from bench.pcap import measure, percentile
from bench.table import Row, at_most
from ccc.audio.tones import sine
from ccc.flow.document import load_document

CALLER, SYSTEM = bytes((127, 0, 0, 2)), bytes((127, 0, 0, 1))


def frame(at_s: float, source: tuple[bytes, int], target: tuple[bytes, int], rtp: bytes) -> bytes:
    """A captured packet: record header, Ethernet, IPv4, UDP, RTP."""
    udp = struct.pack(">HHHH", source[1], target[1], 8 + len(rtp), 0) + rtp
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, source[0], target[0]) + udp
    data = bytes(12) + b"\x08\x00" + ip
    whole = int(at_s)
    return struct.pack("<IIII", whole, round((at_s - whole) * 1e9), len(data), len(data)) + data


def rtp(kind: int, sequence: int, body: bytes) -> bytes:
    return struct.pack(">BBHII", 0x80, kind, sequence & 0xFFFF, sequence * 160, 1) + body


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """440 Hz, packet 50 lost, packet 70 late by 5 ms; key 1 ends at 1.500 s, 1000 Hz comes 8 ms later."""
    low, high = sine(440, 0.02, fade_ms=0), sine(1000, 0.02, fade_ms=0)
    out = bytearray(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1))
    for index in range(100):
        if index == 50:
            continue
        at_s = 100 + index * 0.02 + (0.005 if index == 70 else 0)
        if index == 75:
            end = rtp(101, 7, struct.pack(">BBH", 1, 0x8A, 800))
            out += frame(101.5, (CALLER, 6000), (SYSTEM, 20000), end)
        if index >= 75:
            at_s += 0.008
        out += frame(at_s, (SYSTEM, 20000), (CALLER, 6000), rtp(8, 65500 + index, high if index >= 75 else low))
    path = tmp_path / "made.pcap"
    path.write_bytes(out)
    return path


def test_a_capture_gives_gaps_loss_and_reaction(capture: Path) -> None:
    quality = measure(capture)
    assert (quality.streams, quality.received, quality.missing, quality.keys) == (1, 99, 1, 1)
    assert quality.gaps_ms[-1] == pytest.approx(20, abs=0.01)
    assert quality.gaps_ms[-4] == pytest.approx(5, abs=0.01)
    assert quality.reactions_ms == [pytest.approx(8, abs=0.01)]
    assert percentile(quality.gaps_ms, 0.5) == pytest.approx(0, abs=0.01)


def test_the_table_replaces_only_its_own_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text(f"before\n{table.BEGIN}\nstale\n{table.END}\nafter\n")
    monkeypatch.setattr(table, "DOCUMENT", page)
    rows = [at_most("fast", 3, 5, "ms"), at_most("slow", 9, 5, "ms"), Row("told", "7")]
    table.write(table.markdown(rows, "a machine", "2026-11-20", "Quiet."))
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("after\n") and "stale" not in text
    assert "| fast | 3.0 ms | <= 5 ms | yes |" in text
    assert "| slow | 9.0 ms | <= 5 ms | **no** |" in text


def test_the_real_page_has_its_place() -> None:
    text = table.DOCUMENT.read_text()
    assert text.count(table.BEGIN) == text.count(table.END) == 1


def test_what_this_process_costs_is_seen() -> None:
    before = machine.cpu_s([os.getpid()])
    while machine.cpu_s([os.getpid()]) < before + 0.05:
        sum(range(10_000))
    assert 5 < machine.pss_mb([os.getpid()]) < 2000
    assert machine.cpu_s([999_999_999]) == 0


def test_the_large_flow_has_as_many_nodes_as_it_says() -> None:
    assert len(load_document(large(NODES)).nodes) == NODES


def test_the_bench_of_records_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody runs it daily: a page or column that changed is told here."""
    monkeypatch.setattr(records, "REPEATS", 1)
    monkeypatch.setattr("sys.argv", ["bench.records", "300"])
    records.main()
    assert "first page" in capsys.readouterr().out
