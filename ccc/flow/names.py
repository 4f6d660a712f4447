"""Variables and tables a flow uses: are they there, and do their kinds fit?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ccc.api import SYSTEM_VARIABLES, ExprError, Expression, Kind, References, TextPrompt, TextTemplate
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


def check_names(
    checked: CheckedNode, kinds: Mapping[str, Kind], tables: Mapping[str, object], refs: References | None = None
) -> None:
    """Note formulas that cannot work, tables that are missing, variables nobody sets (a warning).

    Without ``refs`` a table the document does not have is a warning: the instance may have it.
    """
    for name, path in _tables(checked, kinds, tables):
        if refs is None:
            message = f"table {name!r} is not in this flow; the instance must have it"
            checked.add("missing-reference", message, path, "warning")
        elif not refs.has("table", name):
            checked.add("missing-reference", f"table {name!r} does not exist in this flow or here", path)


def _tables(checked: CheckedNode, kinds: Mapping[str, Kind], tables: Mapping[str, object]) -> list[tuple[str, str]]:
    """(table the document does not have, where) of every formula; what is wrong with the formulas is noted."""
    missing: list[tuple[str, str]] = []
    for path, value in checked.parts:
        if isinstance(value, Expression):
            missing += _check(checked, value, path, kinds, tables)
        elif isinstance(value, TextTemplate):
            for expression in value.expressions():
                missing += _check(checked, expression, path, kinds, tables)
        elif isinstance(value, TextPrompt) and "$" in value.text:
            try:
                template = parse_template(value.text)
            except ExprError as error:
                checked.add("expression", error.message, f"{path}.text")
                continue
            for expression in template.expressions():
                missing += _check(checked, expression, f"{path}.text", kinds, tables)
    return missing


def _check(
    checked: CheckedNode, expression: Expression, path: str, kinds: Mapping[str, Kind], tables: Mapping[str, object]
) -> list[tuple[str, str]]:
    for name in sorted(expression.variables()):
        if name in kinds:
            continue
        if system_name(name):
            known = ", ".join(SYSTEM_VARIABLES)
            checked.add("unknown-variable", f"there is no system variable {name}; there are {known}", path)
        else:
            message = f"variable {name} is never set; give it an initial value or set it before"
            checked.add("undefined-variable", message, path, "warning")
    try:
        expression.kind(kinds)
    except ExprError as error:
        checked.add("kind", f"{error.message} in `{expression.source}`", path)
    return [(name, path) for name in sorted(expression.tables() - set(tables))]
