"""Initial variables as lines ``name = value``: what a value looks like in JSON is taken as such, else as text. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ccc.errors import InvalidError, say


def read(text: str) -> dict[str, Any]:
    """The variables. InvalidError names the line that is none."""
    found: dict[str, Any] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals or not name:
            raise InvalidError(
                say("Line %(line)s is not of the form name = value."), field="variables", values={"line": number}
            )
        if name in found:
            raise InvalidError(say("The variable %(name)s is there twice."), field="variables", values={"name": name})
        found[name] = _value(value)
    return found


def written(variables: Mapping[str, Any]) -> str:
    """The lines; ``read`` gives the same variables again."""
    return "\n".join(f"{name} = {_text(value)}" for name, value in variables.items())


def _value(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_none)
    except ValueError:
        return text


def _text(value: Any) -> str:
    """A text stands without quotes unless it would be read as something else."""
    plain = isinstance(value, str) and value == value.strip() and "\n" not in value
    return value if plain and _value(value) == value else json.dumps(value, ensure_ascii=False)


def _none(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")
