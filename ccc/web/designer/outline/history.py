"""What was done to a draft, in words, newest first: what the outline's buttons take back and do again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from ccc.store.records import ChangeRecord


@dataclass(frozen=True, slots=True)
class Done:
    """A change in words. ``undone``: it was taken back."""

    words: str
    by: str
    at: datetime
    undone: bool


@dataclass(frozen=True, slots=True)
class History:
    """``undo`` and ``redo``: what the buttons would do ('' nothing)."""

    undo: str
    redo: str
    changes: tuple[Done, ...]


def history(changes: Sequence[ChangeRecord]) -> History:
    """Of a draft, from its changes, oldest first."""
    shown = tuple(Done(in_words(each), each.by, each.at, each.undone) for each in reversed(changes))
    undo = next((each.words for each in shown if not each.undone), "")
    redo = next((each.words for each in reversed(shown) if each.undone), "")
    return History(undo, redo, shown)


def in_words(change: ChangeRecord) -> str:
    """One change."""
    words = {
        "canvas": _("Drawn on the canvas"),
        "import": _("Import"),
        "rename": _("Name of the flow"),
        "api": _("Saved by a program (API)"),
        "rollback": _("Back to an earlier version"),
        "outline.add": _("Add a node"),
        "outline.duplicate": _("Duplicate"),
        "outline.remove": _("Remove"),
        "outline.move": _("Move"),
        "outline.ways": _("Exits"),
        "outline.settings": _("Settings"),
        "outline.flow": _("Settings of the flow"),
        "outline.layout": _("Arrange"),
        "outline.note": _("Note"),
        "outline.note-remove": _("Remove a note"),
        "outline.case": _("Test case"),
        "outline.case-remove": _("Remove a test case"),
    }
    text = str(words.get(change.what, change.what))
    return f"{text}: {change.subject}" if change.subject else text
