"""Addresses inside this application."""

from __future__ import annotations


def is_own_page(target: str) -> bool:
    """True for a path of ours; False for anything a browser could take for another host (``//x``, ``https:``).

    Browsers read a backslash as a slash.
    """
    return target.isprintable() and target.startswith("/") and not target.replace("\\", "/").startswith("//")
