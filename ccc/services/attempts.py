"""A node tried from the designer: its requests are real, what it needs to know are examples.

The node's own ``run`` works in a call that has no caller: time is virtual, variables are what the administrator typed,
and requests go through the same guard, time limit and size limit as those of calls (``ccc.fetch``).
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from ccc.api import SYSTEM_VARIABLES, CallEnded, ExprError, Expression, FlowFailed, TextPrompt, TextTemplate, Value
from ccc.api.expr import parse_template
from ccc.api.http import HttpAnswer, HttpFailed, HttpRequest
from ccc.api.script import TestCase
from ccc.api.testkit import ScriptedCall
from ccc.errors import ConflictError, InvalidError, say
from ccc.fetch.client import FetchClient
from ccc.fetch.guard import Allowed
from ccc.flow.analysis import CheckedNode, parse_node
from ccc.flow.document import FlowDocument, Node
from ccc.loader import Registry
from ccc.services.actor import Actor
from ccc.services.drafts import EDITORS
from ccc.services.flows import draft_of
from ccc.services.log import note
from ccc.store import Store

LONGEST_S = 30.0
"""Real seconds all requests of one attempt may take together."""
AT_ONCE = threading.BoundedSemaphore(2)
"""So many attempts run at a time: a slow server must not occupy the threads that answer pages."""
MAX_EXAMPLE = 2000
SHOWN = 4000
"""Characters of an answer that are shown."""
MASK = "••••"
_SECRET = re.compile(r"auth|cookie|token|secret|passw|pwd|api.?key|access.?key|signature|session", re.I)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. What looks like a secret is masked; ``text`` is cut at ``SHOWN`` characters."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str
    took_ms: int
    status: int | None = None
    content_type: str = ""
    text: str = ""
    length: int = 0
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How it went: the exit the node took (None: it failed, or the call ended), why, its requests, what it set."""

    exit: str | None
    failure: str
    exchanges: tuple[Exchange, ...]
    variables: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Needed:
    """A variable the node reads and the example shown for it at first."""

    name: str
    example: str


def needed(store: Store, registry: Registry, actor: Actor, instance: str, flow: str, node: Node) -> list[Needed]:
    """What has to be known before the node can be tried. InvalidError while its settings are wrong."""
    actor.require(instance, *EDITORS)
    document, _config = _prepared(store, registry, instance, flow, node)
    found = sorted(_variables(parse_node(node, registry.node_types)))
    return [Needed(name, _example(name, document)) for name in found if name not in _UNASKED]


_UNASKED = frozenset(SYSTEM_VARIABLES) - {"sys.caller", "sys.callee", "sys.dedicated"}
"""Worked out from the clock and the call."""


def attempt(
    store: Store, registry: Registry, actor: Actor, instance: str, flow: str, node: Node,
    examples: Mapping[str, str], allowed: Allowed,
) -> Attempt:  # fmt: skip
    """Run the node with these variables. InvalidError (settings, an example that is too long), ConflictError (others
    are being tried). Written down with its address, but neither query, headers, bodies nor examples."""
    actor.require(instance, "admin")
    document, config = _prepared(store, registry, instance, flow, node)
    for name, text in examples.items():
        if len(text) > MAX_EXAMPLE:
            raise InvalidError(say("1 to %(most)s characters."), field=name, values={"most": MAX_EXAMPLE})
    if not AT_ONCE.acquire(blocking=False):
        raise ConflictError(say("Other requests are being tried at this moment. Try again in a few seconds."))
    try:
        done = asyncio.run(_run(registry, node, config, document, examples, allowed))
    finally:
        AT_ONCE.release()
    with store.write() as session:
        requests = [f"{one.method} {_bare(one.url)} {one.status or one.failure}"[:300] for one in done.exchanges]
        note(session, actor, "flow.try", flow, instance=instance, node=node.id, requests=requests, exit=done.exit)
    return done


def _prepared(store: Store, registry: Registry, instance: str, flow: str, node: Node) -> tuple[FlowDocument, Any]:
    document = FlowDocument.model_validate(draft_of(store, instance, flow).document)
    checked = parse_node(node, registry.node_types)
    if checked.node_type is None or not checked.node_type.can_try:
        raise InvalidError(say("This node sends nothing that could be tried."), field="node")
    if checked.config is None:
        raise InvalidError(say("Mend the settings marked above first, then try it."), field="node")
    return document, checked.config


