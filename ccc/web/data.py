"""What the pages need from the services, and in which shape: the one seam between web and ``ccc.services``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ccc.store.records import CallFilter, CallRecord, CallSummary, Page

ROLES = ("admin", "supervisor", "agent")


@dataclass(frozen=True, slots=True)
class Membership:
    """A user's role in one instance."""

    instance: str
    title: str
    role: str
    timezone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Account:
    """A user who may sign in. ``key`` changes with the password, which ends every older session."""

    username: str
    name: str
    key: str
    active: bool
    language: str = ""
    memberships: tuple[Membership, ...] = ()


class Data(Protocol):
    """Implemented over the services by :class:`ccc.web.services_data.ServicesData`."""

    def authenticate(self, username: str, password: str, address: str) -> Account | None:
        """The active user with that password, else None (equally slow for unknown names)."""

    def account(self, key: str) -> Account | None:
        """The user of a session, or None when disabled or changed."""

    def set_language(self, username: str, language: str) -> None:
        """Remember the language of the pages."""

    def ping(self) -> None:
        """UnavailableError when the store does not answer."""

    def calls(self, instance: str, wanted: CallFilter, after: str | None, size: int) -> Page[CallSummary]:
        """A page of the instance's calls, newest first."""

    def call(self, instance: str, call_id: str) -> CallRecord:
        """One call with its steps. NotFoundError, also for a call of another instance."""

    def recording(self, actor: str, record: CallRecord, address: str, *, log: bool) -> Path:
        """The recording's file; ``log``: write the access to the audit log. NotFoundError when there is none."""

    def agents(self, instance: str) -> list[tuple[str, str]]:
        """(user name, display name) of the instance's users, for the filter."""
