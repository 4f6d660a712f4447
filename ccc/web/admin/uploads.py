"""Larger requests for the few addresses that take files; everything else keeps the small limit of the application."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

MAX_UPLOAD = 6 * 1024 * 1024
"""A 5 MB file with the form around it."""


def allow_uploads(blueprint: Blueprint, *endpoints: str) -> Blueprint:
    """Let these endpoints of the blueprint take files; it is set before the CSRF check reads the form."""

    def widen(endpoint: str | None, _values: dict[str, Any] | None) -> None:
        if endpoint in endpoints:
            request.max_content_length = MAX_UPLOAD
            request.max_form_memory_size = MAX_UPLOAD

    blueprint.url_value_preprocessor(widen)
    return blueprint