def _variables(checked: CheckedNode) -> set[str]:
    found: set[str] = set()
    for _path, part in checked.parts:
        if isinstance(part, Expression):
            found |= part.variables()
        elif isinstance(part, TextTemplate):
            found |= {name for formula in part.expressions() for name in formula.variables()}
        elif isinstance(part, TextPrompt):
            found |= {name for formula in parse_template(part.text).expressions() for name in formula.variables()}
    return found


def _example(name: str, document: FlowDocument) -> str:
    if name in ("sys.caller", "sys.callee"):
        return {"sys.caller": "13800138000", "sys.callee": "4001"}[name]
    value = document.variables.get(name)
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class _Call(ScriptedCall):
    """Everything as in the simulator, but requests leave the house."""

    def __init__(self, case: TestCase, tables: Mapping[str, Any], client: FetchClient) -> None:
        super().__init__(case, tables=tables)
        self._client, self.exchanges = client, list[Exchange]()

    async def http(self, request: HttpRequest) -> HttpAnswer:
        began = time.monotonic()
        shown: dict[str, Any] = {
            "method": request.method,
            "url": masked_url(request.url),
            "headers": tuple(
                (name, MASK if _SECRET.search(name) else value) for name, value in request.headers.items()
            ),
            "body": masked_body(request.body or "")[:SHOWN],
        }
        try:
            answer = await self._client.fetch(request)
        except HttpFailed as error:
            self.exchanges.append(Exchange(took_ms=_since(began), failure=error.message, **shown))
            raise
        shown |= {"status": answer.status, "content_type": answer.content_type, "length": len(answer.text)}
        self.exchanges.append(Exchange(took_ms=_since(began), text=masked_body(answer.text)[:SHOWN], **shown))
        return answer


async def _run(
    registry: Registry, node: Node, config: Any, document: FlowDocument, examples: Mapping[str, str], allowed: Allowed
) -> Attempt:
    client = FetchClient(allowed)
    case = TestCase(
        name="try", caller=examples.get("sys.caller", ""), callee=examples.get("sys.callee", ""),
        dedicated=examples.get("sys.dedicated", ""),
    )  # fmt: skip
    call = _Call(case, document.tables, client)
    known = {**document.variables, **{name: _value(text) for name, text in examples.items() if "." not in name}}
    call.variables.update(known)
    way, failure = None, ""
    try:
        async with asyncio.timeout(LONGEST_S):
            way = await registry.node_types[node.type].run(call, config)
    except TimeoutError:
        failure = f"no answer within {LONGEST_S:g} s"
    except (FlowFailed, ExprError) as error:
        failure = error.message
    except CallEnded as error:
        failure = error.cause
    except Exception as error:  # the plugin's own code: told to who is trying it
        failure = f"{type(error).__name__}: {error}"
    finally:
        await client.close()
    kinds = registry.node_types[node.type].sets(config)
    after = {name: MASK if _SECRET.search(name) else call.variables.get(name) for name in kinds}
    return Attempt(way, failure, tuple(call.exchanges), after)


def _value(text: str) -> Value:
    """An example as typed: JSON for lists, rows, true, false and null; digits stay a text, as keyed digits are."""
    if text[:1] in ("[", "{") or text in ("true", "false", "null"):
        try:
            found: Value = json.loads(text)
        except ValueError:
            return text
        return found
    return text


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def masked_url(url: str) -> str:
    """Without user and password; values of parameters that look like secrets are masked."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = "&".join(f"{quote(name)}={MASK if _SECRET.search(name) else quote(value)}" for name, value in pairs)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, ""))


def masked_body(body: str) -> str:
    """Values of JSON names that look like secrets are masked."""
    try:
        tree = json.loads(body)
    except (ValueError, RecursionError):
        return body
    return json.dumps(_masked(tree), ensure_ascii=False, indent=1)


def _masked(tree: Any) -> Any:
    if isinstance(tree, Mapping):
        return {name: MASK if _SECRET.search(name) else _masked(item) for name, item in tree.items()}
    return [_masked(item) for item in tree] if isinstance(tree, list) else tree


def _bare(url: str) -> str:
    return url.partition("?")[0]
