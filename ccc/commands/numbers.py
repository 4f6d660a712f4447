"""``ccc numbers``: list an instance's numbers, close them in an emergency, open them again."""

from __future__ import annotations

import json
from datetime import datetime

import click

from ccc.commands.common import home_option
from ccc.commands.user import opened, pick_instance
from ccc.errors import UsageError
from ccc.home import Home
from ccc.loader import load
from ccc.services import closures, wall_clock
from ccc.services import numbers as service
from ccc.services.actor import SYSTEM
from ccc.services.closures import Closing
from ccc.store.base import utc_now
from ccc.store.repos.closures import ClosureRecord

_instance = click.option("--instance", help="The instance [default: the only one].")
_numbers = click.argument("numbers", nargs=-1, required=True, metavar="NUMBER...")


@click.group()
def numbers() -> None:
    """List numbers; close them in an emergency and open them again."""


@numbers.command("list")
@home_option
@_instance
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(home: Home, instance: str | None, as_json: bool) -> None:
    """List the numbers with the flow they run and, of closed ones, who closed them, why and until when."""
    with opened(home) as store:
        where = pick_instance(store, instance)
        closed = {item.number: item for item in closures.closed_numbers(store, SYSTEM, where, utc_now())}
        for item in service.instance_numbers(store, SYSTEM, where):
            closure = closed.get(item.number)
            if as_json:
                shape = {"number": item.number, "flow": item.flow, "closure": _shape(closure) if closure else None}
                click.echo(json.dumps(shape, ensure_ascii=False))
            else:
                click.echo(f"{item.number:<20} {item.flow or '-':<20} {_words(closure) if closure else ''}".rstrip())


@numbers.command("close")
@home_option
@_numbers
@_instance
@click.option("--reason", required=True, help="Why, for the pages, the log and the call records.")
@click.option(
    "--until", metavar="TIME", help="Open again by itself then, e.g. '2026-11-22 09:00', on the instance's clock."
)
@click.option("--text", default="", help="Callers hear this text [default: our own in Chinese and English].")
@click.option("--voice", default="", help="The voice that says it.")
@click.option("--audio", default="", help="Callers hear this audio of the instance.")
@click.option("--flow", default="", help="Calls run this published flow.")
def close(
    home: Home, numbers: tuple[str, ...], instance: str | None, reason: str, until: str | None, text: str, voice: str,
    audio: str, flow: str,
) -> None:  # fmt: skip
    """Close each NUMBER for new calls at once; calls in progress go on."""
    given = {name: value for name, value in (("text", text), ("audio", audio), ("flow", flow)) if value}
    if len(given) > 1:
        raise UsageError(f"give only one of --{' and --'.join(given)}", field=next(iter(given)))
    says = next(iter(given), "default")
    with opened(home) as store:
        where = pick_instance(store, instance)
        end = wall_clock.moment(store, where, until, field="until") if until else None
        how = Closing(reason, end, says, text, voice, audio, flow)  # type: ignore[arg-type]
        for item in closures.close_numbers(store, load(), SYSTEM, where, numbers, how, utc_now()):
            click.echo(f"{item.number}: {_words(item)}")


@numbers.command("open")
@home_option
@_numbers
@_instance
def open_(home: Home, numbers: tuple[str, ...], instance: str | None) -> None:
    """Open each NUMBER again."""
    with opened(home) as store:
        done = closures.open_numbers(store, SYSTEM, pick_instance(store, instance), numbers, utc_now())
    for number in numbers:
        click.echo(f"{number}: {'open again' if number in done else 'was not closed'}")


def _words(item: ClosureRecord) -> str:
    end = f" until {_utc(item.until)}" if item.until else ""
    says = {"flow": f"calls run {item.flow}", "audio": f"callers hear {item.audio}"}.get(item.says, "callers are told")
    return f"CLOSED{end} by {item.by} since {_utc(item.at)}: {item.reason} ({says})"


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _shape(item: ClosureRecord) -> dict[str, object]:
    shape: dict[str, object] = {name: getattr(item, name) for name in ("by", "reason", "says", "text", "audio", "flow")}
    return shape | {"at": item.at.isoformat(), "until": item.until.isoformat() if item.until else None}
