"""The parts ``ccc serve`` starts; each also runs by itself on its own machine or container."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import click

from ccc import logs, process
from ccc.commands.common import home_option
from ccc.commands.serve import setting_options
from ccc.home import Home
from ccc.settings import Settings, load

PREPARED_POLL_S = 0.02


def _start(home: Home, name: str, demo: bool, flags: dict[str, Any]) -> Settings:
    process.private_files()
    home.create()
    settings = load(home, flags, demo=demo)
    logs.set_up(home, name, settings.log_level)
    process.raise_file_limit()
    if supervisor := os.environ.get("CCC_SUPERVISOR"):
        process.end_with_parent(int(supervisor))
    return settings


def _part(name: str, module: str, text: str, *, needs_store: bool = False) -> click.Command:
    @click.command(name, help=text)
    @home_option
    @setting_options
    @click.option("--demo", is_flag=True)
    def command(home: Home, demo: bool, **flags: Any) -> None:
        settings = _start(home, name, demo, flags)
        # Each process imports its own side only: the telephone side must not carry Flask or SQLAlchemy.
        run: Callable[[Home, Settings], None] = process.load_code(module).run
        if needs_store and "CCC_SUPERVISOR" in os.environ:
            while not home.prepared.exists():
                time.sleep(PREPARED_POLL_S)
        run(home, settings)

    return command


runtime = _part("runtime", "ccc.runtime.main", "Run only the telephone side: SIP, calls, flows, agents' WebSocket.")
web = _part("web", "ccc.web.main", "Run only the web pages.", needs_store=True)
jobs = _part("jobs", "ccc.jobs.main", "Run only the jobs: journal to store, TTS, clean-up.", needs_store=True)
prepare = _part("prepare", "ccc.services.prepare", "Upgrade the store and, with --demo, fill it; then end.")


@click.command("media")
@click.argument("number", type=click.IntRange(0, 63))
@home_option
@setting_options
@click.option("--demo", is_flag=True)
def media(number: int, home: Home, demo: bool, **flags: Any) -> None:
    """Run only media worker NUMBER."""
    settings = _start(home, f"media-{number}", demo, flags)
    process.load_code("ccc.media.main").run(home, settings, number)
