"""Flows: import, export, check and publish (IVR-1: only a published flow takes calls)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ccc.api import Problem, Voice
from ccc.errors import ConflictError, NotFoundError, say
from ccc.flow.check import check_flow
from ccc.flow.compile import CompiledFlow, compile_flow
from ccc.flow.document import FlowDocument, FlowInvalid, load_document, parse_document
from ccc.home import Home
from ccc.loader import Registry
from ccc.prompts.render import render_static
from ccc.services import checks
from ccc.services.actor import Actor
from ccc.services.log import note
from ccc.services.publishing import under_way
from ccc.services.snapshot import export_snapshot
from ccc.store import Store
from ccc.store.base import utc_now
from ccc.store.records import FlowRecord, FlowSummary, VersionRecord
from ccc.store.repos import centre, data, flows, hours, publications
from ccc.store.repos.flow_changes import Change
from ccc.store.repos.publications import ScheduleRecord


@dataclass(frozen=True, slots=True)
class Published:
    """The version that is live now; ``changed`` False: it was live before, nothing was done."""

    version: VersionRecord
    changed: bool
    warnings: tuple[Problem, ...] = ()


class InstanceReferences:
    """The names a flow of an instance may use (:class:`ccc.api.References`)."""

    def __init__(self, audio: set[str], groups: set[str], flow_names: set[str], registry: Registry,
                 trunks: set[str], tables: set[str], hours: set[str]) -> None:  # fmt: skip
        self._names = {"audio": audio, "skill-group": groups, "flow": flow_names, "trunk": trunks, "table": tables,
                       "hours": hours}  # fmt: skip
        self._registry = registry
        self._voices: set[str] | None = None

    def has(self, kind: str, name: str) -> bool:
        """Whether the instance has a thing of that kind and name; variables are the document's own."""
        if kind == "voice":
            if self._voices is None:
                self._voices = {voice.name for voice in voices(self._registry)}
            return name in self._voices
        return name in self._names.get(kind, ())


def voices(registry: Registry) -> list[Voice]:
    """Every voice of every TTS engine, the default one first."""
    return [voice for engine in registry.tts_engines.values() for voice in engine.voices()]


def import_flow(
    store: Store,
    registry: Registry,
    actor: Actor,
    instance: str,
    data: bytes | str | Mapping[str, Any],
    *,
    replace_draft: bool = True,
) -> tuple[FlowRecord, list[Problem]]:
    """Save a document as the draft of the flow it names; returns it with what must be mended before publishing.

    FlowInvalid when it is not a flow document at all; the draft before is then kept. Without ``replace_draft``
    ConflictError when there is such a flow.
    """
    actor.require(instance, "admin")
    document = parse_document(data) if isinstance(data, Mapping) else load_document(data)
    refs = references(store, registry, instance, document.name)
    with store.write() as session:
        if not replace_draft and flows.get(session, instance, document.name) is not None:
            raise ConflictError(
                say("There is already a flow %(name)s. Allow replacing its draft, or change the name in the file."),
                field="replace",
                values={"name": document.name},
            )
        saved = flows.save_draft(session, instance, document.name, document.title, document.as_dict(), actor.user)
        note(session, actor, "flow.import", document.name, instance=instance, revision=saved.revision)
    export_snapshot(store)  # a flow that exists but is not published answers 480, not 404
    return saved, check_flow(document, registry, refs)


