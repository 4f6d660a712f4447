"""Does what a plugin registered keep its contract? Each breach is a :class:`Refusal` that says what to change."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from ccc.api.node import Exit, NodeType
from ccc.api.notice import CHANNELS
from ccc.errors import CccError

LANGUAGES = ("en", "zh")
_TYPE = re.compile(r"^[a-z][a-z0-9_]{0,63}$")
_SYNCHRONOUS = ("exits", "check", "prompts", "uses", "sets")


class Refusal(CccError):
    """A plugin is refused; the message is the reason in the load report."""

    code = "plugin-refused"


def vet_node_type(found: Any) -> NodeType:
    """The one instance of a node type class. Refusal names the member that breaks the contract."""
    if not (inspect.isclass(found) and issubclass(found, NodeType)):
        raise Refusal(f"register_node_types() returned {_short(found)}, which is not a subclass of ccc.api.NodeType")
    name = found.__name__
    if inspect.isabstract(found):
        missing = ", ".join(sorted(found.__abstractmethods__))
        raise Refusal(f"node type {name} lacks {missing}")
    _vet_words(found, name)
    if not inspect.iscoroutinefunction(found.run):
        raise Refusal(f"node type {name}: run must be `async def run(self, call, config) -> str`")
    for method in _SYNCHRONOUS:
        if inspect.iscoroutinefunction(getattr(found, method)):
            raise Refusal(f"node type {name}: {method} must not be async")
    _vet_config(found, name)
    try:
        node_type = found()
    except Exception as error:  # the plugin's own code
        raise Refusal(f"node type {name} cannot be made without arguments: {error!r}") from error
    _vet_examples(node_type, name)
    return node_type


def _vet_words(found: type[NodeType], name: str) -> None:
    kind = getattr(found, "type", None)
    if not isinstance(kind, str) or not _TYPE.match(kind):
        raise Refusal(f"node type {name}: type must be small letters, digits and _ (at most 64), not {_short(kind)}")
    for member in ("label", "help"):
        _vet_languages(getattr(found, member, None), f"node type {name}: {member}")
    for member in ("category", "icon"):
        value = getattr(found, member, None)
        if not isinstance(value, str) or not value:
            raise Refusal(f"node type {name}: {member} must be a text, not {_short(value)}")
    for member in ("is_start", "ends_call", "waits"):
        if not isinstance(getattr(found, member), bool):
            raise Refusal(f"node type {name}: {member} must be True or False")


def _vet_languages(words: Any, where: str) -> None:
    if not isinstance(words, Mapping):
        raise Refusal(f"{where} must be a dict of texts by language, not {_short(words)}")
    missing = [language for language in LANGUAGES if not (isinstance(words.get(language), str) and words[language])]
    if missing:
        raise Refusal(f"{where} lacks a text for {' and '.join(missing)}")


def _vet_config(found: type[NodeType], name: str) -> None:
    config = getattr(found, "Config", None)
    if not (inspect.isclass(config) and issubclass(config, BaseModel)):
        raise Refusal(f"node type {name}: Config must be a pydantic BaseModel class, not {_short(config)}")
    if config.model_config.get("extra") != "forbid" or not config.model_config.get("frozen"):
        raise Refusal(
            f"node type {name}: Config needs `model_config = ccc.api.CONFIG` (frozen, unknown fields refused)"
        )
    try:
        config.model_json_schema()
    except Exception as error:  # pydantic raises several kinds here
        raise Refusal(f"node type {name}: Config has no JSON schema: {str(error).splitlines()[0]}") from error


def _vet_examples(node_type: NodeType, name: str) -> None:
    examples = node_type.examples
    if isinstance(examples, Mapping | str) or not examples:
        raise Refusal(f"node type {name}: examples must be a sequence of at least one settings dict")
    for index, example in enumerate(examples):
        try:
            vet_exits(node_type.exits(node_type.Config.model_validate(example)), name, node_type.ends_call)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            path = ".".join(str(part) for part in first["loc"])
            raise Refusal(f"node type {name}: examples[{index}], field {path}: {first['msg']}") from error
        except CccError:
            raise
        except Exception as error:  # the plugin's own code
            raise Refusal(f"node type {name}: exits() fails on examples[{index}]: {error!r}") from error


def vet_exits(exits: Any, name: str, ends_call: bool) -> None:
    """Exits are :class:`Exit` objects with unique names and labels in both languages."""
    names = set()
    for way in exits:
        if not isinstance(way, Exit):
            raise Refusal(f"node type {name}: exits() must return ccc.api.Exit objects, not {_short(way)}")
        if way.name in names:
            raise Refusal(f"node type {name}: exits() returns {way.name!r} twice")
        names.add(way.name)
        _vet_languages(way.label, f"node type {name}: label of exit {way.name!r}")
    if ends_call and names:
        raise Refusal(f"node type {name}: a node that ends the call has no exits")


def vet_tts(found: Any) -> Any:
    """A TTS engine object, made when a class was registered. Refusal when a member is missing."""
    try:
        engine = found() if inspect.isclass(found) else found
    except Exception as error:  # the plugin's own code
        raise Refusal(f"TTS engine {found.__name__} cannot be made without arguments: {error!r}") from error
    name = getattr(engine, "name", None)
    if not isinstance(name, str) or not name:
        raise Refusal(f"TTS engine {_short(found)}: name must be a text, not {_short(name)}")
    for method in ("voices", "say"):
        if not callable(getattr(engine, method, None)):
            raise Refusal(f"TTS engine {name}: {method}() is missing")
        if inspect.iscoroutinefunction(getattr(engine, method)):
            raise Refusal(f"TTS engine {name}: {method} must not be async")
    return engine


def vet_notifier(found: Any) -> Any:
    """A notifier object, made when a class was registered. Refusal when a member is missing."""
    try:
        notifier = found() if inspect.isclass(found) else found
    except Exception as error:  # the plugin's own code
        raise Refusal(f"notifier {found.__name__} cannot be made without arguments: {error!r}") from error
    name = getattr(notifier, "name", None)
    if not isinstance(name, str) or not name:
        raise Refusal(f"notifier {_short(found)}: name must be a text, not {_short(name)}")
    channels = getattr(notifier, "channels", None)
    if not isinstance(channels, tuple) or not channels or not set(channels) <= set(CHANNELS):
        raise Refusal(f"notifier {name}: channels must be a tuple of {' and '.join(CHANNELS)}, not {_short(channels)}")
    send = getattr(notifier, "send", None)
    if not callable(send) or inspect.iscoroutinefunction(send):
        raise Refusal(f"notifier {name}: it needs a plain method send(notice, notice_id)")
    return notifier


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:60] + "..."
