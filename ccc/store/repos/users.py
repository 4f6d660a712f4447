"""Users, roles and accounts."""

from __future__ import annotations

import secrets

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from ccc.store.base import utc_now
from ccc.store.models import Account, Instance, Membership, Role, User
from ccc.store.records import UserRecord


def get(session: Session, username: str) -> UserRecord | None:
    """The user who logs in as ``username``."""
    user = session.scalar(_query().where(User.username == username))
    return None if user is None else _records(session, [user])[0]


def by_key(session: Session, key: str) -> UserRecord | None:
    """The user whose sessions carry this ``fs_uniquifier``."""
    user = session.scalar(_query().where(User.fs_uniquifier == key))
    return None if user is None else _records(session, [user])[0]


def note_login(session: Session, username: str, address: str) -> None:
    """Remember time and address of a login and of the one before."""
    user = session.scalars(select(User).where(User.username == username)).one()
    user.last_login_at, user.last_login_ip = user.current_login_at, user.current_login_ip
    user.current_login_at, user.current_login_ip = utc_now(), address[:64]
    user.login_count = (user.login_count or 0) + 1


def set_locale(session: Session, username: str, locale: str) -> None:
    user = session.scalars(select(User).where(User.username == username)).one()
    user.locale = locale[:16]


def find(session: Session, instance: str | None = None) -> list[UserRecord]:
    """All users, or those of an instance, by user name."""
    query = _query().order_by(User.username)
    if instance is not None:
        query = query.join(User.memberships).join(Instance, Membership.instance_id == Instance.id)
        query = query.where(Instance.name == instance)
    return _records(session, list(session.scalars(query).unique()))


def add(session: Session, account: str, username: str, name: str, email: str | None, password: str) -> UserRecord:
    """A new user; ``password`` is already hashed."""
    account_id = session.scalars(select(Account.id).where(Account.name == account)).one()
    user = User(
        account_id=account_id,
        username=username,
        name=name,
        email=email,
        password=password,
        active=True,
        fs_uniquifier=secrets.token_hex(16),
    )
    session.add(user)
    session.flush()
    return _records(session, [user])[0]


def set_role(
    session: Session, username: str, instance: str, role: str | None, *, auto_answer: bool | None = None
) -> None:
    """Import the user into the instance with ``role``, change it (``auto_answer`` None: leave), or take out (None)."""
    user = session.scalars(_query().where(User.username == username)).one()
    instance_id = session.scalars(select(Instance.id).where(Instance.name == instance)).one()
    membership = next((item for item in user.memberships if item.instance_id == instance_id), None)
    if role is None:
        if membership is not None:
            user.memberships.remove(membership)
    elif membership is None:
        user.memberships.append(Membership(instance_id=instance_id, role=role, auto_answer=bool(auto_answer)))
    else:
        membership.role = role
        membership.revision += 1
        if auto_answer is not None:
            membership.auto_answer = auto_answer
    user.revision += 1
    keep_roles(session, username)


def keep_roles(session: Session, username: str) -> None:
    """Let Flask-Security's roles be the union of the roles in the instances."""
    session.flush()
    user = session.scalars(select(User).where(User.username == username)).one()
    session.refresh(user, ["memberships"])
    user.roles = [_role(session, name) for name in sorted({item.role for item in user.memberships})]
    session.flush()


def of_account(session: Session, account: str) -> list[UserRecord]:
    """The main account's users by user name."""
    query = _query().join(User.account).where(Account.name == account).order_by(User.username)
    return _records(session, list(session.scalars(query)))


def by_email(session: Session, email: str) -> str | None:
    """The user name of whoever has this address, in whatever account."""
    return session.scalar(select(User.username).where(User.email == email))


def change(session: Session, username: str, *, name: str, email: str | None, account_role: str | None = None) -> None:
    """Change what the user is called, the address and (None: leave) the role in the account."""
    user = session.scalars(select(User).where(User.username == username)).one()
    user.name, user.email = name, email
    if account_role is not None:
        user.account_role = account_role
    user.revision += 1


def rename(session: Session, username: str, name: str) -> None:
    """Change what the user is called."""
    user = session.scalars(select(User).where(User.username == username)).one()
    if user.name != name:
        user.name = name
        user.revision += 1


def set_password(session: Session, username: str, password: str) -> None:
    """Store a hash; a new uniquifier ends every session and token of the user."""
    user = session.scalars(select(User).where(User.username == username)).one()
    user.password, user.fs_uniquifier = password, secrets.token_hex(16)


def set_active(session: Session, username: str, active: bool) -> None:
    user = session.scalars(select(User).where(User.username == username)).one()
    user.active = active
    user.revision += 1
    if not active:
        user.fs_uniquifier = secrets.token_hex(16)


def set_account_role(session: Session, username: str, role: str) -> None:
    """``owner``, ``manager`` or '' in the user's main account."""
    user = session.scalars(select(User).where(User.username == username)).one()
    user.account_role = role


def password_of(session: Session, username: str) -> str | None:
    """The stored hash."""
    return session.scalar(select(User.password).where(User.username == username))


def add_account(session: Session, name: str, title: str) -> bool:
    """Make the main account; False when it exists."""
    if session.scalar(select(Account.id).where(Account.name == name)) is not None:
        return False
    session.add(Account(name=name, title=title))
    session.flush()
    return True


def account_title(session: Session, account: str) -> str:
    """What the main account is called; '' when there is none."""
    return session.scalar(select(Account.title).where(Account.name == account)) or ""


def names(session: Session, account: str) -> dict[str, str]:
    """User name -> display name of everybody in the main account."""
    query = select(User.username, User.name).join(Account).where(Account.name == account, User.name != "")
    return dict(session.execute(query).all())


def any_user(session: Session) -> bool:
    """Whether there is anybody at all."""
    return session.scalar(select(User.id).limit(1)) is not None


def account_names(session: Session) -> list[str]:
    return list(session.scalars(select(Account.name).order_by(Account.id)))


def _role(session: Session, name: str) -> Role:
    role = session.scalar(select(Role).where(Role.name == name))
    if role is None:
        role = Role(name=name)
        session.add(role)
    return role


def _query() -> Select[User]:
    return select(User).options(selectinload(User.memberships), selectinload(User.account))


def _records(session: Session, users: list[User]) -> list[UserRecord]:
    names = dict(session.execute(select(Instance.id, Instance.name)).all())
    return [
        UserRecord(
            id=user.id,
            username=user.username,
            name=user.name,
            email=user.email,
            active=user.active,
            account=user.account.name,
            fs_uniquifier=user.fs_uniquifier,
            roles={names[item.instance_id]: item.role for item in user.memberships},
            last_login_at=user.current_login_at,
            locale=user.locale or "",
            account_role=user.account_role,
            revision=user.revision,
            created_at=user.create_datetime,
            two_factor=bool(user.tf_totp_secret),
        )
        for user in users
    ]
