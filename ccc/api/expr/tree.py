"""The parsed expression: every node knows its depth, its kind as far as it can be known, and its value.

``kind`` is checked once when a flow is checked; ``value`` runs in a call. Both raise :class:`ExprError`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ccc.api.expr import operators
from ccc.api.expr.functions import Function
from ccc.api.expr.kinds import ExprError, Kind, kind_of, to_text
from ccc.api.prompt import Value

SYSTEM = "sys"


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression sees while it runs."""

    variables: Mapping[str, Value]
    tables: Mapping[str, Any]


Kinds = Mapping[str, Kind]
"""Known kinds of variables; a missing name is ``any``."""


class Node(ABC):
    """One operation of the tree."""

    __slots__ = ()

    @abstractmethod
    def children(self) -> tuple[Node, ...]:
        """The operands, left to right."""

    @abstractmethod
    def kind(self, kinds: Kinds) -> Kind:
        """The kind of the result."""

    @abstractmethod
    def value(self, scope: Scope) -> Value:
        """The result."""

    def walk(self) -> Iterator[Node]:
        """This node and everything below it, without recursion."""
        waiting: list[Node] = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(node.children())


@dataclass(frozen=True, slots=True)
class Literal(Node):
    constant: Value

    def children(self) -> tuple[Node, ...]:
        return ()

    def kind(self, kinds: Kinds) -> Kind:
        return kind_of(self.constant)

    def value(self, scope: Scope) -> Value:
        return self.constant


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """A variable; system ones are one flat name (``sys.caller``). An unset one is null."""

    name: str

    def children(self) -> tuple[Node, ...]:
        return ()

    def kind(self, kinds: Kinds) -> Kind:
        return kinds.get(self.name, "any")

    def value(self, scope: Scope) -> Value:
        try:
            return scope.variables[self.name]
        except KeyError:
            return None


@dataclass(frozen=True, slots=True)
class Field(Node):
    """``row.name``, ``row["name"]`` or ``list[0]``; null when there is none."""

    of: Node
    key: Node

    def children(self) -> tuple[Node, ...]:
        return (self.of, self.key)

    def kind(self, kinds: Kinds) -> Kind:
        of, key = self.of.kind(kinds), self.key.kind(kinds)
        if of not in ("row", "list", "null", "any"):
            raise ExprError(f"a {of} has no fields")
        if of == "list" and key not in ("number", "any"):
            raise ExprError("the position in a list must be a number")
        return "any"

    def value(self, scope: Scope) -> Value:
        return operators.field_of(self.of.value(scope), self.key.value(scope))


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    items: tuple[Node, ...]

    def children(self) -> tuple[Node, ...]:
        return self.items

    def kind(self, kinds: Kinds) -> Kind:
        for item in self.items:
            item.kind(kinds)
        return "list"

    def value(self, scope: Scope) -> Value:
        return [item.value(scope) for item in self.items]


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """``and`` / ``or`` over two or more operands; the later ones are only looked at when needed."""

    operator: str
    items: tuple[Node, ...]

    def children(self) -> tuple[Node, ...]:
        return self.items

    def kind(self, kinds: Kinds) -> Kind:
        for item in self.items:
            operators.check_truth(item.kind(kinds), self.operator)
        return "bool"

    def value(self, scope: Scope) -> Value:
        stop = self.operator == "or"
        for item in self.items:
            if operators.truth(item.value(scope), self.operator) is stop:
                return stop
        return not stop


@dataclass(frozen=True, slots=True)
class Not(Node):
    operand: Node

    def children(self) -> tuple[Node, ...]:
        return (self.operand,)

    def kind(self, kinds: Kinds) -> Kind:
        operators.check_truth(self.operand.kind(kinds), "not")
        return "bool"

    def value(self, scope: Scope) -> Value:
        return not operators.truth(self.operand.value(scope), "not")


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Arithmetic, joining and comparison."""

    operator: str
    left: Node
    right: Node

    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)

    def kind(self, kinds: Kinds) -> Kind:
        return operators.kind(self.operator, self.left.kind(kinds), self.right.kind(kinds))

    def value(self, scope: Scope) -> Value:
        return operators.apply(self.operator, self.left.value(scope), self.right.value(scope))


@dataclass(frozen=True, slots=True)
class Call(Node):
    function: Function
    arguments: tuple[Node, ...]

    def children(self) -> tuple[Node, ...]:
        return self.arguments

    def kind(self, kinds: Kinds) -> Kind:
        for index, argument in enumerate(self.arguments):
            self.function.check_kind(index, argument.kind(kinds))
        return self.function.result

    def value(self, scope: Scope) -> Value:
        values = [argument.value(scope) for argument in self.arguments]
        for index, value in enumerate(values):
            self.function.check_kind(index, kind_of(value))
        result: Value = self.function.call(*values)
        return result


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """``if(condition, then, else)``: only the chosen side is worked out."""

    condition: Node
    then: Node
    otherwise: Node

    def children(self) -> tuple[Node, ...]:
        return (self.condition, self.then, self.otherwise)

    def kind(self, kinds: Kinds) -> Kind:
        operators.check_truth(self.condition.kind(kinds), "if()")
        then, otherwise = self.then.kind(kinds), self.otherwise.kind(kinds)
        return then if then == otherwise else "any"

    def value(self, scope: Scope) -> Value:
        chosen = self.then if operators.truth(self.condition.value(scope), "if()") else self.otherwise
        return chosen.value(scope)


@dataclass(frozen=True, slots=True)
class Lookup(Node):
    """``lookup(table, key)``: the row of a table of the flow document, null when there is none."""

    table: str
    key: Node

    def children(self) -> tuple[Node, ...]:
        return (self.key,)

    def kind(self, kinds: Kinds) -> Kind:
        key = self.key.kind(kinds)
        if key not in ("text", "number", "null", "any"):
            raise ExprError(f"the key of lookup() must be text or number, not {key}")
        return "any"

    def value(self, scope: Scope) -> Value:
        rows = scope.tables.get(self.table)
        if rows is None:
            raise ExprError(f"this flow has no table {self.table!r}")
        key = self.key.value(scope)
        if key is None:
            return None
        if isinstance(key, bool) or not isinstance(key, str | int | float):
            raise ExprError(f"the key of lookup() must be text or number, not {kind_of(key)}")
        row: Value = rows.get(to_text(key))
        return row
