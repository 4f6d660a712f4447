"""A posted property form -> the node's settings, whatever was typed: what is not valid yet is not lost. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ccc.web.designer import week
from ccc.web.designer.schema import Schema, Shape, blank, kind_of, variant

ABSENT = object()
"""The form says nothing about it."""


class Posted(Protocol):
    """A MultiDict."""

    def get(self, key: str) -> Any: ...

    def getlist(self, key: str) -> list[str]: ...

    def __contains__(self, key: object) -> bool: ...


def read(schema: Schema, form: Posted, before: Mapping[str, Any], language: str = "en") -> dict[str, Any]:
    """The settings as posted. Settings at their default that ``before`` did not name are left out, as before."""
    shape = Shape.of(schema, language)
    return _object(shape, schema, form, before, "config")


def _object(shape: Shape, schema: Schema, form: Posted, before: Any, path: str) -> dict[str, Any]:
    known = before if isinstance(before, Mapping) else {}
    found: dict[str, Any] = {}
    required = set(schema.get("required", ()))
    for name, inner in schema.get("properties", {}).items():
        value = _value(shape, inner, form, known.get(name), f"{path}.{name}")
        if value is ABSENT:
            if name in known:
                found[name] = known[name]
        elif name in known or name in required or value != inner.get("default"):
            found[name] = value
    unknown = {name: value for name, value in known.items() if name not in schema.get("properties", {})}
    return {**found, **unknown}


def _value(shape: Shape, schema: Schema, form: Posted, before: Any, path: str) -> Any:
    inner, optional = shape.resolved(schema)
    kind = kind_of(inner)
    if kind == "constant":
        return ABSENT
    if kind == "group":
        return _object(shape, inner, form, before, path) if f"{path}." in form else ABSENT
    if kind == "union":
        return _union(shape, inner, form, before, path)
    if kind == "list":
        return _list(shape, inner, form, before, path)
    if kind == "days":
        return [int(day) for day in form.getlist(path) if day.isdigit()] if f"{path}." in form else ABSENT
    if kind == "week":
        days = [form.get(f"{path}.{number}") for number in week.DAYS]
        return ABSENT if None in days else week.rows([str(day) for day in days], before)
    if kind == "switch":
        return form.get(path) == "y" if f"{path}." in form else ABSENT
    text = form.get(path)
    if text is None:
        return ABSENT
    return _scalar(kind, inner, str(text).replace("\r\n", "\n"), optional)


def _scalar(kind: str, schema: Schema, text: str, optional: bool) -> Any:
    if optional and not text.strip():
        return None
    if kind in ("number", "weekday"):
        return _number(text, schema.get("type") == "integer")
    if kind == "choice":
        return next((one for one in schema["enum"] if str(one) == text), text)
    if kind == "json" and schema.get("type") != "string":
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _number(text: str, whole: bool) -> Any:
    """A number when it is one; else what was typed, so that the check can say what is wrong with it."""
    try:
        value = float(text)
    except ValueError:
        return text
    if value != value or value in (float("inf"), float("-inf")):
        return text
    return int(value) if value.is_integer() and (whole or "." not in text) else value


def _list(shape: Shape, schema: Schema, form: Posted, before: Any, path: str) -> Any:
    count = form.get(f"{path}.")
    if count is None or not str(count).isdigit():
        return ABSENT
    rows = before if isinstance(before, list) else []
    most = min(int(count), int(schema.get("maxItems", 1000)))
    found = []
    for n in range(most):
        value = _value(shape, schema.get("items", {}), form, rows[n] if n < len(rows) else None, f"{path}.{n}")
        found.append(value if value is not ABSENT else rows[n] if n < len(rows) else None)
    return found


def _union(shape: Shape, schema: Schema, form: Posted, before: Any, path: str) -> Any:
    key = schema["discriminator"]["propertyName"]
    chosen = form.get(f"{path}.{key}")
    mapping = schema["discriminator"]["mapping"]
    if chosen not in mapping:
        return ABSENT
    inner = shape.definitions[mapping[chosen].rpartition("/")[2]]
    if isinstance(before, Mapping) and before.get(key, chosen) != chosen:  # made of another kind: begin anew
        return {key: chosen} | variant(shape, schema, chosen)
    return {key: chosen} | _object(shape, inner, form, before, path)


def edited(schema: Schema, config: dict[str, Any], op: str, path: str) -> dict[str, Any]:
    """The settings with a row added (``add``), taken out (``remove``) or moved (``up``, ``down``) at ``path``
    (``config.prompts.0``). Settings it does not fit stay as they are."""
    shape = Shape.of(schema, "en")
    keys = path.split(".")[1:]
    if op == "add":
        grown: dict[str, Any] = _changed(config, keys, lambda value: _added(shape, _at(shape, schema, keys), value))
        return grown
    if not keys or not keys[-1].isdigit():
        return config
    moved: dict[str, Any] = _changed(config, keys[:-1], lambda value: _moved(value, int(keys[-1]), op))
    return moved


def _added(shape: Shape, schema: Schema | None, value: Any) -> Any:
    rows = list(value) if isinstance(value, list) else []
    if schema is None or len(rows) >= int(schema.get("maxItems", 1000)):
        return value
    return [*rows, blank(shape, schema.get("items", {}), rows)]


def _moved(value: Any, at: int, op: str) -> Any:
    if not isinstance(value, list) or at >= len(value):
        return value
    rest = [*value[:at], *value[at + 1 :]]
    if op == "remove":
        return rest
    to = at - 1 if op == "up" else at + 1
    return [*rest[:to], value[at], *rest[to:]] if 0 <= to < len(value) else value


def _changed(value: Any, keys: list[str], change: Callable[[Any], Any]) -> Any:
    if not keys:
        return change(value)
    head, rest = keys[0], keys[1:]
    if isinstance(value, list) and head.isdigit() and int(head) < len(value):
        at = int(head)
        return [*value[:at], _changed(value[at], rest, change), *value[at + 1 :]]
    if isinstance(value, dict):
        return {**value, head: _changed(value.get(head), rest, change)}
    return value


def _at(shape: Shape, schema: Schema, keys: list[str]) -> Schema | None:
    """The schema below ``keys``."""
    inner, _ = shape.resolved(schema)
    for key in keys:
        following = inner.get("items") if key.isdigit() else inner.get("properties", {}).get(key)
        if following is None:
            return None
        inner, _ = shape.resolved(following)
    return inner
