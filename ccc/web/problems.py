"""A problem of a flow in the page's language."""

from __future__ import annotations

from ccc.api import Problem


def in_words(problem: Problem) -> str:
    """Its message, translated when its template is known."""
    return problem.message
