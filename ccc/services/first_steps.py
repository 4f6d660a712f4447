"""What is still missing between an empty account and the first answered call."""

from __future__ import annotations

from dataclasses import dataclass

from ccc.services.actor import Actor
from ccc.store import Store
from ccc.store.repos import calls, instances, numbers, trunks


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """Each one done or not; ``number`` is one to dial ('' while none leads to a flow)."""

    instance: str
    trunk: bool
    unbound: str
    """A number of an instance without a flow."""
    number: str
    answered: bool

    @property
    def finished(self) -> bool:
        return bool(self.instance and self.trunk and self.number and self.answered)


def first_steps(store: Store, actor: Actor, account: str) -> FirstSteps:
    """How far the account has come."""
    actor.require_account(account)
    with store.read() as session:
        places = [item.name for item in instances.of_account(session, account)]
        placed = [item for item in numbers.of_account(session, account) if item.instance]
        bound = [item for item in placed if item.flow]
        return FirstSteps(
            instance=places[0] if places else "",
            trunk=bool(trunks.of_account(session, account)),
            unbound=next((item.number for item in placed if not item.flow), ""),
            number=bound[0].number if bound else "",
            answered=calls.agent_talked(session, places),
        )
