"""Numbers that exist only inside China and never have an E.164 form: an explicit table (DOMAIN, numbers)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ShortRule:
    """``kind`` service: dialled like a subscriber number, owned by a company (400, 800, 95)."""

    pattern: re.Pattern[str]
    kind: Literal["short", "service"]
    title: str


def _rule(pattern: str, kind: Literal["short", "service"], title: str) -> ShortRule:
    return ShortRule(re.compile(pattern), kind, title)


SHORT_NUMBERS: tuple[ShortRule, ...] = (
    _rule(r"110", "short", "公安报警"),
    _rule(r"119", "short", "火警"),
    _rule(r"120", "short", "医疗急救"),
    _rule(r"122", "short", "交通事故报警"),
    _rule(r"112|114|117|121|999", "short", "紧急与查询"),
    _rule(r"12\d{3}", "short", "政府与公共服务 (12315, 12345, 12306)"),
    _rule(r"100\d{2}|1[01]1\d{2,3}|118\d{3}|116\d{3}", "short", "运营商客服 (10086, 10010, 10000)"),
    _rule(r"95\d{3,6}", "service", "全国性企业客服 (95588)"),
    _rule(r"96\d{3,4}", "service", "地方服务热线"),
    _rule(r"400\d{7}", "service", "400 号码"),
    _rule(r"800\d{7}", "service", "800 免费电话"),
    _rule(r"106\d{9,17}", "service", "短信通道号"),
)


def short_rule(digits: str) -> ShortRule | None:
    """The rule ``digits`` falls under, or None."""
    for rule in SHORT_NUMBERS:
        if rule.pattern.fullmatch(digits):
            return rule
    return None
