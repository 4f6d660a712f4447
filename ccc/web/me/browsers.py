"""What a browser calls itself, in a few words."""

from __future__ import annotations

import re

_BROWSERS = (
    ("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("OPR", "Opera"), ("QQBrowser", "QQ"), ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("HeadlessChrome", "Chrome"), ("Chrome", "Chrome"),
    ("Version", "Safari"),
)  # fmt: skip
"""The first that is named counts: nearly all of them also say Chrome and Safari."""
_SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def in_words(agent: str) -> str:
    """``Firefox 128 · Windows``; the first 40 characters of what nobody knows; '' for ''."""
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    for mark, name in _BROWSERS:
        found = re.search(rf"\b{mark}/(\d+)", agent)
        if found:
            return f"{name} {found[1]}" + (f" · {system}" if system else "")
    return agent[:40]
