"""Pydantic's errors -> places and sentences people can use."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

_TAGS = frozenset({"tts", "audio", "tone", "silence"})
MAX_ERRORS = 1000
Place = tuple[int | str, ...]


def mistakes(error: ValidationError) -> Iterator[tuple[Place, str]]:
    """Each mistake as (path, sentence). A list that is "too short" only because its items are wrong is left out."""
    items = error.errors(include_url=False, include_context=False, include_input=False)[:MAX_ERRORS]
    outer = {item["loc"][:length] for item in items for length in range(len(item["loc"]))}
    for item in items:
        if item["loc"] not in outer:
            yield _untagged(item["loc"]), item["msg"].removeprefix("Value error, ")


def _untagged(loc: Place) -> Place:
    """Without the kind of prompt pydantic puts after a list's index: the document has no such level."""
    return tuple(part for at, part in enumerate(loc) if not (part in _TAGS and at and isinstance(loc[at - 1], int)))


def dotted(place: Place) -> str | None:
    """``keys.0.key``; None for the whole."""
    return ".".join(str(part) for part in place) or None
