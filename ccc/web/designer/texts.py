"""What the designer's scripts say."""

from __future__ import annotations

from flask_babel import gettext as _


def texts() -> dict[str, str]:
    """Key -> text in the page's language; ``{name}`` is filled in by the script."""
    return _saving() | _editing() | _commands() | _finding()


def categories() -> dict[str, str]:
    """Groups of the palette, in its order; a plugin's own category comes after them under its own name."""
    return {
        "basic": _("Basic"),
        "input": _("Keys and input"),
        "logic": _("Decisions and data"),
        "agent": _("People and transfer"),
    }


def _saving() -> dict[str, str]:
    return {
        "saved": _("Saved {time}"),
        "saving": _("Saving…"),
        "unsaved": _("Not saved yet"),
        "save.failed": _("Not saved. Your changes are kept in this browser; trying again…"),
        "save.unkept": _("Not saved. Keep this page open; trying again…"),
        "save.refused": _("Not saved: {why}"),
        "save.signed_out": _("Your session has ended. Sign in again in another tab; your changes are kept here."),
        "restored": _("Changes that had not been saved were restored."),
        "read_only": _("Read only"),
        "lock.held": _("{name} has been editing this flow since {time}. You can look, or take over."),
        "lock.own": _("This flow is open in another window of yours since {time}."),
        "lock.lost": _("{name} has taken over editing. What you had not saved is kept in this browser."),
        "lock.take": _("Take over"),
        "lock.back": _("Take back"),
        "stale": _("{name} saved this flow at {time}, after you opened it. Your changes are kept in this browser."),
        "stale.theirs": _("Show theirs"),
        "stale.mine": _("Replace with mine"),
        "stale.file": _("Download mine"),
        "stale.shown": _("{name} saved this flow; the canvas shows it."),
        "stale.undo": _("This is what was saved elsewhere. Ctrl+Z brings back what you had drawn."),
        "arranged": _("Nobody placed these nodes, so they were arranged. Nothing is saved until you change something."),
        "arranged.keep": _("Keep this arrangement"),
        "publish.unsaved": _("The draft is not saved yet, so it cannot be published. Look at the top what is missing."),
        "publish.no_answer": _("The server does not answer; nothing was published. Try again in a moment."),
        "publish.none": _("Version {version} is live and says the same."),
        "published": _("Version {version} is live."),
        "draft.saved": _("Draft saved."),
    }


def _editing() -> dict[str, str]:
    return {
        "unknown_type": _("Unknown type {type}"),
        "note.new": _("Note"),
        "note.empty": _("Write something…"),
        "quick.title": _("What comes next?"),
        "copied": _("{n} copied"),
        "paste.nothing": _("There is nothing to paste."),
        "paste.done": _("{n} pasted"),
        "next.none": _("Select one node that has an open exit first."),
        "start.once": _("A flow has one start; there is one already."),
        "delete.start": _("A flow keeps its start."),
        "repaired": _("Two nodes had the id {id}; the second is called {new} now."),
        "exit.error": _("Error"),
        "problems.none": _("No problems"),
        "problems.errors": _("{n} errors"),
        "problems.error": _("1 error"),
        "problems.warnings": _("{n} warnings"),
        "problems.warning": _("1 warning"),
        "problems.delete_line": _("Delete this line"),
        "problems.flow": _("The flow"),
        "selected": _("{n} selected"),
        "panel.failed": _("The server does not answer. Nothing was lost; try again."),
        "line.title": _("Line"),
        "layout.done": _("Arranged."),
        "nodes": _("{n} nodes"),
        "undone": _("Undone: {what}"),
        "redone": _("Done again: {what}"),
        "undo.nothing": _("Nothing to undo."),
        "redo.nothing": _("Nothing to do again."),
    }


def _commands() -> dict[str, str]:
    return {
        "cmd.add": _("Add {name}"),
        "cmd.move": _("Move"),
        "cmd.connect": _("Connect"),
        "cmd.disconnect": _("Delete a line"),
        "cmd.delete": _("Delete"),
        "cmd.paste": _("Paste"),
        "cmd.duplicate": _("Duplicate"),
        "cmd.align": _("Align"),
        "cmd.layout": _("Arrange"),
        "cmd.settings": _("Change settings"),
        "cmd.note": _("Note"),
        "cmd.flow": _("Change the flow"),
        "cmd.theirs": _("What was saved elsewhere"),
        "cmd.restored": _("Unsaved changes put back"),
        "cmd.restore": _("Version {version} into the draft"),
        "restored.version": _("The draft says what version {version} says. Ctrl+Z takes it back."),
        "restored.same": _("The draft says the same as version {version} already."),
        "restore.read_only": _("The draft is read only now; take over editing first, then restore the version again."),
    }


def _finding() -> dict[str, str]:
    return {
        "find.none": _("Nothing found"),
        "find.count": _("{n} of {all}"),
        "palette.none": _("No node is called that."),
    }
