"""Numbers of an instance: what they are bound to, and their emergency closure (紧急关闭)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from apiflask import APIBlueprint
from pydantic import ConfigDict, Field

from ccc.services import closures, numbers
from ccc.services.closures import MAX_REASON, MAX_TEXT, Closing
from ccc.store.base import utc_now
from ccc.store.repos.closures import ClosureRecord
from ccc.store.repos.numbers import NumberRecord
from ccc.web.api.auth import actor
from ccc.web.api.common import CHANGES, LOOKS, Asked, Model, UtcTime, Where, operation
from ccc.web.api.flows.models import example
from ccc.web.auth.rights import store
from ccc.web.plugins import registry

blueprint = APIBlueprint("numbers", __name__, tag="Numbers", url_prefix="/numbers")
SAYS = Literal["default", "text", "audio", "flow"]
CLOSE: dict[str, Any] = {"reason": "线路故障", "says": "text", "text": "线路检修，请稍后再拨。"}
CLOSURE: dict[str, Any] = {
    "by": "zhao",
    "at": "2026-11-20T06:30:00Z",
    "until": None,
    "reason": "线路故障",
    "says": "text",
    "text": "线路检修，请稍后再拨。",
    "voice": "",
    "audio": "",
    "flow": "",
}
NUMBER: dict[str, Any] = {"number": "4001", "kind": "short", "flow": "welcome", "groups": ["support"], "closure": None}


class Close(Asked):
    """How the number is closed. ``says``: what callers hear; its field must be given, too."""

    model_config = ConfigDict(extra="forbid") | example(CLOSE)
    reason: str = Field(min_length=1, max_length=MAX_REASON)
    until: UtcTime | None = Field(default=None, description="Then it opens by itself; null: when it is opened.")
    says: SAYS = Field(
        default="default", description="Our own text in Chinese and English, a `text`, an `audio`, or another `flow`."
    )
    text: str = Field(default="", max_length=MAX_TEXT)
    voice: str = Field(default="", max_length=64)
    audio: str = Field(default="", max_length=128)
    flow: str = Field(default="", max_length=128)


class Closure(Model):
    """Who closed the number, when and why; what callers hear."""

    model_config = ConfigDict(from_attributes=True) | example(CLOSURE)
    by: str
    at: datetime
    until: datetime | None
    reason: str
    says: SAYS
    text: str
    voice: str
    audio: str
    flow: str


class Number(Model):
    """A number of the instance: the flow its calls run, the groups that call out with it, whether it is closed."""

    model_config = example(NUMBER)
    number: str
    kind: str
    flow: str
    groups: list[str]
    closure: Closure | None


class Numbers(Model):
    """The instance's numbers."""

    model_config = example({"items": [NUMBER]})
    items: list[Number]


@blueprint.get("")
@blueprint.input(Where, location="query")
@blueprint.output(Numbers)
@operation(blueprint, "listNumbers", *LOOKS)
def list_numbers(query_data: Where) -> Any:
    """List the numbers of an instance"""
    where = query_data.where()
    closed = _closed(where)
    found = numbers.instance_numbers(store(), actor(), where)
    return {"items": [_number(each, closed.get(each.number)) for each in found]}


@blueprint.get("/<number>")
@blueprint.input(Where, location="query")
@blueprint.output(Number)
@operation(blueprint, "readNumber", *LOOKS)
def read_number(number: str, query_data: Where) -> Any:
    """Read a number"""
    where = query_data.where()
    return _number(numbers.instance_number(store(), actor(), where, number), _closed(where).get(number))


@blueprint.put("/<number>/closure")
@blueprint.input(Where, location="query")
@blueprint.input(Close)
@blueprint.output(Closure)
@operation(blueprint, "closeNumber", *CHANGES, changes=True)
def close_number(number: str, query_data: Where, json_data: Close) -> Any:
    """Close a number in an emergency

    New calls hear an announcement or run another flow from now on; calls in progress go on. A number that is closed
    already is closed as said now.
    """
    how = Closing(**json_data.model_dump())
    done = closures.close_numbers(store(), registry(), actor(), query_data.where(), [number], how, utc_now())
    return Closure.model_validate(done[0])


@blueprint.delete("/<number>/closure")
@blueprint.input(Where, location="query")
@blueprint.output({}, status_code=204)
@operation(blueprint, "openNumber", *CHANGES, changes=True)
def open_number(number: str, query_data: Where) -> Any:
    """Open a number again

    One that is not closed stays as it is.
    """
    closures.open_numbers(store(), actor(), query_data.where(), [number], utc_now())
    return "", 204


def _closed(where: str) -> dict[str, ClosureRecord]:
    return {item.number: item for item in closures.closed_numbers(store(), actor(), where, utc_now())}


def _number(record: NumberRecord, closure: ClosureRecord | None) -> dict[str, Any]:
    kind = numbers.kind_of(record.number)
    shape = {"number": record.number, "kind": kind, "flow": record.flow, "groups": list(record.groups)}
    return shape | {"closure": None if closure is None else Closure.model_validate(closure)}
