"""Finds, vets and collects plugins. One that fails is refused by name and reason; everything else goes on."""

from __future__ import annotations

import inspect
import logging
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pluggy

from ccc import hookspecs
from ccc.api.hooks import PROJECT
from ccc.api.node import NodeType
from ccc.api.notice import Notifier
from ccc.api.tts import TtsEngine
from ccc.home import PROJECT as PROJECT_FOLDER
from ccc.sources import PathSource, Source, entry_sources, path_sources
from ccc.vetting import Refusal, vet_node_type, vet_notifier, vet_tts

PLUGIN_DIRS = (PROJECT_FOLDER / "plugins", PROJECT_FOLDER / "suppliers")
HOOKS = tuple(
    name
    for name, member in vars(hookspecs).items()
    if inspect.isfunction(member) and hasattr(member, f"{PROJECT}_spec")
)
_KINDS: Mapping[str, tuple[Callable[[Any], Any], str]] = {
    "register_node_types": (vet_node_type, "node type"),
    "register_tts": (vet_tts, "TTS engine"),
    "register_notifiers": (vet_notifier, "notifier"),
}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """A plugin in use. ``provides`` lists what it registered, as ``node type play`` or ``TTS engine espeak``."""

    name: str
    origin: str
    provides: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefusedPlugin:
    """A plugin not in use, and why. ``detail`` is the traceback of a failed import, for its author."""

    name: str
    origin: str
    reason: str
    detail: str = ""


@dataclass(slots=True)
class LoadReport:
    """What happened to each plugin, in load order (``ccc plugins``, the admin page, the log)."""

    loaded: list[LoadedPlugin] = field(default_factory=list)
    refused: list[RefusedPlugin] = field(default_factory=list)

    def as_dict(self) -> dict[str, list[dict[str, Any]]]:
        """The report as JSON values."""
        return {
            "loaded": [
                {"name": item.name, "origin": item.origin, "provides": list(item.provides)} for item in self.loaded
            ],
            "refused": [{"name": item.name, "origin": item.origin, "reason": item.reason} for item in self.refused],
        }


@dataclass(frozen=True, slots=True)
class Registry:
    """Everything plugins brought. Node types by ``type``, the others by ``name``, in load order."""

    node_types: Mapping[str, NodeType]
    tts_engines: Mapping[str, TtsEngine]
    report: LoadReport
    notifiers: Mapping[str, Notifier] = field(default_factory=dict)


def load(plugin_dirs: Sequence[Path] = PLUGIN_DIRS, entry_points: bool = True) -> Registry:
    """Load every plugin of the folders and (``entry_points``) of installed packages. Never raises for a plugin."""
    return load_sources([*path_sources(plugin_dirs), *(entry_sources() if entry_points else ())])


def load_path(path: Path) -> Registry:
    """Load one file or folder alone (``ccc check PATH``)."""
    return load_sources([PathSource(path.resolve())])


def load_sources(sources: Sequence[Source]) -> Registry:
    """Load the given sources, each on its own, in order."""
    loading = _Loading()
    for source in sources:
        try:
            loading.report.loaded.append(LoadedPlugin(source.name, source.origin, loading.add(source)))
        except Refusal as refusal:
            loading.refuse(source, refusal.message)
        except (Exception, SystemExit) as error:  # a plugin may do anything while it is imported
            loading.refuse(source, f"import failed: {_reason(error)}", traceback.format_exc())
    return Registry(MappingProxyType(loading.node_types), MappingProxyType(loading.tts_engines), loading.report,
                    MappingProxyType(loading.notifiers))  # fmt: skip


