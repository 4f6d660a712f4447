"""Every operation of the OpenAPI file, with addresses of things that exist in ``demo``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask import Flask

KNOWN = {"call_id": "01JD0000ABCDEFGHJKMNPQRS", "username": "chen", "number": "4001", "version": "1", "schedule": "1"}
NAMES = {"/flows": "hello", "/skill-groups": "support", "/instances": "demo", "/flow-templates": "welcome"}


@dataclass(frozen=True)
class Operation:
    """One operation; ``roles`` are those the file says may use it."""

    method: str
    path: str
    raw: dict[str, Any]
    example: Any = None
    """The body the file gives as example."""

    @property
    def id(self) -> str:
        return str(self.raw["operationId"])

    @property
    def roles(self) -> list[str]:
        return list(self.raw["x-roles"])

    @property
    def takes_body(self) -> bool:
        return "requestBody" in self.raw

    @property
    def changes(self) -> bool:
        return bool(self.raw.get("x-changes"))

    @property
    def parameters(self) -> set[str]:
        return {each["name"] for each in self.raw["parameters"] if each["in"] == "query"}

    def address(self, thing: str = "") -> str:
        """Its address, of ``thing`` or of something that exists."""
        name = next((name for start, name in NAMES.items() if self.path.startswith(start)), "nothing")
        path = re.sub(r"\{(\w+)\}", lambda part: thing or KNOWN.get(part[1], name), self.path)
        return path + ("?name=theirs" if self.id == "importVendorFlow" else "")

    def refusal(self, status: int) -> int:
        """The status of an address without a thing: a body that is wrong is told first."""
        return 422 if self.id in ("rollbackFlow", "closeNumber", "scheduleFlow") else status


def operations(app: Flask) -> list[Operation]:
    """All of them."""
    spec = app.test_client().get("/api/v1/openapi.json").json
    schemas, found = spec["components"]["schemas"], []
    for path, methods in spec["paths"].items():
        for method, raw in methods.items():
            body = raw.get("requestBody", {}).get("content", {}).get("application/json")
            name = body["schema"]["$ref"].rpartition("/")[2] if body else ""
            found.append(Operation(method.upper(), path, raw, schemas[name]["examples"][0] if name else None))
    return found
