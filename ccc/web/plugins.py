"""The plugins this process has loaded."""

from __future__ import annotations

from flask import current_app

from ccc.loader import Registry


def registry() -> Registry:
    """Those of the running application."""
    found: Registry = current_app.extensions["ccc_registry"]
    return found
