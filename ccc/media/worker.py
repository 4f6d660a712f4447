"""The media worker as a process: one loop, one runtime connection, an end when its parent or SIGTERM says so."""

from __future__ import annotations

import gc
import logging
import os
import resource
import signal
import socket
import sys
import time
from pathlib import Path

from ccc.errors import ConfigError
from ccc.media.control import ControlServer
from ccc.media.engine import Engine
from ccc.media.poller import Poller
from ccc.media.settings import WorkerSettings
from ccc.media.transport import BrowserMux
from ccc.media.udp import udp_socket
from ccc.media.webrtc import WebRtcMux

log = logging.getLogger(__name__)

LOAD_S = 1.0
PRIORITY = -10
SWITCH_INTERVAL_S = 0.0005
"""A writing thread gives the interpreter back after 0.5 ms (default: 5 ms, a quarter of a frame)."""


class Worker:
    """Engine, control socket and the load event, on one poller."""

    def __init__(self, poller: Poller, socket_path: Path, settings: WorkerSettings) -> None:
        self.poller = poller
        self._parent = settings.parent_pid or os.getppid()
        mux: BrowserMux | None = None
        try:
            udp_socket(settings.bind_ip, 0).close()  # an address that is not ours shows at the start, not in a call
            if settings.webrtc_port >= 0:
                ip = settings.webrtc_ip or settings.bind_ip
                mux = WebRtcMux(poller, ip, settings.webrtc_port, settings.public_ip, limit=settings.capacity)
            self.engine = Engine(poller, settings, self._emit, mux)
            self.control = ControlServer(poller, socket_path, self.engine.handle, self._load, self.engine.close_all)
        except OSError as error:
            raise ConfigError(f"the media worker cannot start: {error}") from error
        self._cpu_s = time.process_time()
        self._cpu_at = poller.now
        poller.on_idle = self._flush
        poller.call_at(poller.now + LOAD_S, self._each_second)

    def _emit(self, event: dict[str, object]) -> None:
        self.control.send(event)

    def _flush(self) -> None:
        self.engine.flush()
        self.control.flush()

    def _each_second(self) -> None:
        if os.getppid() != self._parent:
            log.warning("media: the supervisor is gone; the worker ends")
            self.poller.stop()
            return
        self._load()
        self.poller.call_at(self.poller.now + LOAD_S, self._each_second)

    def _load(self) -> None:
        """The ``load`` event: share of a core since the last one, legs, packets dropped so far."""
        cpu_s, now = time.process_time(), self.poller.now
        elapsed_s = max(now - self._cpu_at, 1e-3)
        cpu = (cpu_s - self._cpu_s) / elapsed_s
        self._cpu_s, self._cpu_at = cpu_s, now
        late_ms, self.engine.ticker.late_s = self.engine.ticker.late_s * 1000, 0.0
        self._emit(
            {
                "ev": "load",
                "legs": len(self.engine.legs),
                "cpu": round(cpu, 4),
                "drops": self.engine.drops(),
                "late_ms": round(late_ms, 2),
            }
        )

    def close(self) -> None:
        self.engine.close_all()
        self.control.close()
        self.engine.shutdown()


def run(socket_path: Path, settings: WorkerSettings) -> None:
    """Serve until SIGTERM or SIGINT, or until the parent is gone. ConfigError when a port or socket is taken."""
    _raise_file_limit()
    poller = Poller()
    wake, woken = socket.socketpair()
    for end in (wake, woken):
        end.setblocking(False)
    worker = Worker(poller, socket_path, settings)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    _raise_priority()
    poller.add(woken.fileno(), poller.stop)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)  # the wake-up descriptor ends the loop
    # Legs make no cycles (tests/media/test_gc.py), so collections would only cost pauses.
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        poller.run()
    finally:
        worker.close()
        signal.set_wakeup_fd(-1)
        poller.close()
        wake.close()
        woken.close()


def _raise_priority() -> None:
    """Sound before everything else on the machine, where the system allows it (root, CAP_SYS_NICE, LimitNICE=).

    The disk threads too: one that waits for the processor with the interpreter's lock held would hold up the sound.
    """
    try:
        for thread in Path("/proc/self/task").iterdir():
            os.setpriority(os.PRIO_PROCESS, int(thread.name), PRIORITY)
    except PermissionError:
        log.info("media: no right to raise the worker's priority; a busy machine will be heard")


def _raise_file_limit() -> None:
    """Two sockets a leg: take all the descriptors the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
