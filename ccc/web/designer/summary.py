"""What a node's settings say, in a line or two, for its card on the canvas. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ccc.api import NodeType
from ccc.web.designer.schema import schema_of

LINES = 2
DAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


def summary(kind: NodeType, config: Mapping[str, Any], language: str) -> list[str]:
    """The settings that tell most, in the order of the schema; what is at its default says nothing."""
    properties = schema_of(kind.Config).get("properties", {})
    lines = []
    for name, schema in properties.items():
        value = config.get(name)
        if value in (None, "", [], {}) or value == schema.get("default") or isinstance(value, bool):
            continue
        text = words(schema.get("x-choices", {}).get(str(value), {}).get(language, value), language)
        if not text:
            continue
        if isinstance(value, int | float):
            label = schema.get("x-label", {})
            text = f"{label.get(language) or label.get('en') or name} {text}{schema.get('x-unit', '')}"
        lines.append(text)
        if len(lines) == LINES:
            break
    return lines


def words(value: Any, language: str) -> str:
    """A setting in words: prompts as what is said, keys as keys, hours as hours."""
    if isinstance(value, Mapping):
        return _shape(value, language)
    if isinstance(value, list | tuple):
        return " · ".join(part for part in (words(item, language) for item in value) if part)
    if isinstance(value, bool):
        return ""
    return " ".join(str(value).split())


def _shape(value: Mapping[str, Any], language: str) -> str:
    kind = value.get("kind")
    if kind == "tts":
        return " ".join(str(value.get("text", "")).split())
    if kind == "audio":
        return f"♪ {value.get('name', '')}"
    if kind == "tone":
        return f"{value.get('hz', '')} Hz {value.get('seconds', '')} s"
    if kind == "silence":
        return f"… {value.get('seconds', '')} s"
    if {"days", "start", "end"} & set(value) and "key" not in value:
        days = _days(value.get("days", [1, 2, 3, 4, 5]), language)
        return f"{days} {value.get('start', '09:00')}–{value.get('end', '18:00')}".strip()
    return " ".join(part for part in (words(item, language) for item in value.values()) if part)


def _days(days: Any, language: str) -> str:
    """``[1, 2, 3, 5]`` -> ``Mon–Wed, Fri``."""
    names = DAYS["zh" if language == "zh" else "en"]
    known = sorted({day for day in days if isinstance(day, int) and 1 <= day <= 7}) if isinstance(days, list) else []
    runs: list[list[int]] = []
    for day in known:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    before = "周" if language == "zh" else ""
    texts = [names[run[0] - 1] if len(run) == 1 else f"{names[run[0] - 1]}–{names[run[-1] - 1]}" for run in runs]
    return ", ".join(before + text for text in texts)
