"""``Expression``: the type of a node's setting that holds a formula."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from ccc.api.expr import operators
from ccc.api.expr.kinds import ExprError, Kind
from ccc.api.expr.lexer import MAX_LENGTH
from ccc.api.expr.parser import parse
from ccc.api.expr.tree import SYSTEM, Lookup, Scope, Variable
from ccc.api.prompt import Value


class Expression:
    """A parsed formula such as ``balance > 100 and sys.caller != ""``. Immutable; equal when the text is equal.

    In a node's ``Config`` it reads from and writes to a JSON string; a syntax error becomes the field's error.
    """

    __slots__ = ("source", "tree")

    def __init__(self, source: str) -> None:
        self.source = source
        self.tree = parse(source)

    def value(self, variables: Mapping[str, Value], tables: Mapping[str, Any]) -> Value:
        """The result in a call. ExprError when the values do not fit."""
        try:
            return self.tree.value(Scope(variables, tables))
        except ExprError as error:
            raise ExprError(f"{error.message} in `{self.source}`") from error

    def kind(self, kinds: Mapping[str, Kind]) -> Kind:
        """The kind of the result as far as it can be known beforehand. ExprError when it can never work."""
        return self.tree.kind(kinds)

    def variables(self) -> set[str]:
        """Names of the variables it reads, system ones as ``sys.name``."""
        return {node.name for node in self.tree.walk() if isinstance(node, Variable)}

    def tables(self) -> set[str]:
        """Names of the tables it looks into."""
        return {node.table for node in self.tree.walk() if isinstance(node, Lookup)}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and other.source == self.source

    def __hash__(self) -> int:
        return hash(self.source)

    def __repr__(self) -> str:
        return f"Expression({self.source!r})"

    @classmethod
    def _read(cls, value: Any) -> Self:
        if isinstance(value, cls):
            return value
        if not isinstance(value, str):
            raise ValueError("a formula is written as a text")
        try:
            return cls(value)
        except ExprError as error:
            raise ValueError(error.message) from error

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._read,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda expression: expression.source),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "format": "ccc-expression", "minLength": 1, "maxLength": MAX_LENGTH}


class Condition(Expression):
    """A formula that is true or false, such as ``balance > 100``; null counts as false."""

    __slots__ = ()

    def holds(self, variables: Mapping[str, Value], tables: Mapping[str, Any]) -> bool:
        """Whether it is true in a call. ExprError when the result is neither true nor false."""
        return operators.truth(self.value(variables, tables), self.source)

    def kind(self, kinds: Mapping[str, Kind]) -> Kind:
        """As :meth:`Expression.kind`; ExprError also when the result can never be true or false."""
        found = super().kind(kinds)
        operators.check_truth(found, self.source)
        return "bool"


def system_name(name: str) -> bool:
    """Whether a variable belongs to the system (read-only)."""
    return name.startswith(f"{SYSTEM}.")
