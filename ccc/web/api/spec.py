"""What APIFlask does not write into the OpenAPI file by itself: the server, the key, the errors of every operation."""

from __future__ import annotations

from typing import Any

from apiflask import APIFlask

ERROR = {
    "type": "object",
    "title": "Error",
    "required": ["code", "message", "request_id"],
    "additionalProperties": False,
    "properties": {
        "code": {"type": "string", "description": "Stable; for programs."},
        "message": {"type": "string", "description": "For people; names the thing and the cure."},
        "field": {"type": "string", "description": "The field of the body or the query that is meant."},
        "request_id": {"type": "string", "description": "The log has the details under this number."},
    },
    "examples": [
        {
            "code": "not-found",
            "message": "There is no flow night.",
            "request_id": "9f8c2d1e4b7a6053",
        }
    ],
}
ALWAYS = {
    401: "No API key, or one that is wrong, revoked or expired.",
    403: "The key's user may not do this.",
    404: "There is no such thing, or not for the key's user.",
    422: "Understood, and not acceptable; `field` names the place.",
    429: "Too many requests; `Retry-After` says when to go on.",
    500: "Our mistake; nothing was changed.",
    503: "A part of the system is down; the same request may work later.",
}
WITH_BODY = {
    400: "The body is not JSON.",
    409: "Somebody else holds the thing, or it is in use or there already.",
    413: "The body is too large.",
    415: "The body's Content-Type is not application/json.",
}
IF_MATCH = {412: "The draft was saved by somebody else since it was read.", 428: "If-Match is missing."}
DESCRIPTION = (
    "Send an API key with each request: `Authorization: Bearer ccc_...`. A key has the rights of its user. "
    "Where a thing belongs to a call-centre instance, `instance` names it; it may be left out while the user is in "
    "one instance only. `x-roles` of an operation are the roles in the instance that may use it."
)


def set_up(api: APIFlask, prefix: str) -> None:
    """Configure the file ``openapi.json``."""
    api.config.update(
        OPENAPI_VERSION="3.1.0",
        DESCRIPTION=DESCRIPTION,
        SERVERS=[{"url": prefix}],
        SECURITY_SCHEMES={"ApiKey": {"type": "http", "scheme": "bearer", "bearerFormat": "ccc_..."}},
        AUTO_404_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
    )

    def finish(spec: Any) -> Any:
        spec["security"] = [{"ApiKey": []}]
        components = spec.setdefault("components", {})
        components.setdefault("schemas", {})["Error"] = ERROR
        for path in spec["paths"].values():
            for operation in path.values():
                if isinstance(operation, dict):
                    _errors(operation)
        return spec

    api.spec_processor(finish)


def _errors(operation: dict[str, Any]) -> None:
    conditional = False
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "header":
            parameter["name"] = parameter["name"].title()
            conditional = conditional or parameter["name"] == "If-Match"
    changes = "x-changes" in operation
    wanted = ALWAYS | (WITH_BODY if "requestBody" in operation or changes else {}) | (IF_MATCH if conditional else {})
    for status, description in wanted.items():
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
        operation["responses"].setdefault(str(status), {"description": description, "content": content})
    operation["responses"] = dict(sorted(operation["responses"].items()))
