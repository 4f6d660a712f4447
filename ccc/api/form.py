"""``setting()``: a field of a node's ``Config`` with what the designer's form needs, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, Field

CONFIG = ConfigDict(frozen=True, extra="forbid")
"""``model_config`` of every node's Config: shared by all calls, misspelt settings refused."""


def setting(
    default: Any = ...,
    *,
    en: str,
    zh: str,
    help_en: str = "",
    help_zh: str = "",
    unit: str = "",
    widget: str = "",
    choices: Mapping[str, tuple[str, str]] | None = None,
    unless: str = "",
    **constraints: Any,
) -> Any:
    """A pydantic field. ``constraints`` are pydantic's (``ge``, ``le``, ``max_length`` ...).

    ``widget`` names a special input (docs/write-a-node.md "Config"): ``skill-group``, ``audio``, ``flow``, ``trunk``,
    ``voice``, ``table``, ``hours``, ``variable``, ``expression``, ``template``, ``json``, ``text``, ``weekdays``,
    ``weekday``, ``week``, ``clock``. ``choices`` name the values of a ``Literal``: ``{value: (en, zh)}``. ``unless``:
    the setting does not count, and is not shown, while the setting of that name has a value.
    In the JSON schema these are ``x-label``, ``x-help``, ``x-unit``, ``x-widget``, ``x-choices`` and ``x-unless``.
    """
    extra: dict[str, Any] = {"x-label": {"en": en, "zh": zh}}
    if help_en:
        extra["x-help"] = {"en": help_en, "zh": help_zh}
    if unit:
        extra["x-unit"] = unit
    if widget:
        extra["x-widget"] = widget
    if unless:
        extra["x-unless"] = unless
    if choices:
        extra["x-choices"] = {value: {"en": en, "zh": zh} for value, (en, zh) in choices.items()}
    factory = constraints.pop("default_factory", None)
    if factory is not None:
        return Field(default_factory=factory, title=en, json_schema_extra=extra, **constraints)
    return Field(default, title=en, json_schema_extra=extra, **constraints)
