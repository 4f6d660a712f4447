"""What the inputs of the panel begin with: addresses, words, what completion knows."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from ccc.web.designer.panel import day_names
from ccc.web.designer.widgets.vocabulary import vocabulary


def widget_start(flow: str) -> dict[str, Any]:
    """Parts of the page's start block; ``urls`` and ``texts`` join those of the designer."""
    return {
        "urls": {
            "audio-add": url_for("designer_widgets.add_audio", key=flow),
            "audio-file": url_for("audio.file", key="__name__"),
        },
        "texts": _texts(),
        "vocabulary": vocabulary(),
        "weekdays": day_names(),
    }


def _texts() -> dict[str, str]:
    return {
        "complete.title": _("Suggestions"),
        "complete.count": _("{n} suggestions; arrow keys choose, Enter takes one"),
        "complete.initial": _("Initial value of the flow"),
        "complete.set_by": _("set by {node}"),
        "complete.later": _("set by {node}, which does not come before this node"),
        "complete.place": _("Go to character {n}"),
        "week.grid": _("Weekly hours: arrow keys move, Space opens or closes, Shift and an arrow key paint"),
        "week.cell": _("{day} {time}"),
        "week.wrong": _("Write hours like 09:00-12:00 13:30-18:00."),
        "sound.added": _("Audio {name} added and chosen."),
        "sound.recorded": _("Recording {time}"),
        "sound.working": _("Being converted…"),
        "ways.title": _("Where the call goes on"),
        "ways.nowhere": _("leads nowhere"),
        "ways.go": _("Show {node}"),
        "data.variables": _("Initial values of variables"),
        "data.variables.help": _("Every call begins with them; nodes may set them anew."),
        "data.name": _("Name"),
        "data.kind": _("Kind"),
        "data.value": _("Value"),
        "data.kind.text": _("Text"),
        "data.kind.number": _("Numeric value"),
        "data.kind.bool": _("Yes or no"),
        "data.kind.json": _("List or row (JSON)"),
        "data.kind.null": _("Empty"),
        "data.yes": _("Yes"),
        "data.no": _("No"),
        "data.add": _("Add a variable"),
        "data.remove": _("Remove {name}"),
        "data.bad.name": _("Use letters, digits and _, not starting with a digit."),
        "data.bad.word": _("{name} means something else in formulas; choose another name."),
        "data.bad.twice": _("There is a variable {name} already; choose another name."),
        "data.bad.number": _("Write a number, such as 12 or 0.5."),
        "data.bad.json": _('Write JSON, such as [1, 2] or {"level": "vip"}.'),
        "data.kept": _("Not saved while a line is marked."),
        "data.tables": _("Tables of the flow"),
        "data.tables.help": _("Small tables that belong to this flow alone; formulas and the node Look up ask them."),
        "data.table.add": _("Add a table"),
        "data.table.size": _("{rows} rows, {columns} columns"),
        "data.table.edit": _("Edit"),
        "data.table.key": _("Lookup key"),
        "data.table.column": _("Column {n}"),
        "data.table.row": _("Row {n}"),
        "data.table.name": _("Name of the table"),
        "data.table.bad.twice": _("There is a table {name} already; choose another name."),
        "data.table.bad.key": _("Two rows have the key {name}; keep one."),
        "data.table.bad.column": _("Give every column its own name."),
        "data.table.bad.empty": _("Row {n} has no key; write one or remove the row."),
        "cmd.variables": _("Change variables"),
        "cmd.tables": _("Change a table"),
    }
