"""The first start: who has the code from the terminal makes the main account and becomes its owner."""

from __future__ import annotations

import base64
import hmac

from ccc.errors import ConflictError, ForbiddenError, InvalidError, say
from ccc.home import Home
from ccc.services import checks, passwords
from ccc.services.actor import Actor
from ccc.services.log import note
from ccc.services.snapshot import export_snapshot
from ccc.store import Store
from ccc.store.records import UserRecord
from ccc.store.repos import users

ACCOUNT = "main"
CODE_BYTES = 10
MAX_TITLE = 64
TAKEN = say("This installation has an owner already. Sign in, or ask the owner for a user.")


def needed(store: Store) -> bool:
    """True while nobody can sign in because there is nobody."""
    with store.read() as session:
        return not users.any_user(session)


def code(home: Home) -> str:
    """The set-up code of this installation: 80 bits, from a secret only who runs the server can read."""
    text = base64.b32encode(home.secret("first-owner")[:CODE_BYTES]).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def check_code(home: Home, given: str) -> None:
    """ForbiddenError unless it is the set-up code."""
    plain = "".join(given.split()).replace("-", "").lower()
    if not hmac.compare_digest(plain.encode(), code(home).replace("-", "").encode()):
        raise ForbiddenError(
            say("This is not the set-up code. It stands in the terminal in which `ccc serve` runs."), field="code"
        )


def create(
    store: Store, given_code: str, title: str, username: str, password: str, *, name: str = "", email: str = "",
    address: str = "",
) -> UserRecord:  # fmt: skip
    """The main account and its owner. ConflictError when somebody was quicker; InvalidError names the field."""
    check_code(store.home, given_code)
    title = title.strip()
    if not 1 <= len(title) <= MAX_TITLE:
        raise InvalidError(
            say("The name of the account has 1 to %(most)s characters."), field="title", values={"most": MAX_TITLE}
        )
    checks.username(username)
    hashed = passwords.hash_password(password)
    with store.write() as session:
        if users.any_user(session):
            raise ConflictError(TAKEN)
        users.add_account(session, ACCOUNT, title)
        mail = checks.email(session, email, username)
        users.add(session, ACCOUNT, username, checks.shown_name(name, username), mail, hashed)
        users.set_account_role(session, username, "owner")
        users.note_login(session, username, address)
        actor = Actor(username, account=ACCOUNT, account_role="owner", address=address)
        note(session, actor, "account.create", ACCOUNT, after={"title": title, "owner": username})
        made = users.get(session, username)
    export_snapshot(store)
    assert made is not None
    return made
