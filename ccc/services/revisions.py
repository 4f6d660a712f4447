"""Two people saving the same thing: the second is told so, and nothing of the first's is lost."""

from __future__ import annotations

from ccc.errors import StaleError, say


def changed_meanwhile() -> StaleError:
    """What the second is told."""
    return StaleError(say("Somebody else saved this meanwhile; compare, then save again."))


def require_unchanged(found: int, revision: int) -> None:
    """StaleError unless the stored revision is still the one that was read. Call it inside the writing transaction."""
    if found != revision:
        raise changed_meanwhile()
