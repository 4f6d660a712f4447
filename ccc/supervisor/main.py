"""``ccc serve``: prepares the installation, then keeps four kinds of child alive (DESIGN "Processes")."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import click

from ccc import logs, process
from ccc.bus import request_async
from ccc.errors import ConfigError, UnavailableError
from ccc.home import Home
from ccc.settings import Settings, join_address
from ccc.supervisor.children import Child, FatalChildError

log = logging.getLogger(__name__)
READY_POLL_S = 0.05
LOCAL_HOSTS = ("127.0.0.1", "0.0.0.0", "::1", "::")  # noqa: S104  # compared with, not bound


def serve(home: Home, settings: Settings) -> int:
    """Run until SIGINT or SIGTERM; returns the exit code. ConfigError before anything was started."""
    process.private_files()
    home.create()
    with _only_one(home):
        _check_ports(settings)
        home.prepared.unlink(missing_ok=True)
        logs.set_up(home, "serve", settings.log_level)
        return asyncio.run(_Supervisor(home, settings).run())


@contextlib.contextmanager
def _only_one(home: Home) -> Iterator[None]:
    with (home.run / "serve.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise ConfigError(
                f"CCC is already running in {home.root} (pid {file.read().strip() or 'unknown'}); stop it or use --home"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _check_ports(settings: Settings) -> None:
    wanted = [
        ("HTTP", socket.SOCK_STREAM, settings.http_host, settings.http_port, "--http"),
        ("SIP", socket.SOCK_DGRAM, settings.sip_host, settings.sip_port, "--sip"),
    ]
    wanted += [
        ("browser audio", socket.SOCK_DGRAM, settings.media_bind, settings.webrtc_port + number, "--webrtc-port")
        for number in range(settings.media_workers)
    ]
    for what, kind, host, port, option in wanted:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise ConfigError(
                    f"{what} cannot listen on {join_address(host, port)}: {os.strerror(error.errno or 0).lower()}; "
                    f"choose another with {option}"
                ) from error


class _Supervisor:
    def __init__(self, home: Home, settings: Settings) -> None:
        self._home = home
        self._settings = settings
        self._environment = environment = settings.to_environment()
        quick, slow = 5.0, settings.drain_s + 5.0
        self._media = [
            Child(f"media-{k}", ["media", str(k), *self._base()], environment, quick)
            for k in range(settings.media_workers)
        ]
        self._runtime = Child("runtime", ["runtime", *self._base()], environment, slow)
        self._web = Child("web", ["web", *self._base()], environment, quick)
        self._jobs = Child("jobs", ["jobs", *self._base()], environment, quick)

    def _base(self) -> list[str]:
        demo = ["--demo"] if self._settings.demo else []
        return ["--home", str(self._home.root), *demo]

    async def run(self) -> int:
        """Media and runtime start at once (they need only the snapshot); web and jobs after the store is upgraded."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._on_signal, stop)
        children = [asyncio.create_task(child.run()) for child in (*self._media, self._runtime)]
        store_side = asyncio.create_task(self._store_side())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([*children, store_side, stopping], return_when=asyncio.FIRST_COMPLETED)
            ended = [task for task in (*children, store_side) if task.done()]
            for task in ended:
                if isinstance(task.exception(), FatalChildError):
                    return 2
                task.result()
            return 0
        finally:
            # The telephone side goes last, so that calls are not cut before they had their time to end.
            await _cancel([store_side, stopping])
            await _cancel([children[-1]])
            await _cancel(children)

    def _on_signal(self, stop: asyncio.Event) -> None:
        if stop.is_set():
            for child in (*self._media, self._runtime, self._web, self._jobs):
                if child.process is not None and child.process.returncode is None:
                    child.process.kill()
            os._exit(1)
        sys.stderr.write("stopping; calls in progress may end first (again to stop at once)\n")
        stop.set()

    async def _store_side(self) -> None:
        """Web loads its code while the store is prepared and serves after that; jobs, needed last, come last."""
        web = asyncio.create_task(self._web.run())
        tasks = [web]
        try:
            prepare = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "ccc.cli", "prepare", *self._base(), env={**os.environ, **self._environment}
            )
            if await _ended(prepare) != 0:
                raise FatalChildError("prepare")
            self._home.prepared.touch()
            tasks.append(asyncio.create_task(self._announce()))
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            tasks.append(asyncio.create_task(self._jobs.run()))
            done, _ = await asyncio.wait([web, tasks[-1]], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await _cancel(tasks)

    async def _announce(self) -> None:
        """Print where to go once calls are taken and pages served."""
        settings = self._settings
        while True:
            try:
                await request_async(self._home.socket("runtime"), {"op": "health"}, 1.0)
                _, writer = await asyncio.open_connection(settings.http_host, settings.http_port)
                writer.close()
                break
            except (UnavailableError, OSError):
                await asyncio.sleep(READY_POLL_S)
        scheme = "https" if settings.https else "http"
        host = "localhost" if settings.http_host in LOCAL_HOSTS else settings.http_host
        click.echo(
            f"CCC is ready: {scheme}://{join_address(host, settings.http_port)}/   SIP "
            f"{join_address(settings.sip_host, settings.sip_port)}/udp",
        )
        with contextlib.suppress(FileNotFoundError):  # there only while nobody can sign in
            path = self._home.first_start.read_text("utf-8").strip()
            address = f"{scheme}://{join_address(host, settings.http_port)}"
            click.echo(f"First start: make the owner at {address}{path}")
        if settings.demo:
            dial = "" if settings.sip_port == 5060 else f" --to 127.0.0.1:{settings.sip_port}"
            click.echo(
                f"Hear a call: .venv/bin/ccc call 4000{dial}   (4001 menu, 4002 self-service)\n"
                "For other machines: .venv/bin/ccc serve --demo --tls self --http 0.0.0.0:8443 --sip 0.0.0.0:5060",
            )


async def _ended(process: asyncio.subprocess.Process) -> int:
    """Its exit code. Nobody must be left working on the store when we are stopped meanwhile."""
    try:
        return await process.wait()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        raise


async def _cancel(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
