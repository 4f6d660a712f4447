"""Where a number is from: province and city, from the installation's table."""

from __future__ import annotations

from ccc.geo import GeoTable, geo_path
from ccc.home import Home

_TABLES: dict[Home, GeoTable] = {}


def place_of(home: Home, number: str) -> str:
    """``广东 深圳``, ``北京``; '' when it has no place in China, or the table is not there."""
    found = _table(home).lookup(number)
    if found is None:
        return ""
    return found.province if found.city in ("", found.province) else f"{found.province} {found.city}"


def _table(home: Home) -> GeoTable:
    """Read once; one that is not there yet is looked for again."""
    table = _TABLES.get(home)
    if table is None:
        table = GeoTable.load(geo_path(home))
        if len(table):
            _TABLES[home] = table
    return table
