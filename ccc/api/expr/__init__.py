"""The expression language of flows: typed, bounded, without ``eval`` (docs/expressions.md)."""

from ccc.api.expr.expression import Condition, Expression, system_name
from ccc.api.expr.functions import FUNCTIONS
from ccc.api.expr.kinds import ExprError, Kind, join, kind_of, to_text
from ccc.api.expr.lexer import WORDS
from ccc.api.expr.template import Template, parse_template, render

__all__ = [
    "FUNCTIONS",
    "WORDS",
    "Condition",
    "ExprError",
    "Expression",
    "Kind",
    "Template",
    "join",
    "kind_of",
    "parse_template",
    "render",
    "system_name",
    "to_text",
]
