"""The immutable configuration the runtime lives on: plain frozen dataclasses, JSON on disk.

Services export it after commit by atomic rename; the runtime never opens the database (DESIGN "Processes").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from ccc.hours.model import Holidays, Schedule


@dataclass(frozen=True, slots=True)
class PrefixRule:
    """Rewrites the start of a number: ``prefix`` is replaced by ``replace``. The longest matching prefix wins."""

    prefix: str
    replace: str


@dataclass(frozen=True, slots=True)
class Trunk:
    """A line to a carrier or gateway (SIP-1..4). ``digest`` ones authenticate, ``address`` ones are known by source."""

    id: str
    name: str
    kind: Literal["address", "digest"]
    addresses: tuple[str, ...] = ()
    """CIDR blocks of allowed sources, e.g. ``127.0.0.0/8``."""
    username: str = ""
    password_ha1: str = ""
    """MD5(username:realm:password), hex; the realm is ``realm``."""
    realm: str = "ccc"
    host: str = ""
    """Where calls out go; '' cannot be dialled through."""
    port: int = 5060
    caller_id: str = ""
    """The number shown to those called through it; '' is the caller's."""
    out_username: str = ""
    """What we log in with when the carrier asks for it; '' is ``username`` with ``password_ha1``."""
    out_password: str = ""
    account: str = ""
    """The main account that owns it; calls of others neither come in nor go out on it. '': anybody's."""
    called_from: Literal["request-uri", "to", "diversion"] = "request-uri"
    caller_from: Literal["p-asserted-identity", "from"] = "p-asserted-identity"
    """P-Asserted-Identity falls back to From when absent."""
    called_rules: tuple[PrefixRule, ...] = ()
    caller_rules: tuple[PrefixRule, ...] = ()
    max_calls: int = 0
    """0: no limit; above it new INVITEs get 503."""
    advertise_sip: str = ""
    advertise_media: str = ""

    def serves(self, account: str) -> bool:
        """Whether calls of this main account's instances may come in and go out on it."""
        return self.account in ("", account)


@dataclass(frozen=True, slots=True)
class Closure:
    """Why a number takes no calls (紧急关闭), and what its callers hear. Times in UTC epoch seconds."""

    by: str
    at: float
    reason: str
    announcement: dict[str, Any]
    """A flow document; what callers hear unless ``flow`` is published."""
    hash: str
    flow: str = ""
    """Calls run this flow of the instance instead."""
    until: float | None = None
    """From then on the number is open again; None: until somebody opens it."""

    def holds(self, now: float) -> bool:
        """Whether the number is closed at ``now``."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Number:
    """A DID of an instance (NUM-2). ``flow`` is a symbolic name; '' means nothing bound."""

    number: str
    instance: str
    flow: str = ""
    trunks: tuple[str, ...] = ()
    """Trunk ids it may arrive on; empty: any."""
    closure: Closure | None = None


@dataclass(frozen=True, slots=True)
class AgentGroup:
    """An agent's membership in a skill group; level 1 is asked first."""

    group: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Agent:
    """A user working in an instance (AGT-1)."""

    user: str
    instance: str
    name: str
    role: Literal["admin", "supervisor", "agent"] = "agent"
    groups: tuple[AgentGroup, ...] = ()
    auto_answer: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class SkillGroup:
    """A queue and the agents who serve it (SKL-1). Times in seconds."""

    name: str
    instance: str
    title: str = ""
    ring_timeout_s: float = 20.0
    misses_allowed: int = 1
    """Missed rings before the agent is put on break 'ring-timeout' (振铃未接)."""
    wrap_up_s: float = 30.0
    dispositions: tuple[str, ...] = ()
    service_level_s: float = 20.0
    queue_timeout_s: float = 300.0
    """From here to ``music``: what holds where the queue node does not say otherwise."""
    max_waiting: int | None = None
    announce_every_s: float = 0.0
    announce_position: bool = True
    announce_wait: bool = False
    music: str = ""
    """Audio name; '' is the built-in one."""
    familiar: bool = False
    """Familiar mode (熟人模式, WKB-7): the agent who talked with the caller last is asked first."""
    familiar_wait_s: float = 0.0
    """And waited for so long while he is busy."""


@dataclass(frozen=True, slots=True)
class Dedicated:
    """The agent of a customer (专属坐席, AGT-1); ``number`` as :func:`ccc.geo.normalise` writes it."""

    instance: str
    number: str
    agent: str
    wait_s: float = 0.0
    """How long a call is kept for him while he is busy."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A call-centre instance (INS-1)."""

    name: str
    title: str
    account: str
    timezone: str = "Asia/Shanghai"
    max_calls: int = 0
    break_reasons: tuple[str, ...] = ("小休", "用餐", "培训", "会议")
    max_call_s: int = 4 * 3600
    recording: bool = True


@dataclass(frozen=True, slots=True)
class FlowVersion:
    """The live version of a flow: an immutable document as published.

    ``version`` 0 is a draft somebody tries out; none such is ever in a snapshot.
    """

    name: str
    instance: str
    version: int
    hash: str
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Audio:
    """An uploaded audio, ready as A-law frames at ``path`` (absolute)."""

    name: str
    instance: str
    path: str


@dataclass(frozen=True, slots=True)
class Table:
    """A lookup table; its rows are in the file ``path`` (absolute), which never changes."""

    name: str
    instance: str
    path: str


@dataclass(frozen=True, slots=True)
class Blacklist:
    """Numbers whose calls an instance does not want, as :func:`ccc.geo.number_list.parse_entry` writes them."""

    instance: str
    entries: tuple[str, ...]
    until: tuple[tuple[str, float], ...] = ()
    """Entries that end, with the time (epoch seconds) from which on they do not count."""


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Working hours (工作时间) of an instance, used by flows by name. ``timezone`` '' is the instance's."""

    name: str
    instance: str
    schedule: Schedule
    holidays: Holidays = "china"
    timezone: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the runtime knows. ``counter`` grows with every export."""

    counter: int
    made_at: float
    instances: tuple[Instance, ...] = ()
    trunks: tuple[Trunk, ...] = ()
    numbers: tuple[Number, ...] = ()
    agents: tuple[Agent, ...] = ()
    skill_groups: tuple[SkillGroup, ...] = ()
    flows: tuple[FlowVersion, ...] = ()
    unpublished: tuple[tuple[str, str], ...] = ()
    """(instance, flow name) of flows that exist but are not published: a call gets 480, not 404."""
    audio: tuple[Audio, ...] = field(default_factory=tuple)
    tables: tuple[Table, ...] = ()
    blacklists: tuple[Blacklist, ...] = ()
    hours: tuple[WorkingHours, ...] = ()
    dedicated: tuple[Dedicated, ...] = ()
