"""The measurements. Each starts what it needs, is bounded in time, and returns rows of the table."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path

from bench.load import Load, Outcome
from bench.machine import all_cpu_s, cpu_s, pss_mb
from bench.pcap import measure, percentile
from bench.table import Row, at_most
from tests.calls.system import System, running

NUMBER = "4003"
CPS_SECONDS = 15


def starting() -> list[Row]:
    """First start (migrate, seed, render prompts), second start, memory of the idle system."""
    with running() as system:
        first_s = system.started_s
        time.sleep(5)
        memory_mb = pss_mb(system.pids())
        system.stop()
        second_s = system.start()
    return [
        at_most("first start to /healthz 200 (migrate, seed, TTS)", first_s, 10, "s"),
        at_most("second start to /healthz 200", second_s, 3, "s"),
        at_most("memory of the idle `ccc serve`, all processes (PSS)", memory_mb, 350, "MB", 0),
    ]


def _stored(system: System) -> int:
    with sqlite3.connect(f"file:{system.home.database}?mode=ro", uri=True) as database:
        (count,) = database.execute("select count(*) from calls").fetchone()
    return int(count)


def _drained(system: System, expected: int, seconds: float) -> int:
    end = time.monotonic() + seconds
    while (count := _stored(system)) < expected and time.monotonic() < end:
        time.sleep(0.5)
    return count


def answering(rate: int) -> list[Row]:
    """Answer and hang up at ``rate`` calls a second; every record must reach the store."""
    with running() as system, tempfile.TemporaryDirectory() as folder:
        options = ["-r", str(rate), "-m", str(rate * CPS_SECONDS), "-l", "50000", "-timeout", str(CPS_SECONDS + 25)]
        parts, pids = system.parts(), system.pids()
        telephone = [pid for name, pid in parts.items() if name == "runtime" or name.startswith("media")]
        before, telephone_before = cpu_s(pids), cpu_s(telephone)
        outcome = Load(Path(folder), "cps", system.sip, NUMBER, options).wait()
        telephone_s = cpu_s(telephone) - telephone_before
        stored = _drained(system, outcome.ok, 60)
        whole_s = cpu_s(pids) - before
    return _answering_rows(rate, outcome, stored, telephone_s, whole_s)


def _answering_rows(rate: int, outcome: Outcome, stored: int, telephone_s: float, whole_s: float) -> list[Row]:
    calls = max(1, outcome.calls)
    lost = max(0, outcome.ok - stored)
    took = outcome.wall_s - 0.3
    return [
        Row(
            f"answer + hang up at {rate} calls/s: completed / failed / retransmitted",
            f"{outcome.ok} / {outcome.failed} / {outcome.retransmissions} in {took:.1f} s",
            "0 failed",
            outcome.failed == 0 and outcome.ok >= rate * CPS_SECONDS * 0.99 and took < CPS_SECONDS * 1.1 + 1,
        ),
        Row(f"... records lost of {outcome.ok}", str(lost), "0", lost == 0),
        at_most("... CPU a call, telephone side", telephone_s * 1000 / calls, 0.9, "ms", 2),
        Row("... CPU a call, all processes until the records are stored", f"{whole_s * 1000 / calls:.2f} ms"),
    ]


def ivr(calls: int) -> list[Row]:
    """IVR calls at once: prompt out, audio in, one key each; CPU a leg, packet gaps, reaction to the key."""
    with running() as system, tempfile.TemporaryDirectory() as folder:
        idle_mb = pss_mb(system.pids())
        options = ["-mp", "6000", "-rtp_threadtasks", "50", "-r", str(calls), "-rp", "15000", "-l", str(calls + 5)]
        load = Load(Path(folder), "ivr", system.sip, NUMBER, [*options, "-m", str(calls * 4), "-timeout", "120"])
        try:
            time.sleep(20)
            pids, began = system.pids(), time.monotonic()
            before, machine_before, sipp_before = cpu_s(pids), all_cpu_s(), cpu_s([load.process.pid])
            time.sleep(15)
            took = time.monotonic() - began
            cores = (cpu_s(pids) - before) / took
            sipp_cores = (cpu_s([load.process.pid]) - sipp_before) / took
            other_cores = (all_cpu_s() - machine_before) / took - cores - sipp_cores
            busy_mb = pss_mb(pids)
            at_once = int(load.statistics()["CurrentCall"])
            quality = measure(_capture(Path(folder) / "ivr.pcap", 8.0))
            load.wait()
        finally:
            load.stop()
    each = cores * 1000 / max(1, at_once)
    reaction = quality.reactions_ms
    p99, p95 = percentile(quality.gaps_ms, 0.99), percentile(reaction, 0.95)
    return [
        Row(f"IVR calls at once ({calls} wanted)", str(at_once), f"{calls}", at_once >= calls * 0.97),
        at_most("... CPU a call, all processes (thousandths of a core)", each, 0.7, "mcore", 2),
        Row("... cores: system / SIPp / others", f"{cores:.2f} / {sipp_cores:.2f} / {other_cores:.2f}"),
        at_most("... packet gap to the caller, deviation from 20 ms, p99", p99, 5, "ms", 2),
        Row(
            "... packets captured / missing",
            f"{quality.received} / {quality.missing}",
            "0 missing",
            not quality.missing,
        ),
        at_most(f"... key (first packet) to next prompt p95 ({len(reaction)} of {quality.keys} keys)", p95, 20, "ms"),
        Row("... key (first packet) to next prompt p50", f"{percentile(reaction, 0.5):.1f} ms"),
        at_most("... memory a call (PSS)", (busy_mb - idle_mb) / max(1, at_once), 0.1, "MB", 3),
    ]


def idle_reaction() -> list[Row]:
    """Key to prompt on an idle system: four calls, one after another."""
    with running() as system, tempfile.TemporaryDirectory() as folder:
        options = ["-mp", "6000", "-r", "1", "-rp", "400", "-l", "5", "-m", "5", "-timeout", "40"]
        load = Load(Path(folder), "ivr", system.sip, NUMBER, options)
        try:
            reaction = measure(_capture(Path(folder) / "idle.pcap", 6.0)).reactions_ms
        finally:
            load.stop()
    return [
        at_most(
            f"key (first packet) to next prompt, idle, p50 ({len(reaction)} keys)", percentile(reaction, 0.5), 5, "ms"
        )
    ]


def _capture(path: Path, seconds: float) -> Path:
    command = ["tcpdump", "-i", "lo", "-B", "65536", "-w", str(path), "-s", "230", "--time-stamp-precision=nano"]
    process = subprocess.Popen([*command, "udp and host 127.0.0.2"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    said = process.communicate()[1].decode()
    if not path.exists():
        raise RuntimeError(f"tcpdump made no capture (it needs root): {said.strip()}")
    return path
