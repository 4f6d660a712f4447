"""Main accounts, users and their roles (ROL-1..4). Column names of users and roles are Flask-Security 5.9's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ccc.store.base import Base, utc_now


class Account(Base):
    """A main account (主账号): owns numbers, qualifications, applications and bills."""

    __tablename__ = "accounts"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[str] = mapped_column(String(255), default="")
    two_factor: Mapped[str] = mapped_column(String(16), default="", server_default="")
    """Who must sign in with a second factor: '' nobody, ``admin`` administrators, ``supervisor`` these, too."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


roles_users = Table(
    "roles_users",
    Base.metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True),
)


class Role(Base):
    """What Flask-Security checks; the union of a user's roles in its instances (kept so by the users service)."""

    __tablename__ = "roles"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[str | None] = mapped_column(String(255))
    permissions: Mapped[str | None] = mapped_column(String(1024))
    update_datetime: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)


class User(Base):
    """Somebody who logs in with ``username``."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(255), default="")
    """Display name."""
    email: Mapped[str | None] = mapped_column(String(255), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    """Argon2id PHC string (docs/decisions/0003-passwords.md)."""
    active: Mapped[bool] = mapped_column(default=True)
    account_role: Mapped[str] = mapped_column(String(16), default="")
    """``owner``, ``manager`` or '' (ROL-1, ROL-2)."""
    revision: Mapped[int] = mapped_column(default=1)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    confirmed_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    current_login_at: Mapped[datetime | None]
    last_login_ip: Mapped[str | None] = mapped_column(String(64))
    current_login_ip: Mapped[str | None] = mapped_column(String(64))
    login_count: Mapped[int | None]
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    """Sealed with a key of the installation (ccc/services/sealed.py)."""
    tf_counter: Mapped[int | None] = mapped_column(BigInteger)
    """The time step of the newest code used: none is taken twice."""
    tf_since: Mapped[datetime | None]
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(JSON)
    """Keyed hashes of those not used yet."""
    locale: Mapped[str | None] = mapped_column(String(16))
    create_datetime: Mapped[datetime] = mapped_column(default=utc_now)
    update_datetime: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)

    account: Mapped[Account] = relationship()
    roles: Mapped[list[Role]] = relationship(secondary=roles_users)
    memberships: Mapped[list[Membership]] = relationship(
        back_populates="user", cascade="all, delete-orphan", order_by="Membership.id"
    )


class Membership(Base):
    """A user imported into an instance with a role (AGT-1)."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("user_id", "instance_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    """``admin``, ``supervisor`` or ``agent``."""
    auto_answer: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=1)

    user: Mapped[User] = relationship(back_populates="memberships")


class PastAgent(Base):
    """Who was taken out of an instance, with what is needed to bring him back."""

    __tablename__ = "past_agents"
    __table_args__ = (UniqueConstraint("instance_id", "username"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id", ondelete="CASCADE"))
    username: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255), default="")
    role: Mapped[str] = mapped_column(String(16))
    auto_answer: Mapped[bool] = mapped_column(default=False)
    groups: Mapped[list[Any]] = mapped_column(default=list)
    """``[[group, level], ...]``"""
    customers: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """``[[number, customer, wait_s], ...]``: those he was the dedicated agent of."""
    removed_at: Mapped[datetime] = mapped_column(default=utc_now)
    removed_by: Mapped[str] = mapped_column(String(64), default="")
