"""What somebody has the telephone side do: the log has it before it is done, and says so when it was not."""

from __future__ import annotations

from typing import Any

from ccc.bus import NoAnswerError, request
from ccc.bus.frames import Message
from ccc.errors import UnavailableError
from ccc.services.actor import Actor
from ccc.services.log import note
from ccc.store import Store

ANSWER_S = 2.0


def order(
    store: Store, actor: Actor, action: str, object_: str, question: Message, *, instance: str, **told: Any
) -> Message:
    """Have ``question`` carried out; the answer, which may be a refusal (``error``).

    UnavailableError: the store cannot take the entry, or the telephone side is down: nothing is done. NoAnswerError:
    nobody knows. Entries never change, so whatever was not carried out for certain gets a second one whose ``outcome``
    is ``refused``, ``not-asked`` or ``unanswered``. Neither is written while we wait: others write meanwhile.
    """

    def tell(**more: Any) -> None:
        with store.write() as session:
            note(session, actor, action, object_, instance=instance, **more, **told)  # the outcome is seen first

    tell()
    try:
        answer = request(store.home.socket("runtime"), question, ANSWER_S)
    except UnavailableError as error:
        tell(outcome="unanswered" if isinstance(error, NoAnswerError) else "not-asked")
        raise
    if "error" in answer:
        tell(outcome="refused")
    return answer
