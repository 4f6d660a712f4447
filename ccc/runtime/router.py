"""From an INVITE to an instance and a flow: numbers extracted and rewritten per trunk. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from ccc.runtime.config import Index
from ccc.snapshot.model import Closure, FlowVersion, Instance, Number, PrefixRule, Trunk


class Invitation(Protocol):
    """What routing needs of a SIP session: the user parts of its headers ('' when absent)."""

    @property
    def request_user(self) -> str: ...
    @property
    def to_user(self) -> str: ...
    @property
    def from_user(self) -> str: ...
    @property
    def pai_user(self) -> str: ...
    @property
    def diversion_user(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Route:
    """Where the call goes."""

    instance: Instance
    number: Number
    flow: FlowVersion
    trunk: Trunk
    caller: str
    callee: str
    tester: str = ""
    """The user who tries the flow from a page; '' for who really calls."""
    ours: bool = False
    """We call: ``caller`` is the number shown, ``callee`` the customer."""
    closure: Closure | None = None
    """The number is closed: ``flow`` is what its callers get instead."""

    @property
    def announced(self) -> bool:
        """Whether the caller only hears that the number is closed."""
        return self.closure is not None and self.flow.hash == self.closure.hash

    @property
    def direction(self) -> Literal["inbound", "outbound", "test"]:
        """What records and pages call it. (To the flow a test call is an inbound one.)"""
        return "outbound" if self.ours else "test" if self.tester else "inbound"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why it goes nowhere: a SIP status and a reason people can read."""

    status: int
    reason: str
    callee: str = ""
    caller: str = ""
    number: Number | None = None


def rewrite(number: str, rules: tuple[PrefixRule, ...]) -> str:
    """The longest matching prefix rule applied, once."""
    for rule in sorted(rules, key=lambda r: len(r.prefix), reverse=True):
        if number.startswith(rule.prefix):
            return rule.replace + number[len(rule.prefix) :]
    return number


def called_number(invitation: Invitation, trunk: Trunk) -> str:
    """The DID, from the header this trunk is configured to carry it in (falls back to the Request-URI)."""
    users = {"request-uri": invitation.request_user, "to": invitation.to_user, "diversion": invitation.diversion_user}
    return rewrite(users[trunk.called_from] or invitation.request_user, trunk.called_rules)


def calling_number(invitation: Invitation, trunk: Trunk) -> str:
    """The caller's number; 'anonymous' stays as it is."""
    asserted = invitation.pai_user if trunk.caller_from == "p-asserted-identity" else ""
    return rewrite(asserted or invitation.from_user or "anonymous", trunk.caller_rules)


def route(index: Index, trunk_id: str, invitation: Invitation, now: float) -> Route | Refusal:
    """The route of an INVITE that arrived on ``trunk_id`` at ``now`` (UTC epoch seconds), or why there is none."""
    trunk = index.trunks[trunk_id]
    callee, caller = called_number(invitation, trunk), calling_number(invitation, trunk)
    number = index.numbers.get(callee)
    if number is None or (number.trunks and trunk_id not in number.trunks):
        return Refusal(404, "Unknown number", callee, caller)
    instance = index.instances[number.instance]
    if not trunk.serves(instance.account):  # who writes down another's number does not get its calls
        return Refusal(404, "Unknown number", callee, caller)
    target = destination(index, number, now)
    if isinstance(target, str):
        return Refusal(480, target, callee, caller, number)
    flow, closure = target
    return Route(instance, number, flow, trunk, caller, callee, closure=closure)


def destination(index: Index, number: Number, now: float) -> tuple[FlowVersion, Closure | None] | str:
    """What takes calls to the number, with the closure in force (紧急关闭); or, in words, why nothing does."""
    place, closure = number.instance, number.closure
    if closure is not None and closure.holds(now):
        instead = index.flows.get((place, closure.flow))
        return instead or FlowVersion("", place, 0, closure.hash, closure.announcement), closure
    if not number.flow:
        return "No flow bound to this number"
    flow = index.flows.get((place, number.flow))
    if flow is None:
        return "Flow not published" if (place, number.flow) in index.unpublished else "Flow does not exist"
    return flow, None
