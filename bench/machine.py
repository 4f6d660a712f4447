"""What processes cost: CPU seconds, memory, and what else ran meanwhile. Linux /proc."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_s(pids: Iterable[int]) -> float:
    """CPU seconds, user and system, the processes have used so far (all threads; ended ones count 0)."""
    return sum(_ticks(pid) for pid in pids) / _TICKS


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def pss_mb(pids: Iterable[int]) -> float:
    """Memory in MB; pages shared by n processes count 1/n each."""
    total_kb = 0
    for pid in pids:
        try:
            found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        except OSError:
            continue
        total_kb += int(found[1]) if found else 0
    return total_kb / 1024


def all_cpu_s() -> float:
    """CPU seconds the whole machine has used (not idle, not waiting for disks)."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    user, nice, system, _, _, irq, soft = map(int, fields[:7])
    return (user + nice + system + irq + soft) / _TICKS


def describe() -> str:
    """One line for the table: processor, cores, memory, kernel, Python."""
    cpu = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    gigabytes = int(memory[1]) / 1024 / 1024 if memory else 0
    return (
        f"{cpu[1] if cpu else platform.machine()}, {os.cpu_count()} cores, {gigabytes:.0f} GB, "
        f"Linux {platform.release()}, Python {platform.python_version()}"
    )
