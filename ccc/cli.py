"""The ``ccc`` command: the composition root. Each command is imported only when it runs: ``--help`` is quick."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from ccc import __version__
from ccc.errors import CccError

# name -> (module:attribute, one line for --help, section)
COMMANDS: dict[str, tuple[str, str, str]] = {
    "serve": ("ccc.commands.serve:serve", "Run the whole call centre (what `make run` starts).", "Run"),
    "call": ("ccc.commands.call:call", "Dial a running system like a telephone and print what happens.", "Run"),
    "calls": ("ccc.commands.calls:calls", "List past calls with the path they took.", "Look"),
    "ports": ("ccc.commands.ports:ports", "Print the firewall list of this installation.", "Look"),
    "plugins": ("ccc.commands.plugins:plugins", "List plugins: what loaded and what was refused, and why.", "Look"),
    "flows": ("ccc.commands.flows:flows", "Check, test, import, export and publish call flows.", "Change"),
    "numbers": ("ccc.commands.numbers:numbers", "List numbers, close them in an emergency, open them.", "Change"),
    "audio": ("ccc.commands.audio:audio", "Add, list, replace and remove audio that flows play.", "Change"),
    "table": ("ccc.commands.table:table", "Import, list and remove tables that flows look things up in.", "Change"),
    "blacklist": ("ccc.commands.blacklist:blacklist", "Add, remove and list unwanted callers.", "Change"),
    "check": ("ccc.commands.plugins:check", "Load one plugin alone and run its conformance tests.", "Change"),
    "user": ("ccc.commands.user:user", "Add, list and disable users, set passwords.", "Change"),
    "db": ("ccc.commands.db:db", "Upgrade the database.", "Change"),
    "runtime": ("ccc.commands.children:runtime", "Run only the telephone side.", "Parts"),
    "media": ("ccc.commands.children:media", "Run only media worker K.", "Parts"),
    "web": ("ccc.commands.children:web", "Run only the web pages.", "Parts"),
    "jobs": ("ccc.commands.children:jobs", "Run only the background jobs.", "Parts"),
    "prepare": ("ccc.commands.children:prepare", "Upgrade the store and, with --demo, fill it; then end.", "Parts"),
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry[0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section in dict.fromkeys(entry[2] for entry in COMMANDS.values()):
            with formatter.section(section):
                formatter.write_dl([(name, entry[1]) for name, entry in COMMANDS.items() if entry[2] == section])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ccc")
def cli() -> None:
    """CCC, a self-hosted cloud call centre.

    \b
    Start a demonstration:      ccc serve --demo
    Hear a call:                ccc call 4000
    See the path calls took:    ccc calls

    Every command takes --home DIR, the folder of this installation (default: instance/ beside the code, or CCC_HOME).
    Exit codes: 0 done, 1 it failed, 2 wrong usage or configuration.
    """


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; a CccError becomes one clear line and its exit code."""
    try:
        cli.main(args=arguments, prog_name="ccc", standalone_mode=True)
    except CccError as error:
        where = f" [{error.field}]" if error.field else ""
        sys.stderr.write(f"ccc: {error.message}{where}\n")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
