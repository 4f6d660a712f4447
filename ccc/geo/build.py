"""``python -m ccc.geo.build OUT``: extract China from the data of ``phonenumbers``, whose geocoder costs 98 MB.

Runs in a process of its own and ends, so that no process of ours keeps that memory.
"""

from __future__ import annotations

import os
import sys
from array import array
from collections.abc import Iterable, Mapping
from pathlib import Path

from ccc.geo.table import DIGITS, Place, pack

PROVINCES = (
    *("北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽"),
    *("福建", "江西", "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西"),
    *("甘肃", "青海", "台湾", "内蒙古", "广西", "西藏", "宁夏", "新疆", "香港", "澳门"),
)
MUNICIPALITIES = {"北京", "天津", "上海", "重庆"}
SUFFIXES = ("特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市")


def place_of(name: str) -> Place | None:
    """``广东省深圳市`` -> 广东, 深圳; None when the text names no province."""
    province = next((known for known in PROVINCES if name.startswith(known)), None)
    if province is None:
        return None
    rest = name[len(province) :]
    for suffix in SUFFIXES:
        if rest.startswith(suffix):
            rest = rest[len(suffix) :]
            break
    if not rest:
        return Place(province, province if province in MUNICIPALITIES else "")
    return Place(province, "、".join(_city(part) for part in rest.split("、")))


def _city(name: str) -> str:
    return name[:-1] if name.endswith("市") and len(name) > 2 else name


def ranges(prefixes: Mapping[str, int]) -> tuple[array[int], array[int]]:
    """National prefixes with their ids as flat ranges: starts and ids; a longer prefix wins over a shorter one."""
    events: list[tuple[int, int]] = []
    stack: list[tuple[int, int]] = []  # (end, id) of the prefixes around the present position

    def close(until: int) -> None:
        while stack and stack[-1][0] <= until:
            end, _ = stack.pop()
            events.append((end, stack[-1][1] if stack else 0))

    def span(prefix: str) -> tuple[int, int]:
        unit = 10 ** (DIGITS - len(prefix))
        return int(prefix) * unit, (int(prefix) + 1) * unit

    for prefix in sorted(prefixes, key=lambda text: (span(text)[0], len(text))):
        start, end = span(prefix)
        close(start)
        events.append((start, prefixes[prefix]))
        stack.append((end, prefixes[prefix]))
    close(10**DIGITS)
    return _flat(events)


def _flat(events: Iterable[tuple[int, int]]) -> tuple[array[int], array[int]]:
    starts, ids = array("I"), array("H")
    for start, place in events:
        if starts and starts[-1] == start:
            starts.pop()
            ids.pop()
        if not ids or ids[-1] != place:
            starts.append(start)
            ids.append(place)
    return starts, ids


def build(names: Mapping[str, str]) -> bytes:
    """The table's file from E.164 prefixes without ``+`` (``8610``) and their Chinese place names."""
    ids: dict[Place, int] = {}
    prefixes: dict[str, int] = {}
    for prefix, name in names.items():
        place = place_of(name)
        national = prefix.removeprefix("86")
        if place is not None and prefix.startswith("86") and 0 < len(national) <= DIGITS:
            prefixes[national] = ids.setdefault(place, len(ids) + 1)
    return pack(*ranges(prefixes), list(ids))


def chinese_names() -> dict[str, str]:
    """Prefix -> Chinese place name, from ``phonenumbers``."""
    from phonenumbers.geodata import GEOCODE_DATA  # noqa: PLC0415 - 98 MB, only in this process

    return {prefix: names["zh"] for prefix, names in GEOCODE_DATA.items() if prefix.startswith("86") and "zh" in names}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m ccc.geo.build OUT\n")
        return 2
    out = Path(arguments[0])
    temporary = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(build(chinese_names()))
        temporary.replace(out)
    except OSError as error:
        sys.stderr.write(f"cannot write {out}: {error.strerror}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
