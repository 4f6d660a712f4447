"""Users, their sessions and keys; agents and skill groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A user; ``roles`` maps instance name to ``admin``, ``supervisor`` or ``agent``."""

    id: int
    username: str
    name: str
    email: str | None
    active: bool
    account: str
    fs_uniquifier: str
    roles: dict[str, str] = field(default_factory=dict)
    last_login_at: datetime | None = None
    locale: str = ""
    account_role: str = ""
    """``owner``, ``manager`` or ''."""
    revision: int = 1
    created_at: datetime | None = None
    two_factor: bool = False
    """Signs in with a code, too."""


@dataclass(frozen=True, slots=True)
class WebSessionRecord:
    """A browser somebody is signed in with."""

    id: str
    began_at: datetime
    seen_at: datetime
    address: str
    browser: str


@dataclass(frozen=True, slots=True)
class ApiKeyRecord:
    """A user's key of the REST API, without its secret. ``expires_at`` None: never."""

    id: str
    user: str
    name: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None
    used_from: str

    def usable(self, now: datetime) -> bool:
        """Neither revoked nor expired at ``now``."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A skill group (SKL-1); ``members`` maps user name to level (1 is asked first). Times in seconds."""

    instance: str
    name: str
    title: str
    ring_timeout_s: float = 20.0
    misses_allowed: int = 1
    wrap_up_s: float = 30.0
    service_level_s: float = 20.0
    dispositions: tuple[str, ...] = ()
    members: dict[str, int] = field(default_factory=dict)
    revision: int = 0
    queue_timeout_s: float = 300.0
    """From here to ``music``: what holds where a queue node does not say otherwise."""
    max_waiting: int | None = None
    announce_every_s: float = 0.0
    announce_position: bool = True
    announce_wait: bool = False
    music: str = ""
    familiar: str = ""
    """``on``, ``off``, or '' as the instance has it."""
    familiar_wait_s: float = 0.0
    numbers: tuple[str, ...] = ()
    """Numbers it calls out with."""


@dataclass(frozen=True, slots=True)
class DedicatedRecord:
    """The agent who serves a customer (专属坐席), and his ``name``; ``wait_s``: how long a call is kept for him."""

    instance: str
    number: str
    agent: str
    name: str = ""
    customer: str = ""
    wait_s: float = 0.0
    revision: int = 0
    changed_by: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AgentRecord:
    """A user in an instance (AGT-1); ``groups`` maps group name to level. ``past``: taken out, kept in history."""

    instance: str
    username: str
    name: str
    role: str
    active: bool = True
    auto_answer: bool = False
    groups: dict[str, int] = field(default_factory=dict)
    email: str = ""
    revision: int = 0
    last_login_at: datetime | None = None
    two_factor: bool = False
    customers: int = 0
    """How many have him as their dedicated agent (``past``: had)."""
    past: bool = False
    removed_at: datetime | None = None
    removed_by: str = ""
