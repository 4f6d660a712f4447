"""A node's settings as a tree of form fields, from the JSON schema of its ``Config``. Pure."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel

from ccc.web.designer import week

Schema = Mapping[str, Any]
LONG = 200
"""Texts that may be longer get several lines."""


@functools.cache
def schema_of(config: type[BaseModel]) -> Schema:
    """The JSON schema of a ``Config``, made once."""
    return config.model_json_schema()


@dataclass(frozen=True, slots=True)
class Field:
    """One input, a list of rows, or a group. ``path`` is dotted from ``config``; it is the input's name, too."""

    path: str
    kind: str
    """``text``, ``lines``, ``number``, ``switch``, ``choice``, ``ref``, ``variable``, ``expression``, ``json``,
    ``date``, ``time``, ``days``, ``week``, ``weekday``, ``keys``, ``list``, ``group``, ``union``, ``constant``."""
    label: str = ""
    help: str = ""
    unit: str = ""
    value: Any = None
    required: bool = False
    optional: bool = False
    """Empty means null."""
    default: Any = None
    least: float | None = None
    most: float | None = None
    whole: bool = False
    fills: bool = False
    """A text that may hold ``${formulas}``."""
    unless: str = ""
    """The path of the setting that takes this one's place while it has a value."""
    ref: str = ""
    """What a ``ref`` names: ``skill-group``, ``audio``, ``flow``, ``trunk``, ``voice``, ``table``."""
    choices: tuple[tuple[str, str], ...] = ()
    parts: tuple[Field, ...] = ()
    """Of a group, or of the chosen variant of a union."""
    rows: tuple[Field, ...] = ()
    most_rows: int = 0
    least_rows: int = 0

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Shape:
    """A schema with its definitions; ``language`` of labels."""

    root: Schema
    language: str
    definitions: Schema = field(default_factory=dict)

    @classmethod
    def of(cls, schema: Schema, language: str) -> Shape:
        return cls(schema, language, schema.get("$defs", {}))

    def resolved(self, schema: Schema) -> tuple[Schema, bool]:
        """Without ``$ref`` and without the null of an optional value; (schema, may it be null)."""
        outer = {key: value for key, value in schema.items() if key not in ("$ref", "allOf", "anyOf")}
        if "$ref" in schema:
            found = self.definitions.get(schema["$ref"].rpartition("/")[2], {})
            inner, optional = self.resolved(found)
            return {**inner, **outer}, optional
        if len(schema.get("allOf", ())) == 1:
            inner, optional = self.resolved(schema["allOf"][0])
            return {**inner, **outer}, optional
        if "anyOf" in schema:
            solid = [one for one in schema["anyOf"] if one.get("type") != "null"]
            if len(solid) == 1:
                inner, _ = self.resolved(solid[0])
                return {**inner, **outer}, len(solid) < len(schema["anyOf"])
        return schema, False

    def words(self, schema: Schema, key: str) -> str:
        """A text of the schema in the page's language."""
        found = schema.get(key) or {}
        return str(found.get(self.language) or found.get("en") or "")


def fields(schema: Schema, config: Mapping[str, Any], language: str) -> list[Field]:
    """The settings of a node, top level, with the values of ``config``."""
    shape = Shape.of(schema, language)
    return list(_properties(shape, schema, config, "config"))


def _properties(shape: Shape, schema: Schema, value: Any, path: str) -> Sequence[Field]:
    values = value if isinstance(value, Mapping) else {}
    required = set(schema.get("required", ()))
    found = []
    for name, inner in schema.get("properties", {}).items():
        given = values.get(name, inner.get("default"))
        made = build(shape, inner, given, f"{path}.{name}")
        other = str(inner.get("x-unless", ""))
        unless = f"{path}.{other}" if other else ""
        found.append(replace(made, required=name in required, default=inner.get("default"), unless=unless))
    return found


def build(shape: Shape, schema: Schema, value: Any, path: str) -> Field:
    """The field of one schema with its value."""
    inner, optional = shape.resolved(schema)
    label = shape.words(inner, "x-label") or str(inner.get("title", ""))
    made = Field(
        path,
        kind_of(inner),
        label,
        shape.words(inner, "x-help"),
        str(inner.get("x-unit", "")),
        value,
        optional=optional,
        fills=inner.get("format") == "ccc-template" or inner.get("x-widget") == "template",
    )
    if made.kind == "week":
        return replace(made, value=week.texts(value))
    if made.kind == "number":
        return replace(
            made,
            least=inner.get("minimum", inner.get("exclusiveMinimum")),
            most=inner.get("maximum"),
            whole=inner.get("type") == "integer",
        )
    if made.kind == "choice":
        return replace(made, choices=_choices(inner, shape.language))
    if made.kind == "ref":
        return replace(made, ref=str(inner["x-widget"]))
    if made.kind == "constant":
        return replace(made, value=inner.get("const"))
    if made.kind == "group":
        return replace(made, parts=tuple(_properties(shape, inner, value, path)))
    if made.kind == "union":
        return _union(shape, inner, made)
    if made.kind == "list":
        items = value if isinstance(value, list | tuple) else ()
        rows = tuple(build(shape, inner.get("items", {}), item, f"{path}.{n}") for n, item in enumerate(items))
        return replace(
            made, rows=rows, most_rows=int(inner.get("maxItems", 1000)), least_rows=int(inner.get("minItems", 0))
        )
    return made


