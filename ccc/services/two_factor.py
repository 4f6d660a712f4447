"""A second factor for signing in: codes of an authenticator app, recovery codes, who must have it (ROL-1..4)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from ccc.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, say
from ccc.home import Home
from ccc.services import passwords, sealed, totp
from ccc.services.actor import Actor
from ccc.services.log import note
from ccc.services.users import managed
from ccc.store import Store
from ccc.store.repos import audit, two_factor, users
from ccc.store.repos.two_factor import Factor

RECOVERY_CODES = 10
ISSUER = "CCC"
LEVELS = ("", "admin", "supervisor")
"""Who of an account must have it: nobody, administrators, supervisors as well."""
WRONG_CODE = say("This code is wrong or has been used. Wait for the next one; is the telephone's clock right?")


def required_of(level: str, account_role: str, roles: Mapping[str, str]) -> bool:
    """Whether somebody with these roles must have a second factor."""
    if not level:
        return False
    kinds = {"admin"} if level == "admin" else {"admin", "supervisor"}
    return bool(account_role) or bool(kinds & set(roles.values()))


def begin(home: Home) -> str:
    """A new secret, sealed: the page keeps it until the first code proves that the app has it."""
    return sealed.seal(home, totp.new_secret())


def shown(home: Home, secret: str, username: str) -> tuple[str, str]:
    """(address for the QR code, secret to type) of a sealed secret."""
    text = sealed.unseal(home, secret)
    return totp.address(text, username, ISSUER), " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def turn_on(store: Store, actor: Actor, secret: str, code: str, now: datetime) -> tuple[str, ...]:
    """The actor signs in with codes of ``secret`` from now on; returns the recovery codes, shown this once.

    InvalidError at ``code`` when the app shows another one, ConflictError when it is on already.
    """
    counter = totp.accepted_counter(sealed.unseal(store.home, secret), _digits(code), now.timestamp(), after=0)
    if counter is None:
        raise InvalidError(WRONG_CODE, field="code")
    codes = _new_codes()
    with store.write() as session:
        if two_factor.get(session, actor.user) is not None:
            raise ConflictError(say("Two-factor sign-in is on already. Turn it off first to use another telephone."))
        two_factor.put(session, actor.user, Factor(secret, counter, _hashes(store.home, actor.user, codes)), now)
        note(session, actor, "user.two-factor-on", actor.user)
    return codes


def turn_off(store: Store, actor: Actor) -> None:
    """The actor's password alone is enough again. ForbiddenError when the account asks for two-factor."""
    with store.write() as session:
        user = users.get(session, actor.user)
        if user is None:
            raise NotFoundError(say("There is no user %(name)s."), values={"name": actor.user})
        if required_of(two_factor.required(session, user.account), user.account_role, user.roles):
            raise ForbiddenError(say("Your account requires two-factor sign-in for your role; it stays on."))
        two_factor.remove(session, actor.user)
        note(session, actor, "user.two-factor-off", actor.user)


def new_recovery_codes(store: Store, actor: Actor) -> tuple[str, ...]:
    """Others in place of those there are. NotFoundError without a second factor."""
    codes = _new_codes()
    with store.write() as session:
        if two_factor.get(session, actor.user) is None:
            raise NotFoundError(say("Two-factor sign-in is off."))
        two_factor.set_recovery(session, actor.user, _hashes(store.home, actor.user, codes))
        note(session, actor, "user.recovery-codes", actor.user)
    return codes


def codes_left(store: Store, actor: Actor) -> int:
    """How many recovery codes the actor has not used."""
    with store.read() as session:
        factor = two_factor.get(session, actor.user)
    return len(factor.recovery) if factor is not None else 0


def check(store: Store, username: str, code: str, now: datetime, address: str = "") -> bool:
    """Whether it is a code of the user's app or a recovery code. Either is used up by it, so it has to be written."""
    with store.write() as session:
        factor = two_factor.get(session, username)
        right = factor is not None and _use(store.home, session, username, factor, code, now)
        if not right:
            audit.add(session, username, "user.sign-in-failed", username, address=address, step="code")
    return right


def _use(home: Home, session: Session, username: str, factor: Factor, code: str, now: datetime) -> bool:
    digits = _digits(code)
    if len(digits) == totp.DIGITS and digits.isdecimal():
        counter = totp.accepted_counter(sealed.unseal(home, factor.secret), digits, now.timestamp(), factor.counter)
        if counter is not None:
            two_factor.used(session, username, counter)
        return counter is not None
    digest = _hash(home, username, code)
    if digest not in factor.recovery:
        return False
    two_factor.set_recovery(session, username, tuple(item for item in factor.recovery if item != digest))
    audit.add(session, username, "user.recovery-code-used", username, left=len(factor.recovery) - 1)
    return True


def reset(store: Store, actor: Actor, username: str) -> None:
    """Take the second factor from somebody who lost the telephone; who may set the password may do this.

    NotFoundError when there is none. Whoever is signed in stays so.
    """
    managed(store, actor, username)
    if actor.user == username:
        raise InvalidError(say("Your own is turned off on your personal page."))
    with store.write() as session:
        if two_factor.get(session, username) is None:
            raise NotFoundError(say("%(name)s has no second factor."), values={"name": username})
        two_factor.remove(session, username)
        note(session, actor, "user.two-factor-reset", username)


def get_required(store: Store, actor: Actor, account: str) -> str:
    """Who of the main account must have a second factor."""
    actor.require_account(account)
    with store.read() as session:
        return two_factor.required(session, account)


def set_required(store: Store, actor: Actor, account: str, level: str) -> None:
    """From each one's next sign-in on, whoever it names and has none must set one up first."""
    actor.require_account(account, "owner")
    if level not in LEVELS:
        raise InvalidError(say("Choose who must have it."), field="two_factor")
    with store.write() as session:
        before = two_factor.required(session, account)
        two_factor.set_required(session, account, level)
        note(session, actor, "account.two-factor", account, before={"required": before}, after={"required": level})


def now_utc() -> datetime:
    """The clock codes are checked by."""
    return datetime.fromtimestamp(time.time(), UTC)


def _new_codes() -> tuple[str, ...]:
    return tuple(passwords.random_password()[:9] for _ in range(RECOVERY_CODES))  # xxxx-xxxx: 40 bits


def _hashes(home: Home, username: str, codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_hash(home, username, code) for code in codes)


def _hash(home: Home, username: str, code: str) -> str:
    return sealed.digest(home, f"recovery {username} {code.strip().lower().replace('-', '').replace(' ', '')}")


def _digits(code: str) -> str:
    return "".join(code.split())
