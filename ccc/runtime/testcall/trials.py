"""Who may make a test call now, and through what: a number's flow, or a draft handed over for this one call."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ccc.bus.ticket import Ticket
from ccc.errors import CccError, ConflictError, InvalidError, NotFoundError, UnavailableError
from ccc.flow.compile import CompiledFlow
from ccc.runtime.router import Route, destination
from ccc.snapshot.model import Closure, FlowVersion, Instance, Number, Trunk

if TYPE_CHECKING:
    from ccc.runtime.board import Switchboard

PER_INSTANCE = 5
"""Test calls of one instance at once; a user has one."""
DRAFT_S = 60.0
"""A draft nobody calls is forgotten; its ticket is valid for 30 s."""
MAX_DRAFTS = 50
MAX_DRAFT = 2 * 1024 * 1024
"""Bytes of a draft's JSON: some 5,000 nodes."""
LINE = Trunk("", "test call", "address")
"""No trunk, so none of a trunk's limits."""
_CALLER = re.compile(r"\+?[0-9A-Za-z*#._-]{1,32}")


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft for one call of one user."""

    user: str
    number: Number
    version: FlowVersion
    flow: CompiledFlow


class Trials:
    """The test calls of this runtime: at most one each user, few each instance, besides every limit of real calls."""

    def __init__(self, board: Switchboard) -> None:
        self._board = board
        self._drafts: dict[str, Draft] = {}
        self._seats: dict[str, str] = {}
        """User -> instance."""

    # Drafts ----------------------------------------------------------------------------------

    async def keep_draft(self, message: Mapping[str, Any]) -> str:
        """Take a draft (``user``, ``instance``, ``callee``, ``document``) for :data:`DRAFT_S`; what to ask for it by.

        Only in memory: it is gone with the call, or with this process. FlowInvalid when it cannot run here.
        """
        document = message["document"]
        if len(json.dumps(document, ensure_ascii=False).encode()) > MAX_DRAFT:
            raise InvalidError(f"a draft to be called has at most {MAX_DRAFT} bytes", code="too-large")
        if len(self._drafts) >= MAX_DRAFTS:
            raise UnavailableError("too many drafts are being tried out; try again in a minute", code="full")
        instance, name = str(message["instance"]), str(document["name"])
        token = secrets.token_hex(16)
        version = FlowVersion(name, instance, 0, f"draft-{token}", document)
        flow = await self._board.config.compile(version)
        self._drafts[token] = Draft(str(message["user"]), Number(str(message["callee"]), instance, name), version, flow)
        asyncio.get_running_loop().call_later(DRAFT_S, self._drafts.pop, token, None)
        return token

    # Routes ----------------------------------------------------------------------------------

    def find(self, ticket: Ticket, caller: str) -> tuple[Route, CompiledFlow]:
        """Where this ticket's call goes. NotFoundError, or CccError ``no-flow``, says why nowhere."""
        if not _CALLER.fullmatch(caller):
            raise InvalidError("the caller's number is 1 to 32 digits, letters, * or #", field="caller")
        instance = self._board.index.instances.get(ticket.instance)
        if instance is None:
            raise NotFoundError("this instance is no longer configured", code="not-found")
        kind, _, name = ticket.subject.partition(":")
        number, version, flow, closure = (
            (*self._draft(name, ticket), None) if kind == "draft" else self._bound(name, instance)
        )
        return Route(instance, number, version, LINE, caller, number.number, ticket.user, closure=closure), flow

    def _draft(self, token: str, ticket: Ticket) -> tuple[Number, FlowVersion, CompiledFlow]:
        draft = self._drafts.pop(token, None)
        if draft is None or (draft.user, draft.number.instance) != (ticket.user, ticket.instance):
            raise NotFoundError("the draft is no longer here; call it again", code="not-found")
        return draft.number, draft.version, draft.flow

    def _bound(self, name: str, instance: Instance) -> tuple[Number, FlowVersion, CompiledFlow, Closure | None]:
        index = self._board.index
        number = index.numbers.get(name)
        if number is None or number.instance != instance.name:
            raise NotFoundError(f"the number {name} is not in this instance", code="not-found")
        target = destination(index, number, time.time())
        version, closure = target if not isinstance(target, str) else (None, None)
        flow = self._board.config.compiled(version) if version is not None else None
        if version is None or flow is None:
            raise CccError(f"no flow that can run is bound to {name}", code="no-flow")
        return number, version, flow, closure

    # Places ----------------------------------------------------------------------------------

    def sit(self, found: Route) -> None:
        """Take the user's place. ConflictError ``busy``; UnavailableError when no call can be taken."""
        if found.tester in self._seats:
            raise ConflictError("you are in a test call already; hang it up first", code="busy")
        if (refusal := self._board.accepting() or self._board.over_limit(found)) is not None:
            raise UnavailableError(f"no call can be taken now: {refusal[1]}", code="full")
        if list(self._seats.values()).count(found.instance.name) >= PER_INSTANCE:
            raise UnavailableError(f"{PER_INSTANCE} test calls run in this instance; wait for one to end", code="full")
        self._seats[found.tester] = found.instance.name

    def stand(self, user: str) -> None:
        """Give it back."""
        self._seats.pop(user, None)
