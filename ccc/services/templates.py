"""The gallery of flows to begin with: documents in ``flows/`` that ``flows/gallery.toml`` names."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from ccc.errors import NotFoundError, say
from ccc.flow.document import FlowDocument, load_document
from ccc.home import PROJECT

FOLDER = PROJECT / "flows"


@dataclass(frozen=True, slots=True)
class Template:
    """A flow to begin with; ``title`` and ``description`` by language (``zh``, ``en``)."""

    name: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    nodes: int


@functools.cache
def templates() -> tuple[Template, ...]:
    """The templates in the gallery's order."""
    listed = tomllib.loads((FOLDER / "gallery.toml").read_text("utf-8"))
    found = [(name, texts["title"], texts["description"]) for name, texts in listed.items()]
    return tuple(Template(name, title, text, len(_document(name).nodes)) for name, title, text in found)


def template(name: str) -> FlowDocument:
    """A template's document. NotFoundError when the gallery has none of this name."""
    if name not in {each.name for each in templates()}:
        raise NotFoundError(say("There is no template %(name)s."), values={"name": name})
    return _document(name)


@functools.cache
def _document(name: str) -> FlowDocument:
    return load_document((FOLDER / f"{name}.json").read_bytes())
