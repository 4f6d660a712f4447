"""Function (函数): ask another server over HTTP and remember what it says."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import AfterValidator, BaseModel

from ccc.api import (
    CONFIG,
    CallControl,
    Exit,
    Expression,
    FlowFailed,
    HttpAnswer,
    HttpFailed,
    HttpRequest,
    JsonTemplate,
    Kind,
    NodeType,
    Problem,
    References,
    TextTemplate,
    Value,
    VariableName,
    error_exit,
    hookimpl,
    setting,
)

BUSY = (429, 502, 503, 504)
"""The same request may work a moment later."""
FIRST_PAUSE_S = 0.5
MAX_VALUE = 8000
"""Characters of JSON a mapped value may have: variables go to the agent's page and into the record."""


def _address(url: TextTemplate) -> TextTemplate:
    if not re.match(r"https?://[^\s/?#$@\\]+([/?#]|$)", url.source):
        raise ValueError(
            "write http:// or https:// and the host; variables only behind it: https://crm.example.com/${id}"
        )
    return url


class Header(BaseModel):
    """One header of the request."""

    model_config = CONFIG
    name: str = setting(en="Name", zh="名称", pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", max_length=100)
    value: TextTemplate = setting(en="Value", zh="值")


class Mapped(BaseModel):
    """One value of the answer and the variable it goes to."""

    model_config = CONFIG
    path: str = setting(
        "",
        en="Path in the JSON",
        zh="JSON 路径",
        max_length=200,
        help_en="Dotted, list places from 0: data.items.0.name. Empty: the whole answer.",
        help_zh="用点分隔，列表从 0 开始：data.items.0.name。留空：整个返回值。",
    )
    variable: VariableName = setting(en="Variable", zh="变量", widget="variable")
    default: Expression | None = setting(
        None,
        en="Otherwise",
        zh="默认值",
        widget="expression",
        help_en="When the value is not there, or there is no answer. Empty: null.",
        help_zh="返回值中没有该项或请求失败时使用。留空：空值。",
    )


class Settings(BaseModel):
    model_config = CONFIG
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = setting(
        "GET",
        en="Method",
        zh="请求方法",
        choices={
            "GET": ("GET · read", "GET · 查询"),
            "POST": ("POST · create", "POST · 新增"),
            "PUT": ("PUT · replace", "PUT · 替换"),
            "PATCH": ("PATCH · change", "PATCH · 修改"),
            "DELETE": ("DELETE · remove", "DELETE · 删除"),
        },
    )
    url: Annotated[TextTemplate, AfterValidator(_address)] = setting(
        en="Address", zh="请求地址", help_en="Values of variables are encoded.", help_zh="变量的值会自动编码。"
    )
    headers: tuple[Header, ...] = setting((), en="Headers", zh="请求头", max_length=30)
    body: JsonTemplate | None = setting(
        None,
        en="JSON body",
        zh="JSON 请求体",
        widget="json",
        help_en='Formulas inside texts; a text that is only a formula keeps its kind: {"count": "${count}"}.',
        help_zh='公式写在文本内；仅含公式的文本保留原类型：{"count": "${count}"}。',
    )
    timeout_s: float = setting(5.0, en="Wait for the answer", zh="超时时间", unit="s", ge=0.1, le=60)
    retries: int = setting(
        0,
        en="Further tries",
        zh="重试次数",
        ge=0,
        le=5,
        help_en="After no answer and after 429, 502, 503, 504. The server may get the request twice.",
        help_zh="无应答或返回 429、502、503、504 时重试，间隔递增。对方可能收到重复请求。",
    )
    response: tuple[Mapped, ...] = setting((), en="From the answer into variables", zh="返回值映射", max_length=50)
    status_variable: VariableName | None = setting(
        None, en="Store the status in variable", zh="状态码存入变量", widget="variable"
    )


class Function(NodeType):
    """Sends one request and takes values out of the JSON that comes back."""

    type = "function"
    label = {"en": "Function (HTTP)", "zh": "函数"}
    category = "logic"
    icon = "cloud-arrow-up"
    help = {
        "en": "Asks another server over HTTP and stores values of its JSON answer in variables.",
        "zh": "通过 HTTP 请求外部系统，并把返回的 JSON 值存入变量。",
    }
    Config = Settings
    can_try = True
    examples = (
        {"url": "https://crm.example.com/customers?phone=${sys.caller}"},
        {
            "method": "POST",
            "url": "https://crm.example.com/orders",
            "headers": [{"name": "Authorization", "value": "Bearer abc"}],
            "body": '{"phone": "${sys.caller}", "note": "来自 ${sys.callee}"}',
            "timeout_s": 3,
            "retries": 1,
            "response": [{"path": "data.0.level", "variable": "level", "default": '"normal"'}],
            "status_variable": "status",
        },
    )

    def exits(self, config: Settings) -> Sequence[Exit]:
        return (Exit("success", {"en": "Success", "zh": "成功"}), error_exit())

    def check(self, config: Settings, refs: References) -> Sequence[Problem]:
        if config.body is not None and config.method in ("GET", "DELETE"):
            message = f"many servers ignore the body of {config.method}; use POST or leave it empty"
            return (Problem("warning", "body-ignored", message, field="body"),)
        return ()

    def sets(self, config: Settings) -> Mapping[str, Kind]:
        kinds: dict[str, Kind] = {item.variable: "any" for item in config.response}
        return kinds if config.status_variable is None else {**kinds, config.status_variable: "any"}

    async def run(self, call: CallControl, config: Settings) -> str:
        for item in config.response:
            call.variables[item.variable] = _default(call, item)
        if config.status_variable is not None:
            call.variables[config.status_variable] = None
        request = _request(call, config)
        answer = await _ask(call, request, config.retries)
        if config.status_variable is not None:
            call.variables[config.status_variable] = answer.status
        if not 200 <= answer.status < 300:
            raise FlowFailed(f"{config.method} {config.url.source}: the server answered {answer.status}")
        if config.response:
            _take(call, config, answer)
        return "success"


def _request(call: CallControl, config: Settings) -> HttpRequest:
    headers = {item.name: item.value.fill(call.variables, call.tables) for item in config.headers}
    for name, value in headers.items():
        if re.search(r"[\x00-\x1f\x7f]", value):
            raise FlowFailed(f"the value of header {name} has a line break or another control character")
    body = None if config.body is None else config.body.fill(call.variables, call.tables)
    url = config.url.fill(call.variables, call.tables, lambda text: quote(text, safe=""))
    return HttpRequest(config.method, url, headers, body, config.timeout_s)


async def _ask(call: CallControl, request: HttpRequest, retries: int) -> HttpAnswer:
    for left in range(retries, -1, -1):
        try:
            answer = await call.http(request)
        except HttpFailed as error:
            if not left or not error.retry:
                raise
            call.trace(f"no answer, trying again: {error.message}")
        else:
            if not left or answer.status not in BUSY:
                return answer
            call.trace(f"status {answer.status}, trying again")
        await call.sleep(FIRST_PAUSE_S * 2 ** (retries - left))
    raise AssertionError("unreachable: the last try returns or raises")


def _take(call: CallControl, config: Settings, answer: HttpAnswer) -> None:
    try:
        tree = json.loads(answer.text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise FlowFailed(f"{config.method} {config.url.source}: the answer is not JSON ({error})") from error
    for item in config.response:
        found, value = _at(tree, item.path)
        if not found:
            continue
        text = json.dumps(value, ensure_ascii=False)
        if len(text) > MAX_VALUE:
            raise FlowFailed(f"the value at {item.path or 'the top'} has more than {MAX_VALUE} characters; take less")
        # half a surrogate pair, which JSON can write, must not reach the record
        call.variables[item.variable] = json.loads(text.encode("utf-8", "replace"))


def _no_constant(name: str) -> Value:
    raise ValueError(f"{name} is not a JSON number")


def _at(tree: Value, path: str) -> tuple[bool, Value]:
    """(whether it is there, the value) at a dotted path; a null counts as not there."""
    for step in path.split(".") if path else ():
        if isinstance(tree, dict) and step in tree:
            tree = tree[step]
        elif isinstance(tree, list) and step.isascii() and step.isdigit() and int(step) < len(tree):
            tree = tree[int(step)]
        else:
            return False, None
    return tree is not None, tree


def _default(call: CallControl, item: Mapped) -> Value:
    return None if item.default is None else item.default.value(call.variables, call.tables)


@hookimpl
def register_node_types() -> list[Any]:
    return [Function]
