"""Tokens -> tree: recursive descent with a bounded depth.

or      := and ("or" and)*
and     := not ("and" not)*
not     := "not" not | compare
compare := sum (("==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not" "in") sum)?
sum     := product (("+" | "-" | "&") product)*
product := unary (("*" | "/" | "%") unary)*
unary   := "-" unary | postfix
postfix := primary ("." name | "[" or "]")*
primary := number | text | true | false | null | name | name "(" list ")" | "(" or ")" | "[" list "]"
"""

from __future__ import annotations

from collections.abc import Callable

from ccc.api.expr.functions import FUNCTIONS
from ccc.api.expr.kinds import ExprError, checked_number
from ccc.api.expr.lexer import Token, tokenize
from ccc.api.expr.tree import (
    SYSTEM,
    Binary,
    Call,
    Choice,
    Field,
    ListOf,
    Literal,
    Logic,
    Lookup,
    Node,
    Not,
    Variable,
)

MAX_DEPTH = 40
MAX_CHAIN = 100
MAX_TREE = 150
_COMPARE = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def parse(source: str) -> Node:
    """The tree of an expression. ExprError names the position and the cure."""
    if not source.strip():
        raise ExprError("the expression is empty")
    tree = _Parser(tokenize(source)).whole()
    _limit_depth(tree)
    return tree


def _limit_depth(tree: Node) -> None:
    """Chains inside brackets inside chains: working the tree out recurses, so its height is bounded."""
    level, height = [tree], 0
    while level:
        height += 1
        if height > MAX_TREE:
            raise ExprError(f"the expression has more than {MAX_TREE} steps inside each other; split it over variables")
        level = [child for node in level for child in node.children()]


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    def whole(self) -> Node:
        node = self.either()
        if self.peek().kind != "end":
            raise self.unexpected()
        return node

    def peek(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def accept(self, *values: str) -> str | None:
        token = self.peek()
        if token.kind == "op" and token.value in values:
            self.at += 1
            return token.value
        return None

    def expect(self, value: str) -> None:
        if self.accept(value) is None:
            raise self.unexpected(f"expected `{value}`")

    def unexpected(self, hint: str = "") -> ExprError:
        token = self.peek()
        what = "the expression ends too early" if token.kind == "end" else f"unexpected `{token.value}`"
        return ExprError(f"{what} at character {token.at + 1}" + (f": {hint}" if hint else ""))

    def either(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExprError(f"the expression is nested deeper than {MAX_DEPTH} levels; split it over several variables")
        items = [self.both()]
        while self.accept("or"):
            items.append(self.both())
        self.depth -= 1
        return items[0] if len(items) == 1 else Logic("or", tuple(items))

    def both(self) -> Node:
        items = [self.negation()]
        while self.accept("and"):
            items.append(self.negation())
        return items[0] if len(items) == 1 else Logic("and", tuple(items))

    def negation(self) -> Node:
        count = 0
        while self.accept("not"):
            count += 1
        node = self.compare()
        if count == 0:
            return node
        return Not(node) if count % 2 else Not(Not(node))

    def compare(self) -> Node:
        left = self.sum()
        token = self.peek()
        negated = token.value == "not" and token.kind == "op"
        if negated:
            self.take()
            self.expect("in")
            return Not(Binary("in", left, self.sum()))
        operator = self.accept(*_COMPARE)
        if operator is None:
            return left
        node = Binary(operator, left, self.sum())
        if self.peek().kind == "op" and self.peek().value in _COMPARE:
            raise self.unexpected("write `a < b and b < c`")
        return node

    def sum(self) -> Node:
        return self.chain(self.product, "+", "-", "&")

    def product(self) -> Node:
        return self.chain(self.unary, "*", "/", "%")

    def chain(self, operand: Callable[[], Node], *operators: str) -> Node:
        node = operand()
        length = 1
        while (operator := self.accept(*operators)) is not None:
            node = Binary(operator, node, operand())
            length += 1
            if length > MAX_CHAIN:
                raise ExprError(f"more than {MAX_CHAIN} operands in a row; split the expression over several variables")
        return node

    def unary(self) -> Node:
        count = 0
        while self.accept("-"):
            count += 1
        node = self.postfix()
        if count % 2 == 0:
            return node
        if isinstance(node, Literal) and isinstance(node.constant, int | float) and not isinstance(node.constant, bool):
            return Literal(-node.constant)
        return Binary("-", Literal(0), node)

    def postfix(self) -> Node:
        node = self.primary()
        length = 0
        while (operator := self.accept(".", "[")) is not None:
            if operator == ".":
                if self.peek().kind != "name":
                    raise self.unexpected("expected a field's name after the dot")
                node = self.dotted(node, self.take().value)
            else:
                node = Field(node, self.either())
                self.expect("]")
            length += 1
            if length > MAX_CHAIN:
                raise ExprError(f"more than {MAX_CHAIN} fields in a row")
        return node

    @staticmethod
    def dotted(node: Node, name: str) -> Node:
        if isinstance(node, Variable) and node.name == SYSTEM:
            return Variable(f"{SYSTEM}.{name}")
        return Field(node, Literal(name))

    def primary(self) -> Node:
        token = self.peek()
        if token.kind == "number":
            self.take()
            return Literal(checked_number(float(token.value) if "." in token.value else int(token.value)))
        if token.kind == "text":
            self.take()
            return Literal(token.value)
        if token.kind == "name":
            self.take()
            return self.call(token) if self.accept("(") else Variable(token.value)
        if token.kind == "op" and token.value in _CONSTANTS:
            self.take()
            return Literal(_CONSTANTS[token.value])
        if self.accept("("):
            node = self.either()
            self.expect(")")
            return node
        if self.accept("["):
            return ListOf(self.arguments("]"))
        raise self.unexpected()

    def arguments(self, close: str) -> tuple[Node, ...]:
        items: list[Node] = []
        if self.accept(close):
            return ()
        while True:
            items.append(self.either())
            if self.accept(close):
                return tuple(items)
            self.expect(",")

    def call(self, name: Token) -> Node:
        arguments = self.arguments(")")
        if name.value == "if":
            if len(arguments) != 3:
                raise ExprError("if() takes 3 arguments: if(condition, then, otherwise)")
            return Choice(*arguments)
        if name.value == "lookup":
            return _lookup(arguments)
        function = FUNCTIONS.get(name.value)
        if function is None:
            known = ", ".join(sorted([*FUNCTIONS, "if", "lookup"]))
            raise ExprError(f"unknown function {name.value}() at character {name.at + 1}; there are {known}")
        function.check_count(len(arguments))
        return Call(function, arguments)


def _lookup(arguments: tuple[Node, ...]) -> Node:
    if len(arguments) != 2:
        raise ExprError("lookup() takes 2 arguments: lookup(table, key)")
    table = arguments[0]
    if isinstance(table, Variable):
        return Lookup(table.name, arguments[1])
    if isinstance(table, Literal) and isinstance(table.constant, str):
        return Lookup(table.constant, arguments[1])
    raise ExprError('the first argument of lookup() is the name of a table, as in lookup("accounts", digits)')
