"""A supervised child: restarted when it dies, given up when it says the configuration is wrong."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from ccc.supervisor.children import Child, FatalChildError


def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Child:
    """A child whose ``ccc`` is a script of the test: the real command line is tested with whole calls."""
    fake = tmp_path / "python"
    fake.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{script}'\n")
    fake.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(fake))
    return Child("part", ["part"], {}, stop_s=2.0)


def test_a_killed_child_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = child(tmp_path, monkeypatch, "import time; time.sleep(60)")

    async def main() -> None:
        task = asyncio.create_task(part.run())
        first = await started(part, None)
        os.kill(first, signal.SIGKILL)
        second = await started(part, first)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert second != first
        with pytest.raises(ProcessLookupError):
            os.kill(second, 0)

    asyncio.run(main())


def test_exit_code_2_is_not_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = child(tmp_path, monkeypatch, "raise SystemExit(2)")
    with pytest.raises(FatalChildError):
        asyncio.run(part.run())
    assert part.restarts == 0


async def started(part: Child, before: int | None) -> int:
    async with asyncio.timeout(10):
        while part.process is None or part.process.pid == before:
            await asyncio.sleep(0.01)
    return part.process.pid
