"""A test case as JSON text in a form. Pure."""

from __future__ import annotations

import json

from pydantic import ValidationError

from ccc.api.script import TestCase
from ccc.errors import InvalidError, say

BLANK = {"steps": [{"press": "1"}, {"ends": "normal"}]}
"""What a new one begins with."""


def read(text: str, name: str) -> TestCase:
    """The case; its name is ``name``. InvalidError says where the text is no test case."""
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise InvalidError(
            say("That is not JSON: %(where)s"), field="case", values={"where": str(error)[:200]}
        ) from error
    if not isinstance(raw, dict):
        raise InvalidError(say("A test case is a JSON object {...}."), field="case")
    try:
        return TestCase.model_validate(raw | {"name": name})
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidError(f"{where}: {first['msg']}", field="case") from error


def written(case: TestCase) -> str:
    """The case without its name, as people edit it."""
    shape = case.model_dump(mode="json", exclude_defaults=True, exclude={"name"})
    return json.dumps(shape, ensure_ascii=False, indent=1)
