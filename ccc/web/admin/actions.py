"""Things to do with rows: what is asked before, what is said after, how it is undone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Response

from ccc.errors import CccError
from ccc.web.admin.forms import PanelForm
from ccc.web.errors import in_words


def always(_row: Any) -> bool:
    """Offered for every row."""
    return True


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do with one row (row menu) or with the checked ones (``bulk``).

    The page has ``do_<name>(keys, form) -> Done`` and, with ``ask``, ``ask_<name>(keys) -> Question``.
    """

    name: str
    title: Any
    icon: str = ""
    row: bool = True
    bulk: bool = False
    danger: bool = False
    ask: bool = False
    form: type[PanelForm] | None = None
    """Values asked for in the dialog (then ``ask`` is implied)."""
    when: Callable[[Any], bool] = always
    roles: tuple[str, ...] | None = None
    """Other roles than the page's."""


@dataclass(frozen=True, slots=True)
class Question:
    """A dialog that names what is lost. ``refused``: it cannot be done; ``items`` say why (used-by)."""

    title: Any
    text: Any = ""
    items: Sequence[tuple[Any, Any]] = ()
    """``(name, what about it)`` each; the second may be ''."""
    items_title: Any = ""
    confirm: Any = ""
    """Label of the button; the action's title by default."""
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Undo:
    """Another action of the same page that takes it back."""

    action: str
    keys: Sequence[str]
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in words. ``key``: the row to point out in the list."""

    text: Any
    key: str = ""
    undo: Undo | None = None
    problems: Sequence[str] = ()
    """What could not be done of a bulk action: shown until closed."""
    panel: str = ""
    """HTML to show in the panel instead of closing it (a password shown once)."""


def each(keys: Sequence[str], act: Callable[[str], object]) -> list[str]:
    """Do it to every one; the refusals in words, ``name: why``. When all are refused, the first is raised."""
    refused: list[tuple[str, CccError]] = []
    for key in keys:
        try:
            act(key)
        except CccError as error:
            refused.append((key, error))
    if len(refused) == len(keys):
        raise refused[0][1]
    return [f"{key}: {in_words(error)}" for key, error in refused]


def answer(done: Done, undo_url: str = "") -> Response:
    """204 and the event ``ccc:done`` for ``static/js/admin/main.js``, or the panel's new content with the event."""
    told: dict[str, Any] = {"text": str(done.text), "key": done.key, "problems": [str(item) for item in done.problems]}
    if done.undo is not None:
        told["undo"] = {"url": undo_url, "values": {**done.undo.values, "key": list(done.undo.keys)}}
    told["keep"] = bool(done.panel)
    response = Response(done.panel, mimetype="text/html") if done.panel else Response(status=204)
    if done.panel:
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#panel", "innerHTML"
    response.headers["HX-Trigger"] = json.dumps({"ccc:done": told})
    return response