def _reason(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"SyntaxError: {error.msg} (line {error.lineno})"
    return f"{type(error).__name__}: {error}"


class _Loading:
    """One load: a fresh plugin manager and what has been collected so far."""

    def __init__(self) -> None:
        self.manager = pluggy.PluginManager(PROJECT)
        self.manager.add_hookspecs(hookspecs)
        self.node_types: dict[str, NodeType] = {}
        self.tts_engines: dict[str, TtsEngine] = {}
        self.notifiers: dict[str, Notifier] = {}
        self.report = LoadReport()
        self.owners: dict[str, str] = {}

    def refuse(self, source: Source, reason: str, detail: str = "") -> None:
        _log.error("plugin %s (%s) refused: %s", source.name, source.origin, reason)
        self.report.refused.append(RefusedPlugin(source.name, source.origin, reason, detail))

    def add(self, source: Source) -> tuple[str, ...]:
        """Import, register, vet; all or nothing. Refusal or the plugin's own exception."""
        if self.manager.has_plugin(source.name):
            raise Refusal(f"another plugin is already named {source.name}; rename one")
        plugin = source.open()
        self._register(plugin, source.name)
        try:
            found = dict(self._collect(plugin))
            self._refuse_clashes(found)
        except BaseException:
            self.manager.unregister(name=source.name)
            raise
        for label, item in found.items():
            self.owners[label] = source.name
            if isinstance(item, NodeType):
                self.node_types[item.type] = item
            elif label.startswith("notifier "):
                self.notifiers[item.name] = item
            else:
                self.tts_engines[item.name] = item
        return tuple(found)

    def _register(self, plugin: Any, name: str) -> None:
        try:
            self.manager.register(plugin, name)
            self.manager.check_pending()
        except (pluggy.PluginValidationError, ValueError) as error:
            if self.manager.has_plugin(name):
                self.manager.unregister(name=name)
            raise Refusal(f"{_one_line(error)}; hooks are {', '.join(HOOKS)}") from error
        try:
            self._vet_hooks(plugin)
        except Refusal:
            self.manager.unregister(name=name)
            raise

    def _vet_hooks(self, plugin: Any) -> None:
        implemented = set()
        for caller in self.manager.get_hookcallers(plugin) or ():
            implemented.add(caller.name)
            for hook in caller.get_hookimpls():
                if hook.plugin is not plugin:
                    continue
                if inspect.iscoroutinefunction(hook.function) or inspect.isasyncgenfunction(hook.function):
                    raise Refusal(f"hook {caller.name} is async; hooks are plain functions that return classes")
                if hook.wrapper or hook.hookwrapper:
                    raise Refusal(f"hook {caller.name} is a wrapper; hooks here only register")
        unmarked = [name for name in HOOKS if name not in implemented and callable(getattr(plugin, name, None))]
        if unmarked:
            raise Refusal(f"function {unmarked[0]} is not marked with @ccc.api.hookimpl")
        if not implemented:
            raise Refusal(f"it implements no hook; hooks are {', '.join(HOOKS)}")

    def _collect(self, plugin: Any) -> Iterator[tuple[str, Any]]:
        """Call this plugin's implementations one by one; what they return, vetted, with its label."""
        for caller in self.manager.get_hookcallers(plugin) or ():
            for hook in caller.get_hookimpls():
                if hook.plugin is plugin:
                    yield from self._vetted(caller.name, hook.function)

    @staticmethod
    def _vetted(hook: str, function: Any) -> Iterator[tuple[str, Any]]:
        try:
            returned = function()
            items = list(returned)
        except Exception as error:  # the plugin's own code
            raise Refusal(f"hook {hook} failed: {_reason(error)}") from error
        labels = set()
        for found in items:
            vet, kind = _KINDS[hook]
            item = vet(found)
            label = f"{kind} {item.type if isinstance(item, NodeType) else item.name}"
            if label in labels:
                raise Refusal(f"{label} is registered twice")
            labels.add(label)
            yield label, item

    def _refuse_clashes(self, found: Mapping[str, Any]) -> None:
        for label in found:
            if label in self.owners:
                raise Refusal(f"{label} is already provided by plugin {self.owners[label]}; rename one")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
