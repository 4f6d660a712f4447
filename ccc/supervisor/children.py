"""One child process: started, watched, restarted with back-off."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence

log = logging.getLogger(__name__)

BACK_OFF_S = (0.1, 0.3, 1.0, 2.0, 5.0, 10.0)
STEADY_S = 60.0
EXIT_CONFIG = 2


class FatalChildError(Exception):
    """A child said that the configuration is wrong: restarting cannot help."""


class Child:
    """A supervised process ``ccc ARGS``. ``run`` keeps it alive until cancelled."""

    def __init__(self, name: str, arguments: Sequence[str], environment: Mapping[str, str], stop_s: float) -> None:
        self.name = name
        self._arguments = arguments
        self._environment = {**os.environ, **environment, "CCC_SUPERVISOR": str(os.getpid())}
        self._stop_s = stop_s
        self.process: asyncio.subprocess.Process | None = None
        self.restarts = 0

    async def run(self) -> None:
        """Start the process again whenever it ends. FatalChildError when it exits with code 2."""
        failures = 0
        while True:
            started = time.monotonic()
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "ccc.cli", *self._arguments, env=self._environment, start_new_session=True
            )
            try:
                code = await self.process.wait()
            except asyncio.CancelledError:
                await self._stop(self.process)
                raise
            if code == EXIT_CONFIG:
                raise FatalChildError(self.name)
            failures = 0 if time.monotonic() - started > STEADY_S else failures + 1
            delay = BACK_OFF_S[min(failures, len(BACK_OFF_S)) - 1] if failures else 0.0
            log.warning("%s ended (%s); starting it again in %.1f s", self.name, _describe(code), delay)
            self.restarts += 1
            await asyncio.sleep(delay)

    async def _stop(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(self._stop_s):
                await process.wait()
        except TimeoutError:
            log.warning("%s did not stop within %.0f s; killed", self.name, self._stop_s)
            process.kill()
            await process.wait()


def _describe(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
