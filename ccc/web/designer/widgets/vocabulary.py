"""What completion offers besides the flow's own variables: system variables and functions, explained."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from ccc.api import SYSTEM_VARIABLES
from ccc.api.expr import FUNCTIONS
from ccc.errors import say

MEANINGS = frozenset(
    {
        say("the call's id"),
        say("inbound or outbound"),
        say("the caller's number (主叫), empty when anonymous"),
        say("the number dialled (被叫)"),
        say("user name of the caller's dedicated agent (专属坐席), empty without one"),
        say("local date and time, 2026-11-20 09:30:00"),
        say("local date, 2026-11-20"),
        say("local time, 09:30"),
        say("1 is Monday, 7 is Sunday"),
        say("characters of a text, entries of a list or row"),
        say("the number a text holds, or null"),
        say("the value as it is spoken"),
        say("whether number() would find one"),
        say("whether the text begins with the other"),
        say("whether the text ends with the other"),
        say("whether the text holds the other"),
        say("small letters"),
        say("capital letters"),
        say("without spaces at both ends"),
        say("the first n characters"),
        say("the last n characters"),
        say("n characters from position p (the first is 1)"),
        say("every occurrence of the second replaced by the third"),
        say("spaces between the characters: read one by one"),
        say("rounded, half up, to n decimal places (0)"),
        say("with exactly n decimal places: fixed(3, 2) is 3.00"),
        say("the whole number below"),
        say("the whole number above"),
        say("without sign"),
        say("the smallest"),
        say("the largest"),
        say("the first value that is not null"),
        say("the row of a table of the flow, null when there is none"),
        say("one of the two"),
    }
)
"""Every explanation, so that it can be translated; a test compares them with the language itself."""
BUILT_IN = (
    ("if", "if(condition, then, otherwise)", "one of the two"),
    ("lookup", "lookup(table, key)", "the row of a table of the flow, null when there is none"),
)


def vocabulary() -> list[dict[str, Any]]:
    """``{name, shown, about, kind: variable | function}`` in the page's language."""
    functions = [(one.name, one.signature, one.help) for one in FUNCTIONS.values()]
    return [
        {"name": name, "shown": name, "about": gettext(meaning), "kind": "variable"}
        for name, (_kind, meaning, _read) in SYSTEM_VARIABLES.items()
    ] + [
        {"name": name, "shown": signature, "about": gettext(meaning), "kind": "function"}
        for name, signature, meaning in (*BUILT_IN, *functions)
    ]
