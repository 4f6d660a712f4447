"""Time zones to choose from: the usual ones first."""

from __future__ import annotations

from zoneinfo import available_timezones

FIRST = ("Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "Asia/Tokyo", "UTC")


def zones(*chosen: str) -> list[str]:
    """Every zone by its IANA name, ``chosen`` first."""
    rest = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix")))
    return list(dict.fromkeys([*chosen, *FIRST, *rest]))
