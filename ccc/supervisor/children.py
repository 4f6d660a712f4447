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
PROVEN_S = 10.0
"""Who ran so long was configured well: exit code 2 then is one part's trouble, not the installation's."""
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
        """Start the process again whenever it ends. FatalChildError when it exits with code 2 before it ever ran well.

        Later a wrong setting of the pages, say, must not end the calls.
        """
        failures = 0
        proven = False
        while True:
            started = time.monotonic()
            code = await self._live()
            ran_s = time.monotonic() - started
            proven = proven or ran_s > PROVEN_S
            if code == EXIT_CONFIG and not proven:
                raise FatalChildError(self.name)
            failures = 0 if ran_s > STEADY_S else failures + 1
            delay = BACK_OFF_S[min(failures, len(BACK_OFF_S)) - 1] if failures else 0.0
            log.warning("%s ended (%s); starting it again in %.1f s", self.name, _describe(code), delay)
            self.restarts += 1
            await asyncio.sleep(delay)

    async def _live(self) -> int | None:
        """One life of the process: its exit code, None when it could not even be started."""
        try:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "ccc.cli", *self._arguments, env=self._environment, start_new_session=True
            )
        except OSError as error:  # no memory, no process left: that may pass, and the others go on
            log.error("%s cannot be started: %s", self.name, error.strerror)
            return None
        try:
            return await self.process.wait()
        except asyncio.CancelledError:
            await self._stop(self.process)
            raise

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


def _describe(code: int | None) -> str:
    if code is None:
        return "not started"
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
