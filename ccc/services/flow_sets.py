"""Several flows at once between installations, and flows of the vendor's format: what came, what is missing here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ccc.api import Problem
from ccc.errors import ConflictError, InvalidError, NotFoundError, say
from ccc.flow import sets, vendor
from ccc.flow.check import check_flow
from ccc.flow.document import FlowDocument, content_hash, parse_document
from ccc.flow.mapping import Names, mapped
from ccc.flow.sets import FlowSet, Missing
from ccc.flow.vendor import Finding
from ccc.loader import Registry
from ccc.services.actor import Actor
from ccc.services.flows import export_flow, references
from ccc.services.log import note
from ccc.services.snapshot import export_snapshot
from ccc.store import Store
from ccc.store.repos import flows

What = Literal["created", "replaced", "unchanged"]


@dataclass(frozen=True, slots=True)
class Came:
    """A flow of the set: what was (or, in a trial, would be) done, and what must be mended before publishing."""

    name: str
    title: str
    done: What
    problems: tuple[Problem, ...]
    revision: int = 0
    """Of the draft as it is now; 0 when a trial would make it."""


@dataclass(frozen=True, slots=True)
class Report:
    """``intact`` False: the file was changed since it was written. ``findings``: of the vendor's format only."""

    flows: tuple[Came, ...]
    missing: tuple[Missing, ...]
    intact: bool | None = None
    findings: tuple[Finding, ...] = ()


def export_set(
    store: Store, registry: Registry, actor: Actor, instance: str, names: Sequence[str] = ()
) -> dict[str, Any]:
    """The drafts of these flows (none named: all) as a set. NotFoundError names the first that is not there."""
    actor.require(instance, "admin", "supervisor")
    if not names:
        with store.read() as session:
            names = [flow.name for flow in flows.find(session, instance)]
    if not names:
        raise NotFoundError(say("There is no flow yet."), field="names")
    documents = [export_flow(store, actor, instance, name) for name in dict.fromkeys(names)]
    return sets.pack(documents, registry)


def import_set(
    store: Store, registry: Registry, actor: Actor, instance: str, found: FlowSet, *,
    replace: bool = False, trial: bool = False, names: Names | None = None,
) -> Report:  # fmt: skip
    """Save all flows of the set as drafts, or none. ``trial``: only say what would happen.

    ``names``: what is called otherwise here, ``(kind, name there) -> name here``.
    ConflictError names the flows that are there already and differ, unless ``replace`` is allowed.
    """
    actor.require(instance, "admin")
    if names:
        found = FlowSet(tuple(mapped(flow, registry, names) for flow in found.flows), found.intact)
    refs = references(store, registry, instance, found.flows[0].name)
    done: dict[str, What] = {}
    revisions: dict[str, int] = {}
    with store.write() as session:
        for document in found.flows:
            there = flows.get(session, instance, document.name)
            same = there is not None and content_hash(parse_document(there.document)) == content_hash(document)
            revisions[document.name] = there.revision if there is not None else 0
            done[document.name] = "created" if there is None else "unchanged" if same else "replaced"
        taken = [name for name, what in done.items() if what == "replaced"]
        if taken and not replace and not trial:
            text = say("There are other flows of these names: %(names)s. Allow replacing their drafts, or rename them.")
            raise ConflictError(text, field="replace", values={"names": ", ".join(taken)})
        for document in found.flows if not trial else ():
            if done[document.name] != "unchanged":
                saved = flows.save_draft(
                    session, instance, document.name, document.title, document.as_dict(), actor.user
                )
                revisions[document.name] = saved.revision
                note(session, actor, "flow.import", document.name, instance=instance, revision=saved.revision)
    if not trial:
        export_snapshot(store)
    world = _Together(refs, {document.name for document in found.flows})
    came = tuple(
        Came(flow.name, flow.title, done[flow.name], tuple(check_flow(flow, registry, world)), revisions[flow.name])
        for flow in found.flows
    )
    return Report(came, tuple(sets.missing(found.flows, registry, refs)), found.intact)


def import_vendor(
    store: Store, registry: Registry, actor: Actor, instance: str, raw: object, name: str, title: str = "", *,
    replace: bool = False, trial: bool = False, names: Names | None = None,
) -> tuple[Report, FlowDocument]:  # fmt: skip
    """A flow of the vendor's format as the draft ``name``. FlowInvalid when it is none; else as :func:`import_set`.

    ``names`` of kind ``node-type`` say which type stands for one of theirs (``vendor:TYPE``).
    """
    actor.require(instance, "admin")
    types = {there: here for (kind, there), here in (names or {}).items() if kind == "node-type"}
    document, findings = vendor.read_vendor(raw, name, title, types=types, registry=registry)
    alone = FlowSet((document,))
    report = import_set(store, registry, actor, instance, alone, replace=replace, trial=trial, names=names)
    return Report(report.flows, report.missing, None, tuple(findings)), document


def import_any(
    store: Store, registry: Registry, actor: Actor, instance: str, data: bytes | str, *,
    name: str = "", replace: bool = False, trial: bool = False, names: Names | None = None,
) -> Report:  # fmt: skip
    """A file with a flow, a set of flows or, under ``name``, a flow of the vendor's format, told apart by its fields.

    FlowInvalid when it is none of them; InvalidError when the vendor's flow has no name to go by.
    """
    actor.require(instance, "admin")
    raw = sets.read(data)
    choices: dict[str, Any] = {"replace": replace, "trial": trial, "names": names}
    if not vendor.is_vendor(raw):
        return import_set(store, registry, actor, instance, sets.parse_set(raw), **choices)
    if not name:
        raise InvalidError(say("The vendor's format has no name; give the flow one."), field="name")
    return import_vendor(store, registry, actor, instance, raw, name, **choices)[0]


class _Together:
    """The instance's names and those of the flows that come at the same time."""

    def __init__(self, refs: Any, names: set[str]) -> None:
        self._refs, self._names = refs, names

    def has(self, kind: str, name: str) -> bool:
        """Whether it is there, or will be."""
        return (kind == "flow" and name in self._names) or bool(self._refs.has(kind, name))
