"""``TextTemplate`` and ``JsonTemplate``: types of a node's settings that hold a text with ``${formulas}``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from ccc.api.control import FlowFailed
from ccc.api.expr.expression import Expression
from ccc.api.expr.kinds import ExprError, checked_text, to_text
from ccc.api.expr.template import Template, parse_template
from ccc.api.prompt import Value

MAX_LENGTH = 10_000


def _same(text: str) -> str:
    return text


class TextTemplate:
    """A text such as ``余额${balance}元``. Reads from and writes to a JSON string; ``$$`` is a dollar sign."""

    __slots__ = ("source",)

    def __init__(self, source: str) -> None:
        """ExprError when a formula in it is wrong."""
        self.source = source
        self._parse()

    def _parse(self) -> None:
        parse_template(self.source)

    def expressions(self) -> list[Expression]:
        """The formulas, in order."""
        return parse_template(self.source).expressions()

    def fill(
        self, variables: Mapping[str, Value], tables: Mapping[str, Any], encode: Callable[[str], str] = _same
    ) -> str:
        """The text in a call; each formula's value passes ``encode``. FlowFailed when a formula fails."""
        template = parse_template(self.source)
        try:
            return checked_text(_filled(template, variables, tables, encode))
        except ExprError as error:
            raise FlowFailed(f"{self.source[:60]!r} cannot be filled in: {error.message}") from error

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.source == self.source

    def __hash__(self) -> int:
        return hash(self.source)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.source!r})"

    @classmethod
    def _read(cls, value: Any) -> Self:
        if isinstance(value, cls):
            return value
        if not isinstance(value, str) or len(value) > MAX_LENGTH:
            raise ValueError(f"a text of at most {MAX_LENGTH} characters")
        try:
            return cls(value)
        except ExprError as error:
            raise ValueError(error.message) from error

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._read, serialization=core_schema.plain_serializer_function_ser_schema(lambda item: item.source)
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "format": "ccc-template", "maxLength": MAX_LENGTH}


class JsonTemplate(TextTemplate):
    """JSON whose texts may hold formulas. ``{"n": "${count}"}`` keeps the value's kind; ``"a ${count}"`` is text.

    Formulas stand inside the texts of the JSON, so that no value can break out of its place.
    """

    __slots__ = ("_tree",)

    def _parse(self) -> None:
        try:
            self._tree = json.loads(self.source)
        except (ValueError, RecursionError) as error:
            raise ExprError(f"not JSON: {error}; formulas stand inside texts") from error
        for text in _texts(self._tree):
            parse_template(text)

    def expressions(self) -> list[Expression]:
        return [formula for text in _texts(self._tree) for formula in parse_template(text).expressions()]

    def fill(
        self, variables: Mapping[str, Value], tables: Mapping[str, Any], encode: Callable[[str], str] = _same
    ) -> str:
        """The JSON text in a call. FlowFailed when a formula fails."""
        try:
            return checked_text(json.dumps(_put_in(self._tree, variables, tables), ensure_ascii=False))
        except ExprError as error:
            raise FlowFailed(f"{self.source[:60]!r} cannot be filled in: {error.message}") from error


def _filled(
    template: Template, variables: Mapping[str, Value], tables: Mapping[str, Any], encode: Callable[[str], str]
) -> str:
    return "".join(
        part if isinstance(part, str) else encode(to_text(part.value(variables, tables))) for part in template.parts
    )


def _texts(tree: Any) -> list[str]:
    if isinstance(tree, str):
        return [tree]
    if isinstance(tree, Mapping):
        return [text for item in tree.values() for text in _texts(item)]
    return [text for item in tree for text in _texts(item)] if isinstance(tree, list) else []


def _put_in(tree: Any, variables: Mapping[str, Value], tables: Mapping[str, Any]) -> Any:
    if isinstance(tree, str):
        parts = parse_template(tree).parts
        if len(parts) == 1 and isinstance(parts[0], Expression):
            return parts[0].value(variables, tables)
        return _filled(parse_template(tree), variables, tables, _same)
    if isinstance(tree, Mapping):
        return {name: _put_in(item, variables, tables) for name, item in tree.items()}
    return [_put_in(item, variables, tables) for item in tree] if isinstance(tree, list) else tree
