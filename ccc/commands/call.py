"""``ccc call``: dial a running system like a telephone and print what happens."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from pathlib import Path

import click

from ccc.caller import audio
from ccc.caller.call import Call, Plan
from ccc.caller.report import Report
from ccc.caller.rtp import KEYS, PAUSE
from ccc.commands.common import home_option
from ccc.errors import UsageError
from ccc.home import Home
from ccc.settings import load, split_address


@click.command(epilog="Exit codes: 0 answered, 3 refused, 4 no answer, 2 wrong usage.")
@home_option
@click.argument("number")
@click.option("--to", default=None, help="HOST:PORT to call; default: the SIP address of this installation.")
@click.option("--from", "caller", default="13900000000", show_default=True, help="The calling number.")
@click.option("--keys", default="", help="Keys to press once something is heard; a comma waits a second (1,2#).")
@click.option("--wav", type=click.Path(path_type=Path, dir_okay=False), help="Say this file once, then be silent.")
@click.option("--tone", type=click.IntRange(0, 3900), help="Whistle at HZ; 0 is silence. Default: 440 Hz beeps.")
@click.option("--record", type=click.Path(path_type=Path, dir_okay=False), help="Write what is heard (WAV, 8 kHz).")
@click.option("--seconds", type=click.FloatRange(0), help="Hang up so long after the answer; default: stay.")
@click.option("--ring-seconds", type=click.FloatRange(0.1), default=60.0, show_default=True, help="Give up after.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end, no trace.")
def call(
    home: Home, number: str, to: str | None, caller: str, keys: str, wav: Path | None, tone: int | None,
    record: Path | None, seconds: float | None, ring_seconds: float, as_json: bool,
) -> None:  # fmt: skip
    """Dial NUMBER like a telephone: own SIP, own sound. Ctrl-C hangs up."""
    keys = keys.upper()
    wrong = [key for key in keys if key not in KEYS + PAUSE]
    if wrong:
        raise UsageError(f"{wrong[0]!r} is no key; keys are {KEYS} and {PAUSE} (wait a second)", field="keys")
    if any(not part or not part.isascii() or set(part) & set(' <>"@;?:/\r\n') for part in (number, caller)):
        raise UsageError(f"{number!r} or {caller!r} is no number to dial; use digits, letters, + * #", field="number")
    sound, repeated = _sound(wav, tone)
    plan = Plan(number, _target(home, to), caller, sound, repeated, keys, seconds, ring_seconds, record)
    # The stack's warnings (small socket buffers) are for servers.
    logging.getLogger("ccc.sip").setLevel(logging.ERROR)
    report = asyncio.run(_run(plan, quiet=as_json))
    click.echo(json.dumps(report.as_dict(), ensure_ascii=False) if as_json else report.summary())
    sys.exit(report.exit_code)


async def _run(plan: Plan, *, quiet: bool) -> Report:
    placed = Call(plan, lambda line: None if quiet else click.echo(line))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, placed.hang_up)
    return await placed.run()


def _sound(wav: Path | None, tone: int | None) -> tuple[bytes, bool]:
    """A-law and whether it is repeated."""
    if wav is not None and tone is not None:
        raise UsageError("--wav and --tone exclude each other", field="tone")
    if wav is not None:
        return audio.load(wav), False
    if tone is None:
        return audio.beeps(), True
    return (audio.tone(tone) if tone else b""), True


def _target(home: Home, to: str | None) -> tuple[str, int]:
    if to is None:
        settings = load(home, {})
        host = "127.0.0.1" if settings.sip_host in ("0.0.0.0", "::") else settings.sip_host  # noqa: S104
        return host, settings.sip_port
    try:
        return split_address(to if ":" in to else f"{to}:5060")
    except ValueError:
        raise UsageError(f"{to!r} is no address; write HOST:PORT, e.g. 127.0.0.1:5060", field="to") from None
