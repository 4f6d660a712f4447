"""A supervised child: restarted when it dies, given up when it says the configuration is wrong."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from ccc.supervisor.children import Child, FatalChildError
from ccc.supervisor.main import _ended


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


def test_exit_code_2_after_a_good_start_does_not_end_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody broke config.toml, then the pages died: calls go on."""
    part = child(tmp_path, monkeypatch, "import time; time.sleep(0.3); raise SystemExit(2)")
    monkeypatch.setattr("ccc.supervisor.children.PROVEN_S", 0.1)

    async def main() -> None:
        task = asyncio.create_task(part.run())
        async with asyncio.timeout(20):
            while part.restarts < 2:
                await asyncio.sleep(0.01)
        assert not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())


def test_a_child_that_cannot_be_started_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = child(tmp_path, monkeypatch, "import time; time.sleep(60)")
    fake = Path(sys.executable)
    fake.chmod(0o644)

    async def main() -> None:
        task = asyncio.create_task(part.run())
        async with asyncio.timeout(10):
            while part.restarts < 1:
                await asyncio.sleep(0.01)
        assert part.process is None
        fake.chmod(0o755)
        await started(part, None)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())


def test_a_preparation_does_not_outlive_the_supervisor() -> None:
    async def main() -> None:
        process = await asyncio.create_subprocess_exec("sleep", "60")
        task = asyncio.create_task(_ended(process))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert process.returncode == -signal.SIGTERM

    asyncio.run(main())


async def started(part: Child, before: int | None) -> int:
    async with asyncio.timeout(10):
        while part.process is None or part.process.pid == before:
            await asyncio.sleep(0.01)
    return part.process.pid
