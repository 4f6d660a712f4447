"""What differs between two flow documents, so exactly that the difference applied to the first gives the second."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ccc.errors import ConflictError, say
from ccc.flow.document import FlowDocument, parse_document
from ccc.flow.places import Place, dotted

Item = dict[str, Any]
Key = tuple[str, ...]
"""What a node, line or test case is found again by; its last part counts those that share the rest."""


@dataclass(frozen=True, slots=True)
class Change:
    """One value. ``op`` is ``change``, ``add`` (there was none) or ``remove`` (there is none any more)."""

    op: Literal["change", "add", "remove"]
    path: Place
    old: Any = None
    new: Any = None

    def as_dict(self) -> Item:
        """JSON: ``field`` is the path as people read it; only the values there are."""
        shape: Item = {"op": self.op, "field": dotted(self.path) or "", "path": list(self.path)}
        shape |= {} if self.op == "add" else {"old": self.old}
        return shape | ({} if self.op == "remove" else {"new": self.new})


@dataclass(frozen=True, slots=True)
class Changed:
    """A thing that is in both, with what differs; ``item`` is how it was."""

    key: Key
    item: Item
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class ListDiff:
    """Things of one kind (nodes, lines, test cases). ``order``: keys as they now follow, when that changed, too."""

    added: tuple[Item, ...] = ()
    removed: tuple[Item, ...] = ()
    changed: tuple[Changed, ...] = ()
    order: tuple[Key, ...] | None = None

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.order)

    def as_dict(self) -> Item:
        """JSON: ``{added, removed, changed: [{item, changes}], reordered}``."""
        changed = [{"item": each.item, "changes": [one.as_dict() for one in each.changes]} for each in self.changed]
        return {
            "added": list(self.added),
            "removed": list(self.removed),
            "changed": changed,
            "reordered": self.order is not None,
        }


@dataclass(frozen=True, slots=True)
class FlowDiff:
    """From one document to another: ``fields`` are title, variables and the rest; falsy when nothing differs."""

    fields: tuple[Change, ...] = ()
    nodes: ListDiff = field(default_factory=ListDiff)
    edges: ListDiff = field(default_factory=ListDiff)
    tests: ListDiff = field(default_factory=ListDiff)

    def __bool__(self) -> bool:
        return bool(self.fields or self.nodes or self.edges or self.tests)

    def as_dict(self) -> Item:
        """JSON for pages and the API."""
        lists = {"nodes": self.nodes.as_dict(), "edges": self.edges.as_dict(), "tests": self.tests.as_dict()}
        return {"same": not self, "fields": [change.as_dict() for change in self.fields], **lists}


_KEYS: dict[str, Callable[[Item], Key]] = {
    "nodes": lambda node: (node["id"],),
    "edges": lambda edge: (edge["from"], edge["exit"]),
    "tests": lambda case: (case["name"],),
}


def diff(a: FlowDocument, b: FlowDocument) -> FlowDiff:
    """What turns ``a`` into ``b``. Nodes pair by id, lines by node and exit, test cases by name."""
    old, new = a.as_dict(), b.as_dict()
    lists = {name: _diff_list(old.pop(name), new.pop(name), key) for name, key in _KEYS.items()}
    return FlowDiff(tuple(_changes(old, new, ())), **lists)


def apply(difference: FlowDiff, a: FlowDocument) -> FlowDocument:
    """``apply(diff(a, b), a) == b``. ConflictError when ``difference`` was not made from a document like ``a``."""
    raw = a.as_dict()
    lists = {name: _apply_list(getattr(difference, name), raw.pop(name), key) for name, key in _KEYS.items()}
    return parse_document({**_changed(raw, difference.fields), **lists})


def same(a: object, b: object) -> bool:
    """Equal as JSON texts are: 1, 1.0 and true are three things, the order of keys is none."""
    if type(a) is not type(b):
        return False
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(one, other) for one, other in zip(a, b, strict=True))
    return repr(a) == repr(b) if isinstance(a, float) else a == b


def _diff_list(old: Sequence[Item], new: Sequence[Item], key: Callable[[Item], Key]) -> ListDiff:
    before, after = _numbered(old, key), _numbered(new, key)
    pairs = {name: tuple(_changes(before[name], after[name], ())) for name in before if name in after}
    changed = tuple(Changed(name, before[name], changes) for name, changes in pairs.items() if changes)
    added = [name for name in after if name not in before]
    in_turn = [*pairs, *added]
    return ListDiff(
        tuple(after[name] for name in added),
        tuple(item for name, item in before.items() if name not in after),
        changed,
        None if in_turn == list(after) else tuple(after),
    )


def _apply_list(difference: ListDiff, old: Sequence[Item], key: Callable[[Item], Key]) -> list[Item]:
    items = _numbered(old, key)
    # Added ones and removed ones share no key with each other, so both are counted among their likes alone.
    gone = _counted_from_end(difference.removed, items, key)
    for name, item in gone.items():
        if name not in items or not same(items[name], item):
            raise _unfit(name)
        del items[name]
    for each in difference.changed:
        if each.key not in items or not same(items[each.key], each.item):
            raise _unfit(each.key)
        items[each.key] = _changed(items[each.key], each.changes)
    for item in difference.added:
        items[_free_key(items, key(item))] = item
    if difference.order is None:
        return list(items.values())
    if set(difference.order) != set(items):
        raise _unfit(min(set(difference.order) ^ set(items)))
    return [items[name] for name in difference.order]


def _numbered(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, Item]:
    found: dict[Key, Item] = {}
    for item in items:
        found[_free_key(found, key(item))] = item
    return found


def _free_key(taken: Mapping[Key, Item], key: Key) -> Key:
    number = 0
    while (*key, str(number)) in taken:
        number += 1
    return (*key, str(number))


def _counted_from_end(
    removed: Sequence[Item], items: Mapping[Key, Item], key: Callable[[Item], Key]
) -> dict[Key, Item]:
    """Of several with one key the last ones go: the first ones are those that found a partner."""
    found: dict[Key, Item] = {}
    for item in reversed(removed):
        number = 0
        while (*key(item), str(number)) in items and (*key(item), str(number)) not in found:
            number += 1
        found[(*key(item), str(max(number - 1, 0)))] = item
    return found


def _changes(old: Any, new: Any, path: Place) -> Iterable[Change]:
    if same(old, new):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in [*old, *(name for name in new if name not in old)]:
            if name not in new:
                yield Change("remove", (*path, name), old=old[name])
            elif name not in old:
                yield Change("add", (*path, name), new=new[name])
            else:
                yield from _changes(old[name], new[name], (*path, name))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _changes(one, other, (*path, index))
    else:
        yield Change("change", path, old, new)


def _changed(value: Any, changes: Sequence[Change]) -> Any:
    for change in changes:
        value = _with(value, change.path, change, change.path)
    return value


def _with(value: Any, path: Place, change: Change, whole: Place) -> Any:
    """A copy of ``value`` in which the one change is made."""
    if not path:
        if not same(value, change.old):
            raise _unfit(tuple(str(part) for part in whole))
        return change.new
    head, rest = path[0], path[1:]
    there = head in value if isinstance(value, Mapping) else isinstance(head, int) and head < len(value)
    if isinstance(value, list) and there and isinstance(head, int):
        return [*value[:head], _with(value[head], rest, change, whole), *value[head + 1 :]]
    if not isinstance(value, Mapping) or there == (change.op == "add" and not rest):
        raise _unfit(tuple(str(part) for part in whole))
    if rest or change.op == "change":
        return {**value, head: _with(value[head], rest, change, whole)}
    if change.op == "add":
        return {**value, head: change.new}
    return {name: item for name, item in value.items() if name != head}


def _unfit(place: Sequence[str]) -> ConflictError:
    message = say("The difference does not fit this document: it is another one at %(place)s.")
    return ConflictError(message, values={"place": ".".join(place)})
