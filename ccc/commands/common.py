"""What every command shares: ``--home DIR``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ccc.home import Home, default_home


def _home(ctx: click.Context, parameter: click.Parameter, value: str | None) -> Home:
    return Home(Path(value).expanduser().resolve()) if value else default_home()


def home_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--home DIR``; the command gets ``home: ccc.home.Home`` (default: ``CCC_HOME`` or ``instance/``)."""
    option = click.option(
        "--home",
        "home",
        metavar="DIR",
        default=None,
        callback=_home,
        type=click.Path(file_okay=False),
        help="Folder of this installation [CCC_HOME; default: instance/ beside the code].",
    )
    return option(command)
