"""The far side of a test call: ``ccc call`` and SIPp."""

from __future__ import annotations

import csv
import json
import random
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.calls.system import CCC, ROOT, System

SCENARIOS = Path(__file__).parent / "scenarios"
_started: list[subprocess.Popen[str]] = []


def new_caller() -> str:
    """A calling number no other test uses, so that a test finds its own record."""
    return f"139{random.randrange(10**8):08d}"


@dataclass
class Dialled:
    """A running or finished ``ccc call --json``."""

    process: subprocess.Popen[str]
    caller: str

    def wait(self, timeout_s: float = 60.0) -> dict[str, Any]:
        """Its report with ``exit`` (the exit code) added."""
        try:
            out, err = self.process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
            raise AssertionError(f"ccc call did not end within {timeout_s} s: {out} {err}") from None
        assert out.strip(), f"ccc call printed nothing; it said: {err}"
        report: dict[str, Any] = json.loads(out)
        report["exit"] = self.process.returncode
        return report


def dial(system: System, number: str, *options: str, caller: str | None = None) -> Dialled:
    """Start ``ccc call NUMBER`` against the system."""
    caller = caller or new_caller()
    command = [*CCC, "call", number, "--to", system.sip, "--from", caller, "--json", *options]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    _started.append(process)
    return Dialled(process, caller)


def hang_up_all() -> None:
    """End what a failed test left behind."""
    while _started:
        process = _started.pop()
        if process.poll() is None:
            process.kill()
            process.communicate()


@dataclass(frozen=True)
class SippResult:
    """What SIPp counted."""

    code: int
    calls: int
    ok: int
    failed: int
    retransmissions: int
    errors: str


@dataclass
class Sipp:
    """A running SIPp."""

    process: subprocess.Popen[bytes]
    folder: Path

    def current(self) -> int:
        """Calls in progress, as of its last statistics line (each second)."""
        return int(self._statistics().get("CurrentCall") or 0)

    def created(self) -> int:
        """Calls begun so far."""
        return int(self._statistics().get("TotalCallCreated") or 0)

    def result(self, timeout_s: float = 90.0) -> SippResult:
        """Wait for its end."""
        code = self.process.wait(timeout_s)
        row = self._statistics()
        assert row, f"SIPp did not run: {(self.folder / 'stdout.txt').read_text(errors='replace')[-2000:]}"
        errors = self.folder / "errors.log"
        return SippResult(
            code,
            int(row["TotalCallCreated"]),
            int(row["SuccessfulCall(C)"]),
            int(row["FailedCall(C)"]),
            int(row["Retransmissions(C)"]),
            errors.read_text(errors="replace")[:4000] if errors.exists() else "",
        )

    def _statistics(self) -> dict[str, str]:
        try:
            with (self.folder / "stat.csv").open() as file:
                rows = list(csv.reader(file, delimiter=";"))
        except FileNotFoundError:
            return {}
        return dict(zip(rows[0], rows[-1], strict=False)) if len(rows) > 1 else {}


@contextmanager
def sipp(system: System, scenario: str, number: str, *options: str, calls: int = 1, rate: float = 10,
         caller: str = "138") -> Iterator[Sipp]:  # fmt: skip
    """Run ``scenarios/SCENARIO.xml`` ``calls`` times at ``rate`` a second; killed at the end if it still runs.

    The calling number is ``caller`` and the count of the call: "138" calls as 1381, 1382 ...
    """
    with tempfile.TemporaryDirectory(prefix="sipp-") as folder:
        command = [
            "sipp", system.sip, "-sf", str(SCENARIOS / f"{scenario}.xml"), "-s", number, "-i", "127.0.0.1",
            "-m", str(calls), "-r", str(rate), "-l", str(max(calls, 10)), "-key", "caller", caller, "-nostdin",
            "-deadcall_wait", "0", "-trace_stat", "-stf", f"{folder}/stat.csv", "-fd", "1", "-trace_err", "-error_file",
            f"{folder}/errors.log", "-buff_size", "4000000", *options,
        ]  # fmt: skip
        with (Path(folder) / "stdout.txt").open("wb") as out:
            process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            yield Sipp(process, Path(folder))
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def run_sipp(system: System, scenario: str, number: str, *options: str, calls: int = 1, rate: float = 10,
             caller: str = "138", timeout_s: float = 90.0) -> SippResult:  # fmt: skip
    """:func:`sipp` from beginning to end."""
    with sipp(system, scenario, number, *options, calls=calls, rate=rate, caller=caller) as running:
        return running.result(timeout_s)


def settle(seconds: float) -> None:
    """Let a real call go on for a while (these tests use the wall clock: that is what they are about)."""
    time.sleep(seconds)
