"""The worker as a process, driven by the runtime's own client."""

from __future__ import annotations

import asyncio
import contextlib
import json
import multiprocessing
import os
import signal
import socket
import struct
import subprocess
import sys
import time
import wave
from collections.abc import AsyncIterator, Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from ccc.audio import tones
from ccc.bus.frames import pack
from ccc.errors import CccError, ConflictError, InvalidError, NotFoundError, UnavailableError
from ccc.media.client import MediaWorker
from ccc.media.settings import WorkerSettings
from ccc.media.worker import run
from tests.media.conftest import Phone


def start(folder: Path, **settings: Any) -> BaseProcess:
    wanted = WorkerSettings(relay=folder / "m.relay", rtp_first=43000, rtp_last=43199, webrtc_port=0, **settings)
    process = multiprocessing.get_context("spawn").Process(target=run, args=(folder / "m.sock", wanted))
    process.start()
    return process


def stop(process: BaseProcess) -> None:
    process.terminate()
    process.join(10)
    assert process.exitcode == 0


class Runtime(MediaWorker):
    """A client that keeps what it is told."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "m.sock")
        self.events: list[dict[str, Any]] = []
        self.lost: list[str] = []
        self.on_event = self.events.append
        self.on_lost = self.lost.append

    async def until(self, condition: Callable[[], Any], timeout_s: float = 5.0) -> Any:
        async with asyncio.timeout(timeout_s):
            while not (result := condition()):
                await asyncio.sleep(0.005)
        return result

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["ev"] == kind]


@contextlib.asynccontextmanager
async def working(folder: Path, **settings: Any) -> AsyncIterator[Runtime]:
    process = start(folder, **settings)
    runtime = Runtime(folder)
    try:
        await runtime.connect(20)
        yield runtime
        await runtime.close()
    finally:
        stop(process)


def test_a_call_through_the_client(short_dir: Path) -> None:
    async def call() -> None:
        async with working(short_dir, capacity=2) as runtime:
            phone = Phone()
            prompt = short_dir / "p.al"
            prompt.write_bytes(tones.sine(440, 0.2))
            phone.leg_at = await runtime.open_rtp("a", phone.sock.getsockname(), dtmf_pt=101)
            assert phone.leg_at[1] % 2 == 0
            runtime.play("a", "hello", [str(prompt), {"silence_ms": 40}])
            await runtime.until(lambda: runtime.of("played"))
            assert len(phone.heard()) == 12
            phone.say(struct.pack("!BBH", 5, 10, 160), pt=101)
            assert (await runtime.until(lambda: runtime.of("dtmf")))[0]["key"] == "5"
            await runtime.update("a", hold=True)
            await errors(runtime)
            stats = await runtime.stats()
            assert (stats["legs"], stats["capacity"], stats["relay"]) == (2, 2, str(short_dir / "m.relay"))
            closed = await runtime.close_leg("a")
            assert (closed["rx"], closed["tx"], closed["lost"]) == (1, 12, 0)
            load = await runtime.until(lambda: [event for event in runtime.of("load") if event["legs"] == 1])
            assert 0 <= load[0]["cpu"] < 2
            phone.sock.close()

    async def errors(runtime: Runtime) -> None:
        with pytest.raises(ConflictError, match="open already"):
            await runtime.open_rtp("a", None)
        await runtime.open_rtp("b", None)
        with pytest.raises(UnavailableError, match="full") as full:
            await runtime.open_rtp("c", None)
        assert full.value.code == "full"
        with pytest.raises(NotFoundError, match="no leg 'x'"):
            await runtime.close_leg("x")
        with pytest.raises(InvalidError, match="absolute"):
            await runtime.record("a", Path("relative.wav"))
        with pytest.raises(InvalidError, match="remote"):
            await runtime.update("a", remote=["example.org", 4000])
        with pytest.raises(InvalidError, match="pt must be"):
            await runtime.update("a", pt=3)
        with pytest.raises(InvalidError, match="knows no 'dance'"):
            await runtime.request("dance", leg="a")
        with pytest.raises(InvalidError, match="not a browser leg"):
            await runtime.reoffer("a", "v=0")
        with pytest.raises(CccError, match=r".+"):
            await runtime.request("open", leg="web", kind="webrtc", offer="no sdp")

    asyncio.run(call())


def test_a_lost_runtime_ends_the_legs_and_a_new_one_is_served(short_dir: Path) -> None:
    async def calls() -> None:
        async with working(short_dir) as first:
            for number in range(5):
                await first.open_rtp(f"leg{number}", None)
            second = Runtime(short_dir)
            with pytest.raises(UnavailableError, match="does not answer"):
                await second.connect(0.3)
            await asyncio.sleep(0.05)
            assert not second.connected
            assert not second.lost
            assert not first.lost, "a second runtime is refused while the first is there"
            await first.close()
            third = Runtime(short_dir)
            await third.connect()
            assert (await third.stats())["legs"] == 0
            await third.open_rtp("leg0", None)
            await third.close()

    asyncio.run(calls())


def test_garbage_on_the_control_socket_ends_only_that_connection(short_dir: Path) -> None:
    async def calls() -> None:
        async with working(short_dir) as runtime:
            await runtime.close()
            await asyncio.sleep(0.05)
            for junk in (b"\xff" * 100, b"\0\0\0\x03abc", pack({"op": 1}) + b"\0\0\0\x02[]"):
                with socket.socket(socket.AF_UNIX) as raw:
                    raw.settimeout(5)
                    raw.connect(str(short_dir / "m.sock"))
                    raw.sendall(junk)
                    while raw.recv(65536):
                        pass
            again = Runtime(short_dir)
            await again.connect()
            assert (await again.stats())["legs"] == 0
            await again.close()

    asyncio.run(calls())


def test_a_dead_worker_is_noticed_by_requests_and_on_lost(short_dir: Path) -> None:
    async def calls() -> None:
        process = start(short_dir)
        runtime = Runtime(short_dir)
        await runtime.connect(20)
        process.kill()
        await runtime.until(lambda: runtime.lost)
        with pytest.raises(UnavailableError) as error:
            await runtime.stats()
        assert error.value.code == "media-worker-died"
        process.join(5)
        with pytest.raises(UnavailableError, match="does not answer"):
            await runtime.connect(0.1)

    asyncio.run(calls())


def test_kill_9_leaves_a_playable_recording(short_dir: Path) -> None:
    async def calls() -> None:
        process = start(short_dir)
        runtime = Runtime(short_dir)
        await runtime.connect(20)
        phone = Phone()
        phone.leg_at = await runtime.open_rtp("a", phone.sock.getsockname())
        await runtime.record("a", short_dir / "rec" / "a.wav")
        sine = tones.sine(1000, 4, fade_ms=0)
        for number in range(150):
            phone.say(sine[number * 160 : number * 160 + 160])
            await asyncio.sleep(0.02)
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join(5)
        await runtime.close()
        phone.sock.close()

    asyncio.run(calls())
    with wave.open(str(short_dir / "rec" / "a.wav")) as file:
        assert file.getnframes() >= 1.5 * 8000
        assert len(file.readframes(10**9)) == file.getnframes() * 4


PARENT = """
import json, multiprocessing, sys, time
from pathlib import Path
from ccc.media.settings import WorkerSettings
from ccc.media.worker import run
if __name__ == "__main__":
    folder = Path(sys.argv[1])
    settings = WorkerSettings(relay=folder / "m.relay", rtp_first=43200, rtp_last=43299, webrtc_port=-1)
    child = multiprocessing.get_context("spawn").Process(target=run, args=(folder / "m.sock", settings))
    child.start()
    print(json.dumps(child.pid), flush=True)
    time.sleep(60)
