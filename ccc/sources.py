"""Where plugins come from: files and folders in plugin folders, and entry points of installed packages."""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from ccc.api.hooks import PROJECT
from ccc.vetting import Refusal


class Source(Protocol):
    """One plugin that may be loaded: ``name`` is unique, ``origin`` says where it is for people."""

    @property
    def name(self) -> str: ...
    @property
    def origin(self) -> str: ...
    def open(self) -> Any:
        """Import it: the object that carries the hooks. Any exception refuses this plugin only."""


@dataclass(frozen=True, slots=True)
class PathSource:
    """A ``.py`` file, or a folder with ``__init__.py`` or ``plugin.py``."""

    path: Path

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def origin(self) -> str:
        return str(self.path)

    def open(self) -> ModuleType:
        # The path is part of the module's name: equal file names in two folders stay two modules.
        digest = hashlib.sha256(str(self.path.resolve()).encode()).hexdigest()[:8]
        name = f"ccc_plugin_{self.path.stem}_{digest}".replace("-", "_").replace(".", "_")
        _forget(name)
        try:
            if self.path.is_file():
                return _execute(name, self.path, None)
            if (self.path / "__init__.py").is_file():
                return _execute(name, self.path / "__init__.py", [str(self.path)])
            if (self.path / "plugin.py").is_file():
                package = ModuleType(name)
                package.__path__ = [str(self.path)]
                sys.modules[name] = package
                return _execute(f"{name}.plugin", self.path / "plugin.py", None)
        except BaseException:
            _forget(name)
            raise
        raise Refusal("the folder has neither __init__.py nor plugin.py")


@dataclass(frozen=True, slots=True)
class EntrySource:
    """An entry point of group ``ccc``."""

    point: importlib.metadata.EntryPoint

    @property
    def name(self) -> str:
        return f"package/{self.point.name}"

    @property
    def origin(self) -> str:
        package = self.point.dist
        return f"{self.point.value} of {package.name} {package.version}" if package is not None else self.point.value

    def open(self) -> Any:
        return self.point.load()


def path_sources(folders: Sequence[Path]) -> Iterator[PathSource]:
    """Every plugin in the folders, by name. Names starting with ``_`` or ``.`` and other files are not plugins."""
    for folder in folders:
        if not folder.is_dir():
            continue
        for path in sorted(folder.iterdir()):
            if not path.name.startswith(("_", ".")) and (path.is_dir() or path.suffix == ".py"):
                yield PathSource(path)


def entry_sources() -> list[EntrySource]:
    """The entry points of all installed packages, in a fixed order."""
    points = importlib.metadata.entry_points(group=PROJECT)
    return sorted((EntrySource(point) for point in points), key=lambda source: (source.name, source.origin))


def _execute(name: str, path: Path, locations: list[str] | None) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=locations)
    if spec is None or spec.loader is None:
        raise Refusal(f"{path.name} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # before it runs, else relative imports and dataclasses in it fail
    spec.loader.exec_module(module)
    return module


def _forget(name: str) -> None:
    for loaded in [other for other in sys.modules if other == name or other.startswith(f"{name}.")]:
        del sys.modules[loaded]
