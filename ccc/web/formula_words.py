"""What is wrong with a formula or a setting, as sentences that can be translated (``ccc/web/problems.py``)."""

from __future__ import annotations

import re

from flask_babel import gettext

from ccc.errors import say

FORMULAS = (
    # the longer sentence first: the shorter one would take its hint for a number
    say("unexpected `%(what)s` at character %(n)s: %(hint)s"),
    say("unexpected `%(what)s` at character %(n)s"),
    say("the expression ends too early at character %(n)s: %(hint)s"),
    say("the expression ends too early at character %(n)s"),
    say("write `and`"),
    say("write `or`"),
    say("write `not`"),
    say("write `==` to compare"),
    say('use straight quotes "..."'),
    say("use ( ) of the English keyboard"),
    say("use , of the English keyboard"),
    say("expected `%(what)s`"),
    say("expected a field's name after the dot"),
    say("write `a < b and b < c`"),
    say("the expression is empty"),
    say("`%(what)s` at character %(n)s is neither a number nor a name"),
    say("unknown escape `%(what)s` at character %(n)s; write \\\\ for a backslash"),
    say("the text starting at character %(n)s has no closing %(what)s"),
    say("the ${ at character %(n)s has no closing }"),
    say("unknown function %(what)s() at character %(n)s; there are %(names)s"),
    say("if() takes 3 arguments: if(condition, then, otherwise)"),
    say("lookup() takes 2 arguments: lookup(table, key)"),
    say('the first argument of lookup() is the name of a table, as in lookup("accounts", digits)'),
    say("%(what)s() takes %(wanted)s argument(s), got %(given)s"),
    say("argument %(n)s of %(what)s() must be %(wanted)s, not %(kind_1)s"),
    say("the expression is longer than %(n)s characters; split it over several variables"),
    say("the expression is nested deeper than %(n)s levels; split it over several variables"),
    say("the expression has more than %(n)s steps inside each other; split it over variables"),
    say("more than %(n)s operands in a row; split the expression over several variables"),
    say("%(kind_1)s and %(kind_2)s are never equal; write number(...) or text(...) around one side"),
    say("cannot compare %(kind_1)s %(what)s %(kind_2)s; write number(...) or text(...) around one side"),
    say("cannot calculate %(kind_1)s %(what)s %(kind_2)s; %(hint)s"),
    say("cannot calculate %(kind_1)s %(what)s %(kind_2)s"),
    say("write & to join texts"),
    say("`in` needs a list, a row or a text on its right, not %(kind_1)s"),
    say("a %(kind_1)s has no fields"),
    say("the position in a list must be a number"),
    say("the key of lookup() must be text or number, not %(kind_1)s"),
    say("`%(what)s` needs true or false, not %(kind_1)s; compare it with something"),
    say("'%(what)s' is not a name: use letters, digits and _, not starting with a digit"),
    say("'%(what)s' means something else in formulas; choose another name"),
    say("'%(what)s' is not a time zone such as Asia/Shanghai"),
    say("ends on %(what)s, before it begins on %(n)s"),
    say("a formula is written as a text"),
)
REQUESTS = (
    say("%(what)s: %(address)s is not a public address; an administrator can allow it with the setting http_allow"),
    say("%(what)s: no answer within %(n)s s"),
    say("no answer within %(n)s s"),
    say("%(what)s: redirected more than %(n)s times"),
    say("%(what)s: redirected from https to http"),
    say("%(what)s: the answer is longer than %(n)s KiB"),
    say("%(what)s: the answer is compressed, which was not asked for"),
    say("%(what)s: %(address)s has no address"),
    say("%(what)s: All connection attempts failed"),
    say("%(what)s: the server answered %(n)s"),
    say("%(what)s: the answer is not JSON (%(why)s)"),
    say("'%(what)s' cannot be filled in: %(hint)s"),
)
"""Why a request of a node failed."""
VALIDATION = {
    "Field required": say("required: fill it in"),
    "String should have at least 1 character": say("required: fill it in"),
    "String should have at least %(n)s characters": say("write at least %(n)s characters"),
    "String should have at most %(n)s characters": say("write at most %(n)s characters"),
    "String should match pattern '%(pattern)s'": say("does not have the right form (%(pattern)s)"),
    "Input should be a valid string": say("write a text"),
    "Input should be a valid integer, unable to parse string as an integer": say("write a whole number"),
    "Input should be a valid integer, got a number with a fractional part": say("write a whole number"),
    "Input should be a valid integer": say("write a whole number"),
    "Input should be a valid number, unable to parse string as a number": say("write a number"),
    "Input should be a valid number": say("write a number"),
    "Input should be a finite number": say("write a number"),
    "Input should be greater than or equal to %(n)s": say("write %(n)s or more"),
    "Input should be greater than %(n)s": say("write more than %(n)s"),
    "Input should be less than or equal to %(n)s": say("write %(n)s or less"),
    "Input should be less than %(n)s": say("write less than %(n)s"),
    "Input should be a valid date or datetime, %(why)s": say("choose a date"),
    "Input should be a valid date in the format YYYY-MM-DD, %(why)s": say("choose a date"),
    "Input should be a valid dictionary or object to extract fields from": say("has another form than it should"),
    "Input should be a valid tuple": say("has another form than it should"),
    "Input should be a valid boolean%(why)s": say("choose on or off"),
    "Input should be %(choices)s": say("choose one of %(choices)s"),
    "Tuple should have at least %(n)s item after validation, not %(given)s": say("add at least %(n)s line"),
    "Tuple should have at least %(n)s items after validation, not %(given)s": say("add at least %(n)s lines"),
    "Tuple should have at most %(n)s items after validation, not %(given)s": say("keep at most %(n)s lines"),
    "Value should have at least %(n)s item after validation, not %(given)s": say("add at least %(n)s line"),
    "Extra inputs are not permitted": say("there is no such setting; remove it"),
}
"""What pydantic says -> what to write instead."""
SHAPES = {
    r"^[0-9*#A-D]$": say("write one key of the telephone: 0 to 9, *, # or A to D"),
    r"^[0-9*#A-D]*$": say("write keys of the telephone only: 0 to 9, *, # and A to D"),
    r"^[0-9*#]+$": say("write digits, * and # only, at least one"),
    r"^[0-9+*#]*$": say("write digits, +, * and # only"),
    r"^[\w-]+$": say("write letters, digits, _ and - only, without spaces"),
    r"^[a-z0-9][a-z0-9_-]*$": say("write small letters, digits, _ and - only"),
    r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$": say("write a header's name such as X-Api-Key, without spaces and colons"),
    r"^([01]\d|2[0-3]):[0-5]\d$": say("write hours like 09:00-12:00"),
    r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$": say("write a time of day such as 18:00, at most 24:00"),
}
"""What to write where a setting has a pattern."""
_PLACE = re.compile(r"\bat character (\d+)")
_INSIDE = re.compile(r"(?s)(.+) in `(.*)`")


def kind_names() -> dict[str, str]:
    """Kinds of values as people call them."""
    return {
        "text": gettext("text"), "number": gettext("number"), "bool": gettext("true or false"),
        "list": gettext("list"), "row": gettext("row"), "null": gettext("nothing"), "any": gettext("anything"),
    }  # fmt: skip


def place_of(message: str) -> tuple[int, str] | None:
    """(character counted from 1, the formula it counts in; '' the whole text) an English sentence names."""
    found, inside = _PLACE.search(message), _INSIDE.fullmatch(message)
    return None if found is None else (int(found[1]), inside[2] if inside else "")


def parted(message: str) -> tuple[str, str]:
    """(the sentence, the formula it is about) of ``... in `formula```; ('', '') when it names none."""
    inside = _INSIDE.fullmatch(message)
    return (inside[1], inside[2]) if inside else ("", "")