"""


def test_a_worker_whose_parent_is_killed_ends(short_dir: Path) -> None:
    script = short_dir / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen([sys.executable, str(script), str(short_dir)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = json.loads(parent.stdout.readline())

    async def wait_ready() -> None:
        runtime = Runtime(short_dir)
        await runtime.connect(20)
        await runtime.close()

    asyncio.run(wait_ready())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while Path(f"/proc/{child}/cmdline").exists() and Path(f"/proc/{child}/cmdline").read_bytes():
        assert time.monotonic() < deadline, "the worker outlives its parent"
        time.sleep(0.05)
    assert not (short_dir / "m.sock").exists()


def test_a_taken_browser_port_is_a_clear_error(short_dir: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        settings = WorkerSettings(relay=short_dir / "r", webrtc_port=taken.getsockname()[1])
        with pytest.raises(CccError) as error:
            run(short_dir / "m.sock", settings)
    assert error.value.exit_code == 2


def test_an_address_that_is_not_ours_is_a_clear_error(short_dir: Path) -> None:
    with pytest.raises(CccError, match="Cannot assign") as error:
        run(short_dir / "m.sock", WorkerSettings(relay=short_dir / "r", bind_ip="192.0.2.1", webrtc_port=-1))
    assert error.value.exit_code == 2
