"""Numbers shown beside lines of the menu."""

from __future__ import annotations

from ccc.errors import UnavailableError
from ccc.services import voicemails
from ccc.web.auth import rights


def new_voicemails() -> int:
    """Messages nobody has heard, of those this user may hear. A menu without a number is better than no page."""
    place = rights.place_or_none()
    if place is None:
        return 0
    try:
        return voicemails.count_new(rights.store(), rights.actor(), place.instance)
    except UnavailableError:
        return 0
