"""What is checked of instances and users wherever they come from: forms, files, the command line."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from ccc.errors import ConflictError, InvalidError, NotFoundError, say
from ccc.services.actor import ROLES, SYSTEM
from ccc.snapshot import model as snap
from ccc.store.repos import centre, users

USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
EMAIL = re.compile(r"[^\s@,;<>\"']{1,64}@[^\s@,;<>\"']{1,190}")


def instance(session: Session, name: str) -> snap.Instance:
    """The instance. NotFoundError at ``instance`` when there is none of this name."""
    found = centre.instances(session, name)
    if not found:
        raise NotFoundError(say("There is no instance %(instance)s."), field="instance", values={"instance": name})
    return found[0]


def username(text: str) -> str:
    """A good user name, else InvalidError."""
    if not USERNAME.fullmatch(text):
        raise InvalidError(
            say("%(name)s is not a user name: 1-64 of letters, digits and . _ @ -, beginning with a letter or digit."),
            field="username",
            values={"name": repr(text)},
        )
    if text.lower() == SYSTEM.user:
        raise InvalidError(
            say("%(name)s stands for CCC itself in the operation log; choose another user name."),
            field="username",
            values={"name": repr(text)},
        )
    return text


def free(session: Session, name: str) -> None:
    """ConflictError when somebody (of any account: people log in by it) has the user name."""
    if users.get(session, name) is not None:
        raise ConflictError(
            say("There is already a user %(name)s; choose another name."), field="username", values={"name": name}
        )


def email(session: Session, text: str | None, owner: str) -> str | None:
    """A good address nobody but ``owner`` has, None for none."""
    address = (text or "").strip()
    if not address:
        return None
    if not EMAIL.fullmatch(address):
        raise InvalidError(say("%(email)s is not an e-mail address."), field="email", values={"email": address})
    if users.by_email(session, address) not in (None, owner):
        raise ConflictError(say("Another user has this e-mail address."), field="email")
    return address


def shown_name(text: str, fallback: str) -> str:
    """The display name; the user name when empty."""
    return text.strip()[:255] or fallback


def role(text: str) -> str:
    """A role in an instance, else InvalidError."""
    if text not in ROLES:
        raise InvalidError(
            say("%(role)s is not a role; roles are %(roles)s."),
            field="role",
            values={"role": repr(text), "roles": ", ".join(ROLES)},
        )
    return text


def keep_an_owner(session: Session, account: str) -> None:
    """InvalidError when what was just changed left the account without an owner who can sign in."""
    if not any(item.account_role == "owner" and item.active for item in users.of_account(session, account)):
        raise InvalidError(say("The account needs an owner who can sign in."), field="account_role")


def password(text: str) -> str | None:
    """None when none was given (one is made up then)."""
    return text or None
