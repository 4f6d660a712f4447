"""Telephone numbers as they arrive from trunks, and what they mean. China first; pure.

The raw form is always kept. Short numbers and anonymous callers have no E.164 form and stay as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ccc.geo.short import short_rule

Kind = Literal["mobile", "landline", "service", "short", "international", "anonymous", "unknown"]

ANONYMOUS = {
    "",
    "anonymous",
    "unavailable",
    "restricted",
    "private",
    "withheld",
    "unknown",
    "coming from behind",
    "未知",
}
FULL_WIDTH = str.maketrans("０１２３４５６７８９＋", "0123456789+")
NOISE = re.compile(r"[\s\-().·/]")
MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"(?:10|2[0-57-9])[1-9]\d{7}|[3-9]\d{2}[1-9]\d{6,7}")
"""Area code without 0, then the subscriber's number: 8 digits in the largest cities, else 7 or 8."""
LOCAL = re.compile(r"[2-8]\d{6,7}")
MAX_SHORT = 6


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number and its reading."""

    raw: str
    kind: Kind
    e164: str | None
    """``+8613800138000``; None for short, service, anonymous and unreadable numbers."""
    national: str
    """As dialled inside China: ``13800138000``, ``01012345678``, ``10086``, ``0085221234567``; '' when anonymous."""


def normalise(raw: str, area_code: str = "") -> PhoneNumber:
    """Read a number in any usual form: ``+86 138...``, ``0086...``, ``86138...``, ``0138...``, ``010-...``, ``10086``.

    ``area_code`` (``010`` or ``10``) completes a local number without one. Never fails: what cannot be read is
    ``unknown`` and keeps its text.
    """
    text = NOISE.sub("", raw.strip().translate(FULL_WIDTH).removeprefix("tel:"))
    if raw.strip().lower() in ANONYMOUS or text.lower() in ANONYMOUS:
        return PhoneNumber(raw, "anonymous", None, "")
    international = text.startswith(("+", "00"))
    digits = text[1:] if text.startswith("+") else text[2:] if text.startswith("00") else text
    if not (digits.isascii() and digits.isdigit()):
        return PhoneNumber(raw, "unknown", None, text)
    if international and not digits.startswith("86"):
        return _abroad(raw, digits)
    found = _inside_china(raw, digits[2:] if international else digits, area_code)
    if found is None and not international and digits.startswith("86"):
        found = _inside_china(raw, digits[2:], "")
    return found or PhoneNumber(raw, "unknown", None, text)


def inbound_only(raw: str) -> bool:
    """400 and 800 numbers only take calls: they are never shown to a person called (NUM-10)."""
    read = normalise(raw)
    return read.kind == "service" and read.national.startswith(("400", "800"))


def _inside_china(raw: str, digits: str, area_code: str) -> PhoneNumber | None:
    rule = short_rule(digits)
    if rule is not None:
        return PhoneNumber(raw, rule.kind, None, digits)
    subscriber = digits[1:] if digits.startswith("0") else digits
    if MOBILE.fullmatch(subscriber):
        return PhoneNumber(raw, "mobile", "+86" + subscriber, subscriber)
    if LANDLINE.fullmatch(subscriber):
        return PhoneNumber(raw, "landline", "+86" + subscriber, "0" + subscriber)
    if 0 < len(digits) <= MAX_SHORT:
        return PhoneNumber(raw, "short", None, digits)
    if LOCAL.fullmatch(digits):
        complete = area_code.removeprefix("0") + digits
        if area_code and LANDLINE.fullmatch(complete):
            return PhoneNumber(raw, "landline", "+86" + complete, "0" + complete)
        return PhoneNumber(raw, "landline", None, digits)
    return None


def _abroad(raw: str, digits: str) -> PhoneNumber:
    """E.164: a country code (never 0 at the start) and at most 15 digits in all."""
    if digits.startswith("0") or not 7 <= len(digits) <= 15:
        return PhoneNumber(raw, "unknown", None, digits)
    return PhoneNumber(raw, "international", "+" + digits, "00" + digits)
