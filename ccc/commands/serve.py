"""``ccc serve``: the supervisor and its children."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from ccc.commands.common import home_option
from ccc.home import Home
from ccc.settings import SETTINGS, load
from ccc.supervisor.main import serve as run_supervisor


def setting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """One click option for every declared setting."""
    for setting in reversed(SETTINGS):
        text = f"{setting.help} [{setting.variable}; default {setting.default or 'none'}]"
        command = click.option(setting.option, setting.name, default=None, help=text)(command)
    return command


@click.command()
@home_option
@setting_options
@click.option("--demo", is_flag=True, help="Fill an empty installation with a demonstration; SIP on 127.0.0.1 only.")
def serve(home: Home, demo: bool, **flags: Any) -> None:
    """Run web, telephone side, media workers and jobs; a part that dies is started again."""
    sys.exit(run_supervisor(home, load(home, flags, demo=demo)))
