"""Variables and tables a flow uses: are they there, and do their kinds fit?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ccc.api import SYSTEM_VARIABLES, ExprError, Expression, Kind, TextPrompt
from ccc.api.expr import join, kind_of, parse_template, system_name
from ccc.flow.analysis import CheckedNode
from ccc.flow.document import FlowDocument


def variable_kinds(document: FlowDocument, nodes: Iterable[CheckedNode]) -> dict[str, Kind]:
    """Every variable the flow can have, with its kind: from initial values and from what nodes set."""
    kinds: dict[str, Kind] = {name: meaning[0] for name, meaning in SYSTEM_VARIABLES.items()}
    for name, value in document.variables.items():
        kind = kind_of(value)
        kinds[name] = "any" if kind == "null" else kind
    for checked in nodes:
        for name, kind in _sets(checked).items():
            kinds[name] = join(kinds[name], kind) if name in kinds else kind
    return kinds


def _sets(checked: CheckedNode) -> Mapping[str, Kind]:
    if checked.node_type is None or checked.config is None:
        return {}
    try:
        return checked.node_type.sets(checked.config)
    except Exception as error:  # a plugin's mistake must not stop the check
        checked.add("plugin-error", f"sets() of node type {checked.node.type!r} failed: {error!r}")
        return {}


def check_names(checked: CheckedNode, kinds: Mapping[str, Kind], tables: Mapping[str, object]) -> None:
    """Note formulas that cannot work, tables that are missing, variables nobody sets (a warning)."""
    for path, value in checked.parts:
        if isinstance(value, Expression):
            _check(checked, value, path, kinds, tables)
        elif isinstance(value, TextPrompt) and "$" in value.text:
            try:
                template = parse_template(value.text)
            except ExprError as error:
                checked.add("expression", error.message, f"{path}.text")
                continue
            for expression in template.expressions():
                _check(checked, expression, f"{path}.text", kinds, tables)


def _check(
    checked: CheckedNode, expression: Expression, path: str, kinds: Mapping[str, Kind], tables: Mapping[str, object]
) -> None:
    for name in sorted(expression.variables()):
        if name in kinds:
            continue
        if system_name(name):
            known = ", ".join(SYSTEM_VARIABLES)
            checked.add("unknown-variable", f"there is no system variable {name}; there are {known}", path)
        else:
            message = f"variable {name} is never set; give it an initial value or set it before"
            checked.add("undefined-variable", message, path, "warning")
    for name in sorted(expression.tables() - set(tables)):
        checked.add("missing-reference", f"table {name!r} does not exist in this flow", path)
    try:
        expression.kind(kinds)
    except ExprError as error:
        checked.add("kind", f"{error.message} in `{expression.source}`", path)
