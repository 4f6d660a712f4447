"""Lookup (查表): find a row of a table by its key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from ccc.api import (
    CONFIG,
    CallControl,
    Exit,
    Expression,
    FlowFailed,
    Kind,
    NodeType,
    Value,
    VariableName,
    error_exit,
    hookimpl,
    setting,
)
from ccc.api.expr import to_text
from ccc.geo import normalise


class Taken(BaseModel):
    """One column and the variable it goes to."""

    model_config = CONFIG
    column: str = setting(en="Column", zh="列", min_length=1, max_length=128)
    variable: VariableName = setting(en="Variable", zh="变量", widget="variable")
    default: Expression | None = setting(None, en="Otherwise", zh="默认值", widget="expression")


class Settings(BaseModel):
    model_config = CONFIG
    table: VariableName = setting(en="Table", zh="数据表", widget="table")
    key: Expression = setting(Expression("sys.caller"), en="Key", zh="查询键", widget="expression")
    is_number: bool = setting(
        True,
        en="The key is a telephone number",
        zh="按电话号码匹配",
        help_en="Found in whatever usual form it stands in the table: 13800138000, +8613800138000, 010-...",
        help_zh="表中号码可为任意常用写法：13800138000、+8613800138000 等。",
    )
    columns: tuple[Taken, ...] = setting((), en="Columns into variables", zh="列映射", max_length=50)
    row_variable: VariableName | None = setting(
        None, en="Store the whole row in variable", zh="整行存入变量", widget="variable"
    )


class Lookup(NodeType):
    """Looks into a table of the flow, else of the instance."""

    type = "lookup"
    label = {"en": "Look up", "zh": "查表"}
    category = "logic"
    icon = "table"
    help = {
        "en": "Finds a row of an imported table by its key and stores columns in variables.",
        "zh": "按键在导入的数据表中查找一行，并把各列存入变量。",
    }
    Config = Settings
    examples = (
        {"table": "customers"},
        {
            "table": "customers",
            "key": "sys.callee",
            "is_number": False,
            "columns": [{"column": "等级", "variable": "level", "default": '"普通"'}],
            "row_variable": "customer",
        },
    )

    def exits(self, config: Settings) -> Sequence[Exit]:
        return (
            Exit("found", {"en": "Found", "zh": "找到"}),
            Exit("not_found", {"en": "Not found", "zh": "未找到"}),
            error_exit(),
        )

    def uses(self, config: Settings) -> Sequence[tuple[str, str]]:
        return (("table", config.table),)

    def sets(self, config: Settings) -> Mapping[str, Kind]:
        kinds: dict[str, Kind] = {item.variable: "any" for item in config.columns}
        return kinds if config.row_variable is None else {**kinds, config.row_variable: "any"}

    async def run(self, call: CallControl, config: Settings) -> str:
        rows = call.tables.get(config.table)
        if rows is None:
            raise FlowFailed(f"there is no table {config.table!r}; import it, or change the node")
        key = config.key.value(call.variables, call.tables)
        row = _row(rows, key, config.is_number)
        for item in config.columns:
            value = row.get(item.column) if isinstance(row, Mapping) else None
            if value is None and item.default is not None:
                value = item.default.value(call.variables, call.tables)
            call.variables[item.variable] = value
        if config.row_variable is not None:
            call.variables[config.row_variable] = row
        return "not_found" if row is None else "found"


def _row(rows: Mapping[str, Value], key: Value, is_number: bool) -> Value:
    if key is None or isinstance(key, bool | list | dict):
        return None
    text = to_text(key)
    forms = [text]
    if is_number:
        number = normalise(text)
        e164 = number.e164 or ""
        forms += [number.national, e164, e164.removeprefix("+"), number.national.removeprefix("0")]
    return next((row for form in dict.fromkeys(filter(None, forms)) if (row := rows.get(form)) is not None), None)


@hookimpl
def register_node_types() -> list[Any]:
    return [Lookup]