def _choices(schema: Schema, language: str) -> tuple[tuple[str, str], ...]:
    """The values of a choice with what people call them."""
    names = schema.get("x-choices", {})
    return tuple(
        (str(one), str(names.get(one, {}).get(language) or names.get(one, {}).get("en") or one))
        for one in schema["enum"]
    )


REFERENCES = frozenset({"skill-group", "audio", "flow", "trunk", "voice", "table", "agent", "hours"})
_WIDGETS = {"variable": "variable", "expression": "expression", "json": "json", "text": "lines", "weekdays": "days"}


def kind_of(schema: Schema) -> str:
    widget = str(schema.get("x-widget", ""))
    kind = schema.get("type")
    if "const" in schema:
        return "constant"
    if widget in REFERENCES:
        return "ref"
    if "oneOf" in schema and "discriminator" in schema:
        return "union"
    if kind == "array":
        return {"weekdays": "days", "week": "week"}.get(widget, "list")
    if kind == "object" and "properties" in schema:
        return "group"
    if kind == "boolean":
        return "switch"
    if kind in ("integer", "number"):
        return "weekday" if widget == "weekday" else "number"
    if "enum" in schema:
        return "choice"
    if kind == "string":
        return _WIDGETS.get(widget) or _text_kind(schema)
    return "json"


def _text_kind(schema: Schema) -> str:
    form = schema.get("format", "")
    if form == "date":
        return "date"
    if form == "ccc-expression":
        return "expression"
    if schema.get("x-widget") == "clock":
        return "time"
    return "lines" if form != "ccc-template" and int(schema.get("maxLength", 0)) > 1000 else "text"


def _union(shape: Shape, schema: Schema, made: Field) -> Field:
    key = schema["discriminator"]["propertyName"]
    variants = {
        name: shape.definitions[ref.rpartition("/")[2]] for name, ref in schema["discriminator"]["mapping"].items()
    }
    value = made.value if isinstance(made.value, Mapping) else {}
    chosen = str(value.get(key) or next(iter(variants)))
    variant = variants.get(chosen, next(iter(variants.values())))
    parts = tuple(part for part in _properties(shape, variant, value, made.path) if part.kind != "constant")
    choices = tuple((name, shape.words(one, "x-label") or name) for name, one in variants.items())
    order = {"tts": 0, "audio": 1}
    choices = tuple(sorted(choices, key=lambda choice: order.get(choice[0], 2)))
    return replace(made, parts=parts, choices=choices, value=chosen, ref=key)


def blank(shape: Shape, schema: Schema, taken: Sequence[Any] = ()) -> Any:
    """A first value for a new row or a new node: required parts empty, the rest left to its default."""
    inner, optional = shape.resolved(schema)
    if optional:
        return None
    if "default" in inner and inner["default"] is not None:
        return inner["default"]
    kind = kind_of(inner)
    if kind == "union":
        key = inner["discriminator"]["propertyName"]
        name = "tts" if "tts" in inner["discriminator"]["mapping"] else next(iter(inner["discriminator"]["mapping"]))
        return variant(shape, inner, name) | {key: name}
    if kind == "group":
        return blank_group(shape, inner, taken)
    if kind == "list":
        return [blank(shape, inner.get("items", {}))] if inner.get("minItems") else []
    return {"switch": False, "number": inner.get("minimum", 0), "choice": (inner.get("enum") or [""])[0]}.get(kind, "")


def blank_group(shape: Shape, schema: Schema, taken: Sequence[Any] = ()) -> dict[str, Any]:
    """An object with its required settings."""
    made = {}
    for name in schema.get("required", ()):
        inner, _ = shape.resolved(schema["properties"][name])
        made[name] = _next_key(taken, name) if name == "key" else blank(shape, inner)
    return made


def variant(shape: Shape, schema: Schema, name: str) -> dict[str, Any]:
    """The blank value of one variant of a union, without its discriminator."""
    ref = schema["discriminator"]["mapping"][name]
    return blank_group(shape, shape.definitions[ref.rpartition("/")[2]])


def _next_key(taken: Sequence[Any], name: str) -> str:
    """The first key of a telephone that no row has yet."""
    used = {str(row.get(name)) for row in taken if isinstance(row, Mapping)}
    return next((key for key in "1234567890*#ABCD" if key not in used), "")