def list_flows(store: Store, actor: Actor, instance: str) -> list[FlowSummary]:
    """The instance's flows by name."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        return flows.find(session, instance)


def export_flow(store: Store, actor: Actor, instance: str, name: str, version: int | None = None) -> FlowDocument:
    """The draft, or a published version. NotFoundError when there is none."""
    actor.require(instance, "admin", "supervisor")
    if version is None:
        return parse_document(draft_of(store, instance, name).document)
    with store.read() as session:
        found = flows.version(session, instance, name, version)
    if found is None:
        raise NotFoundError(
            say("flow %(name)s has no version %(version)s"),
            field="version",
            values={"name": repr(name), "version": version},
        )
    return parse_document(found.document)


def flow_versions(store: Store, actor: Actor, instance: str, name: str) -> list[VersionRecord]:
    """The published versions, newest first."""
    actor.require(instance, "admin", "supervisor")
    draft_of(store, instance, name)
    with store.read() as session:
        return flows.versions(session, instance, name)


def check_draft(store: Store, registry: Registry, actor: Actor, instance: str, name: str) -> list[Problem]:
    """Every problem of the draft."""
    document = export_flow(store, actor, instance, name)
    return check_flow(document, registry, references(store, registry, instance, name))


def publish_flow(
    store: Store, registry: Registry, actor: Actor, instance: str, name: str, message: str = ""
) -> Published:
    """Check, compile, render the fixed prompts, store the next immutable version and put it on the air.

    FlowInvalid with every problem; ConflictError when somebody saved the draft meanwhile. What is live already with
    the same content stays: no new version (its prompts are rendered again when they are missing).
    """
    actor.require(instance, "admin")
    draft = draft_of(store, instance, name)
    return store_version(store, registry, actor, draft, parse_document(draft.document), message)


def store_version(
    store: Store, registry: Registry, actor: Actor, draft: FlowRecord, document: FlowDocument, message: str,
    action: str = "flow.publish", *, plan: ScheduleRecord | None = None,
    now: datetime | None = None, **detail: Any,
) -> Published:  # fmt: skip
    """Publish ``document`` as the next version of the flow whose draft was read as ``draft``; rights were checked.

    A draft that says the same as the live version follows it, so that it does not look like an unpublished change.
    With ``plan`` the draft may have been changed since; the plan ends in the same transaction, so exactly once.
    """
    instance, name, at = draft.instance, draft.name, now or utc_now()
    with under_way(store, actor, draft, at, planned=plan is not None) as number:
        refs = references(store, registry, instance, name)
        compiled = compile_flow(document, registry, refs)
        warnings = tuple(check_flow(document, registry, refs))
        render_prompts(store.home, compiled, registry)
        with store.write() as session:
            live = flows.live(session, instance, name)
            if live is not None and live.hash == compiled.hash:
                _end_plan(session, plan, live, at)
                return Published(live, False, warnings)
            stored = flows.get(session, instance, name)
            if stored is None or (stored.revision != draft.revision and plan is None):
                raise ConflictError(
                    say("The flow %(name)s was changed while it was being published; look at it and publish again."),
                    values={"name": name},
                )
            version = flows.publish(
                session,
                instance,
                name,
                hash_=compiled.hash,
                document=draft.document if parse_document(draft.document) == document else document.as_dict(),
                author=plan.by if plan is not None else actor.user,
                message=message,
            )
            if live is not None and live.document == stored.document:
                now_as = document.as_dict()
                flows.save_draft(session, instance, name, document.title, now_as, actor.user, Change("rollback"))
            _end_plan(session, plan, version, at)
            publications.put(session, number, "announcing", actor.user, at, draft.revision)
            note(session, actor, action, name, instance=instance, version=version.version, message=message, **detail)
        export_snapshot(store)
    return Published(version, True, warnings)


def _end_plan(session: Session, plan: ScheduleRecord | None, version: VersionRecord, at: datetime) -> None:
    """ConflictError when somebody has cancelled it meanwhile, or it is published already."""
    if plan is not None and not publications.end(session, plan.id, "published", at, version=version.version):
        raise ConflictError(say("What was planned has been cancelled or is published already."))


def unpublish_flow(store: Store, actor: Actor, instance: str, name: str) -> None:
    """Take the flow off the air: new calls get 480, running ones go on with their version."""
    actor.require(instance, "admin")
    draft_of(store, instance, name)
    with store.write() as session:
        flows.set_live(session, instance, name, None)
        note(session, actor, "flow.unpublish", name, instance=instance)
    export_snapshot(store)


def references(store: Store, registry: Registry, instance: str, name: str) -> InstanceReferences:
    """The names known in the instance, with the flow itself. NotFoundError when there is no such instance."""
    with store.read() as session:
        checks.instance(session, instance)
        groups = {group.name for group in centre.skill_groups(session, instance)}
        names = {flow.name for flow in flows.find(session, instance)} | {name}
        return InstanceReferences(centre.audio_names(session, instance), groups, names, registry,
                                  centre.trunk_names(session, instance),
                                  {table.name for table in data.tables(session, instance)},
                                  {item.name for item in hours.find(session, instance)})  # fmt: skip


def render_prompts(home: Home, compiled: CompiledFlow, registry: Registry) -> None:
    """Speak the fixed texts now, so that no call waits for them. FlowInvalid names the nodes whose text fails."""
    engines = list(registry.tts_engines.values())
    problems = [
        replace(problem, node=node)
        for node, prompt in compiled.prompts()
        for problem in render_static(home, [prompt], engines)
    ]
    if problems:
        raise FlowInvalid(compiled.name, problems)


def draft_of(store: Store, instance: str, name: str) -> FlowRecord:
    """The flow with its draft. NotFoundError names the flows there are."""
    with store.read() as session:
        found = flows.get(session, instance, name)
        if found is None:
            known = ", ".join(flow.name for flow in flows.find(session, instance)) or "none"
            raise NotFoundError(
                say("no flow %(name)s in %(instance)s; there are: %(known)s"),
                field="flow",
                values={"name": repr(name), "instance": repr(instance), "known": known},
            )
    return found
