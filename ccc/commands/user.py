"""``ccc user``: add, list, disable users and set passwords."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator

import click

from ccc.commands.common import home_option
from ccc.errors import UsageError
from ccc.home import Home
from ccc.services import passwords, two_factor
from ccc.services import users as service
from ccc.services.actor import ROLES, SYSTEM
from ccc.store import Store, open_store
from ccc.store.repos import centre


@click.group()
def user() -> None:
    """Add, list and disable users, set passwords."""


@contextlib.contextmanager
def opened(home: Home) -> Iterator[Store]:
    """The store of an installation for the length of a command."""
    store = open_store(home)
    try:
        yield store
    finally:
        store.close()


def pick_instance(store: Store, instance: str | None) -> str:
    """The named instance, or the only one. UsageError when that is not clear."""
    with store.read() as session:
        names = [item.name for item in centre.instances(session)]
    if instance:
        return instance
    if len(names) == 1:
        return names[0]
    if not names:
        raise UsageError("there is no instance yet; make one in the pages, or start once with `ccc serve --demo`")
    raise UsageError(f"which instance? Add --instance NAME; there are: {', '.join(names)}")


def _password(given: str | None, from_stdin: bool) -> tuple[str, bool]:
    """(password, whether it was made up)."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n"), False
    if given is not None:
        return given, False
    return passwords.random_password(), True


_password_options = [
    click.option("--password", help="The password (visible to others in the process list)."),
    click.option("--password-stdin", is_flag=True, help="Read the password from standard input."),
]


@user.command("add")
@home_option
@click.argument("username")
@click.option("--role", type=click.Choice(ROLES), default="agent", show_default=True)
@click.option("--instance", help="The instance to work in [default: the only one].")
@click.option("--name", default="", help="Display name.")
@click.option("--email", default=None)
@click.option("--group", "groups", multiple=True, help="Skill group to serve; may be repeated.")
@_password_options[0]
@_password_options[1]
def add(
    home: Home,
    username: str,
    role: str,
    instance: str | None,
    name: str,
    email: str | None,
    groups: tuple[str, ...],
    password: str | None,
    password_stdin: bool,
) -> None:
    """Make user USERNAME; without a password one is made up and printed."""
    text, made_up = _password(password, password_stdin)
    with opened(home) as store:
        where = pick_instance(store, instance)
        service.add_user(
            store, SYSTEM, username, text, instance=where, role=role, name=name, email=email, groups=groups
        )
    click.echo(f"user {username} ({role} in {where}) made")
    if made_up:
        click.echo(f"password: {text}")


@user.command("list")
@home_option
@click.option("--instance", help="Only the users of this instance.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(home: Home, instance: str | None, as_json: bool) -> None:
    """List users with their roles."""
    with opened(home) as store:
        found = service.list_users(store, SYSTEM, instance)
    for item in found:
        if as_json:
            shape = {"username": item.username, "name": item.name, "active": item.active, "roles": item.roles}
            click.echo(json.dumps(shape, ensure_ascii=False))
        else:
            roles = ", ".join(f"{role} in {where}" for where, role in sorted(item.roles.items())) or "no instance"
            click.echo(f"{item.username:<20} {'active' if item.active else 'disabled':<9} {roles}")


@user.command("password")
@home_option
@click.argument("username")
@_password_options[0]
@_password_options[1]
def password(home: Home, username: str, password: str | None, password_stdin: bool) -> None:
    """Set USERNAME's password; without one it is made up and printed. Ends the user's sessions."""
    text, made_up = _password(password, password_stdin)
    with opened(home) as store:
        service.set_password(store, SYSTEM, username, text)
    click.echo(f"password of {username} set")
    if made_up:
        click.echo(f"password: {text}")


@user.command("disable")
@home_option
@click.argument("username")
@click.option("--undo", is_flag=True, help="Switch the user on again.")
def disable(home: Home, username: str, undo: bool) -> None:
    """Switch USERNAME off: sessions end, the agent goes offline."""
    with opened(home) as store:
        service.set_active(store, SYSTEM, username, undo)
    click.echo(f"user {username} {'enabled' if undo else 'disabled'}")


@user.command("two-factor-reset")
@home_option
@click.argument("username")
def two_factor_reset(home: Home, username: str) -> None:
    """Let USERNAME, whose telephone is lost, sign in with the password alone again."""
    with opened(home) as store:
        two_factor.reset(store, SYSTEM, username)
    click.echo(f"{username} signs in with the password alone; set two-factor up anew on the personal page")
