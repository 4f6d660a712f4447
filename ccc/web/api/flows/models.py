"""What the operations on flows take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field, GetJsonSchemaHandler, RootModel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from ccc.web.api.common import Asked, Model, UtcTime, Where

DOCUMENT: dict[str, Any] = {
    "format": 1,
    "name": "night",
    "title": "夜间提示",
    "nodes": [
        {"id": "start", "type": "start"},
        {"id": "say", "type": "play", "config": {"prompts": [{"kind": "tts", "text": "现在是非工作时间。"}]}},
        {"id": "end", "type": "hangup"},
    ],
    "edges": [{"from": "start", "exit": "next", "to": "say"}, {"from": "say", "exit": "done", "to": "end"}],
}
PROBLEM = {
    "severity": "error",
    "code": "open-exit",
    "message": "exit 'next' leads nowhere; connect it",
    "node": "start",
    "field": "exits.next",
}
FLOW: dict[str, Any] = {
    "name": "night",
    "title": "夜间提示",
    "state": "published",
    "revision": 7,
    "edited_by": "zhao",
    "edited_at": "2026-11-20T06:30:00Z",
    "live_version": 3,
    "versions": 3,
    "published_at": "2026-11-20T06:31:00Z",
    "published_by": "zhao",
    "nodes": 3,
    "numbers": ["4001"],
    "editor": "",
    "failure": None,
    "plans": [],
}
SCHEDULE: dict[str, Any] = {
    "id": 5,
    "state": "waiting",
    "at": "2026-11-22T01:00:00Z",
    "revision": 8,
    "hash": "5f1c…",
    "by": "zhao",
    "made_at": "2026-11-20T06:40:00Z",
    "message": "国庆提示",
    "override": "",
    "ended_at": None,
    "version": None,
    "reasons": [],
}
VERSION: dict[str, Any] = {
    "version": 3,
    "hash": "5f1c…",
    "author": "zhao",
    "at": "2026-11-20T06:31:00Z",
    "message": "夜间提示改短",
    "live": True,
}
WHICH = r"^(draft|live|[1-9][0-9]{0,7})$"
HASH = "sha256 (hex) of what the document says, whatever its layout"


def example(value: dict[str, Any]) -> ConfigDict:
    """A model's example in the OpenAPI file."""
    return ConfigDict(json_schema_extra={"examples": [value]})


class Document(RootModel[dict[str, Any]]):
    """A flow document (docs: the JSON of ``ccc flows export``)."""

    model_config = ConfigDict(json_schema_extra={"examples": [DOCUMENT]})

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The fields every document has; its nodes' settings are those of their types (docs/nodes.md)."""
        schema = handler(core)
        text, items = {"type": "string"}, {"type": "array", "items": {"type": "object"}}
        words = dict.fromkeys(("name", "title", "description", "language"), text)
        lists = dict.fromkeys(("nodes", "edges", "tests"), items)
        things = {name: {"type": "object"} for name in ("variables", "tables")}
        return schema | {
            "properties": {"format": {"const": 1}, **words, **things, **lists, "notes": {"type": "array"}},
            "required": ["name"],
            "additionalProperties": False,
        }


class Problem(Model):
    """A finding of the check; ``node`` and ``field`` name the place."""

    model_config = example(PROBLEM)
    severity: Literal["error", "warning"]
    code: str
    message: str
    node: str | None = None
    field: str | None = None


class Reason(Model):
    """Why it could not be published; ``node`` when one is meant."""

    message: str
    node: str | None = None


class Failure(Model):
    """A publication that failed."""

    by: str
    at: datetime
    reasons: list[Reason]


class Schedule(Model):
    """A draft, as it was at ``revision``, to be published ``at`` a time; ``version`` is what it has become."""

    model_config = ConfigDict(from_attributes=True) | example(SCHEDULE)
    id: int
    state: Literal["waiting", "published", "failed", "cancelled"]
    at: datetime
    revision: int
    hash: str = Field(description=HASH)
    by: str
    made_at: datetime
    message: str
    override: str
    ended_at: datetime | None
    version: int | None
    reasons: list[Reason]


class Schedules(Model):
    """What was planned for the flow, the latest time first."""

    model_config = example({"items": [SCHEDULE]})
    items: list[Schedule]


class Flow(Model):
    """A flow in the list."""

    model_config = ConfigDict(from_attributes=True) | example(FLOW)
    name: str
    title: str
    state: Literal["unpublished", "publishing", "published", "editing", "updated_unpublished", "publish_failed"]
    revision: int
    edited_by: str
    edited_at: datetime
    live_version: int | None
    versions: int
    published_at: datetime | None
    published_by: str
    nodes: int
    numbers: list[str]
    editor: str = Field(description="Who edits it now; empty: nobody.")
    failure: Failure | None = Field(description="Why it could not be published.")
    plans: list[Schedule] = Field(description="Publications planned, the next one first.")


