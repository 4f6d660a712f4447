"""Problems for people: in the page's language, with the field and the node named as the page names them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ccc.api import Problem
from ccc.web.problems import in_words


def listed(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """For the page: ``{severity, code, text, node, field}``; errors first, in document order."""
    shown = [
        {
            "severity": problem.severity,
            "code": problem.code,
            "text": in_words(problem),
            "node": problem.node,
            "field": problem.field,
        }
        for problem in problems
    ]
    return sorted(shown, key=lambda problem: problem["severity"] != "error")