class Flows(Model):
    """The flows of an instance by name."""

    model_config = example({"items": [FLOW]})
    items: list[Flow]


class FlowDraft(Flow):
    """A flow with its draft; the answer's ETag is the draft's."""

    model_config = ConfigDict(from_attributes=True) | example(FLOW | {"hash": "5f1c…", "document": DOCUMENT})
    hash: str = Field(description=HASH)
    document: dict[str, Any]


class Saved(Model):
    """A draft was saved; ``problems`` is what must be mended before publishing."""

    model_config = example({"name": "night", "revision": 8, "problems": [PROBLEM]})
    name: str
    revision: int
    problems: list[Problem]


class Check(Model):
    """Every problem of the draft."""

    model_config = example({"publishable": False, "errors": 1, "warnings": 0, "problems": [PROBLEM]})
    publishable: bool
    errors: int
    warnings: int
    problems: list[Problem]


class CaseResult(Model):
    """A test case: ``failure`` null means passed; ``seconds`` of the simulated call."""

    name: str
    passed: bool
    failure: str | None
    cause: str
    seconds: float
    path: list[str]
    transcript: list[str]


class TestRun(Model):
    """The flow's test cases, run in virtual time. ``broken``: why they could not be run at all."""

    __test__ = False
    model_config = example(
        {
            "passed": True,
            "broken": None,
            "cases": [
                {
                    "name": "放完即挂机",
                    "passed": True,
                    "failure": None,
                    "cause": "normal",
                    "seconds": 3.1,
                    "path": ["start", "say", "end"],
                    "transcript": ["0.0 hears 现在是非工作时间。"],
                }
            ],
        }
    )
    passed: bool
    broken: str | None
    cases: list[CaseResult]


class Publish(Asked):
    """``accept_warnings``: publish although the check warns. ``override``: why, although test cases fail."""

    model_config = ConfigDict(extra="forbid") | example({"message": "夜间提示改短", "accept_warnings": True})
    message: str = Field(default="", max_length=500)
    accept_warnings: bool = False
    override: str = Field(default="", max_length=200)


class Plan(Publish):
    """When to publish the draft as it is now; the rest as for publishing at once."""

    model_config = ConfigDict(extra="forbid") | example({"at": "2099-11-22T09:00:00+08:00", "message": "国庆提示"})
    at: UtcTime = Field(description="With its offset; at most two years ahead.")


class ChangedPlan(Asked):
    """Another time; ``message`` null leaves it."""

    model_config = ConfigDict(extra="forbid") | example({"at": "2099-11-22T10:00:00+08:00"})
    at: UtcTime
    message: str | None = Field(default=None, max_length=500)


class Rollback(Asked):
    """The version to publish again."""

    model_config = ConfigDict(extra="forbid") | example({"version": 2, "message": "back to the old prompt"})
    version: int = Field(ge=1, le=10**8)
    message: str = Field(default="", max_length=500)


class Version(Model):
    """A published version; it never changes."""

    model_config = ConfigDict(from_attributes=True) | example(VERSION)
    version: int
    hash: str = Field(description=HASH)
    author: str
    at: datetime
    message: str
    live: bool


class Versions(Model):
    """The published versions, newest first."""

    model_config = example({"items": [VERSION]})
    items: list[Version]


class WholeVersion(Version):
    """A published version with its document."""

    model_config = example(VERSION | {"document": DOCUMENT})
    document: dict[str, Any]


class Published(Model):
    """The version that is live; ``changed`` false: it was live before and says the same."""

    model_config = example({"changed": True, "version": VERSION, "warnings": []})
    changed: bool
    version: Version
    warnings: list[Problem]


class Change(Model):
    """A value old and new. ``old`` is absent with ``add``, ``new`` with ``remove``."""

    op: Literal["change", "add", "remove"]
    field: str
    path: list[str | int]
    old: Any = None
    new: Any = None


class ChangedItem(Model):
    """A node, line or test case that is in both: as it was, and what differs."""

    item: dict[str, Any]
    changes: list[Change]


class ListDiff(Model):
    """Things of one kind."""

    added: list[dict[str, Any]]
    removed: list[dict[str, Any]]
    changed: list[ChangedItem]
    reordered: bool


_NONE = {"added": [], "removed": [], "changed": [], "reordered": False}


class Diff(Model):
    """From one document to another."""

    model_config = example(
        {
            "same": False,
            "fields": [{"op": "change", "field": "title", "path": ["title"], "old": "夜间", "new": "夜间提示"}],
            "nodes": _NONE,
            "edges": _NONE,
            "tests": _NONE,
        }
    )
    same: bool
    fields: list[Change]
    nodes: ListDiff
    edges: ListDiff
    tests: ListDiff


class Compare(Where):
    """Two of the flow: ``draft``, ``live`` or a version's number."""

    older: str = Field(default="live", pattern=WHICH, description="`draft`, `live` or a number")
    newer: str = Field(default="draft", pattern=WHICH)
