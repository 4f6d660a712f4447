"""Flows in the administration: state, use, copy, rename, delete, back to an earlier version (IVR-1, STM-4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from ccc.errors import ConflictError, InvalidError, NotFoundError, say
from ccc.flow.document import FlowDocument, parse_document
from ccc.flow.uses import users_of
from ccc.loader import Registry
from ccc.services.actor import Actor
from ccc.services.drafts import LOCK_LASTS
from ccc.services.flows import Published, draft_of, store_version
from ccc.services.log import note
from ccc.services.revisions import require_unchanged
from ccc.services.snapshot import export_snapshot
from ccc.store import Store
from ccc.store.base import utc_now
from ccc.store.records import FlowRecord, VersionRecord
from ccc.store.repos import flows
from ccc.store.repos.flow_changes import Change
from ccc.store.repos.publications import PublicationRecord, ScheduleRecord

Release = Literal["unpublished", "published", "updated_unpublished"]
State = Release | Literal["publishing", "editing", "publish_failed"]
STATES: tuple[State, ...] = (
    "unpublished", "publishing", "published", "editing", "updated_unpublished", "publish_failed",
)  # fmt: skip
"""The six states of a flow (STM-4). One that is being published, has failed or is being edited shows that first."""
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Caller:
    """A flow that uses another one as a sub-flow; ``version`` None is its draft, else the live version."""

    flow: str
    title: str
    node: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class FlowItem:
    """A flow in the list. ``numbers`` are bound to it, ``used_by`` call it as a sub-flow."""

    name: str
    title: str
    state: State
    release: Release
    """What is on the air, whoever edits or publishes."""
    revision: int
    edited_by: str
    edited_at: datetime
    live_version: int | None
    versions: int
    published_at: datetime | None
    published_by: str
    nodes: int
    numbers: tuple[str, ...]
    used_by: tuple[Caller, ...]
    editor: str = ""
    """Who edits it now, by name."""
    failure: PublicationRecord | None = None
    """Why it could not be published, until somebody changes, publishes or has read it."""
    plans: tuple[ScheduleRecord, ...] = ()
    """When it will be published, the next time first."""

    @property
    def used(self) -> bool:
        """Whether calls may come here: it can then neither be deleted nor get another name."""
        return bool(self.numbers or self.used_by)


def flow_items(
    store: Store, registry: Registry, actor: Actor, instance: str, now: datetime | None = None
) -> list[FlowItem]:
    """The instance's flows by name, as they are ``now`` (default: at this moment)."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        rows = flows.overview(session, instance)
    return [_item(row, rows, registry, now or utc_now()) for row in rows]


def flow_item(
    store: Store, registry: Registry, actor: Actor, instance: str, name: str, now: datetime | None = None
) -> FlowItem:
    """One flow. NotFoundError when there is none."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        return _existing(session, registry, instance, name, now)


def copy_flow(
    store: Store, registry: Registry, actor: Actor, instance: str, name: str, new: str, title: str = ""
) -> FlowRecord:
    """A new flow with the draft of another. ConflictError when the name is taken."""
    actor.require(instance, "admin")
    _check_name(new)
    source = parse_document(draft_of(store, instance, name).document)
    document = source.model_copy(update={"name": new, "title": title or source.title})
    with store.write() as session:
        _free(session, instance, new)
        made = flows.save_draft(session, instance, new, document.title, _valid(document), actor.user)
        note(session, actor, "flow.copy", new, instance=instance, source=name)
    export_snapshot(store)
    return made


def rename_flow(
    store: Store, registry: Registry, actor: Actor, instance: str, name: str, new: str, title: str, revision: int
) -> FlowRecord:
    """Another title and, while nothing refers to it, another name. StaleError when edited since ``revision``."""
    actor.require(instance, "admin")
    _check_name(new)
    with store.write() as session:
        item = _existing(session, registry, instance, name)
        require_unchanged(item.revision, revision)
        if new != name:
            _unused(
                item, say("The flow %(name)s keeps its name while it is in use: %(places)s. Change only the title.")
            )
            _free(session, instance, new)
            flows.rename(session, instance, name, new)
        draft = flows.get(session, instance, new)
        assert draft is not None
        document = parse_document(draft.document).model_copy(update={"name": new, "title": title})
        saved = flows.save_draft(session, instance, new, title, _valid(document), actor.user, Change("rename"))
        before, after = {"name": name, "title": item.title}, {"name": new, "title": title}
        note(session, actor, "flow.rename", new, instance=instance, before=before, after=after)
    export_snapshot(store)
    return saved


def delete_flow(store: Store, registry: Registry, actor: Actor, instance: str, name: str) -> None:
    """Delete it with its versions. ConflictError naming numbers and flows while any refers to it."""
    actor.require(instance, "admin")
    with store.write() as session:
        item = _existing(session, registry, instance, name)
        _unused(item, say("The flow %(name)s is in use: %(places)s. Take it off there first."))
        flows.delete(session, instance, name)
        note(
            session, actor, "flow.delete", name, instance=instance, before={"title": item.title}, versions=item.versions
        )
    export_snapshot(store)


def rollback_flow(
    store: Store, registry: Registry, actor: Actor, instance: str, name: str, version: int, message: str = ""
) -> Published:
    """Publish an earlier version again, as a new version. FlowInvalid when it does not fit what is there today.

    A draft with changes not published yet is kept; one without follows the version.
    """
    actor.require(instance, "admin")
    draft = draft_of(store, instance, name)
    found = version_of(store, actor, instance, name, version)
    document = parse_document(found.document).model_copy(update={"name": name})
    return store_version(store, registry, actor, draft, document, message, "flow.rollback", source=version)


def version_of(store: Store, actor: Actor, instance: str, name: str, version: int) -> VersionRecord:
    """A published version. NotFoundError when there is none."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        found = flows.version(session, instance, name, version)
    if found is None:
        raise NotFoundError(say("There is no version %(version)s of this flow."), values={"version": version})
    return found


def _existing(session: Session, registry: Registry, instance: str, name: str, now: datetime | None = None) -> FlowItem:
    rows = flows.overview(session, instance)
    for row in rows:
        if row.flow.name == name:
            return _item(row, rows, registry, now or utc_now())
    raise NotFoundError(say("There is no flow %(name)s."), values={"name": name})


def _item(row: flows.FlowOverview, rows: list[flows.FlowOverview], registry: Registry, now: datetime) -> FlowItem:
    flow, live = row.flow, row.live
    release: Release = "unpublished" if live is None else "updated_unpublished" if row.changed else "published"
    edited = row.lock is not None and now - row.lock.seen_at < LOCK_LASTS
    return FlowItem(
        name=flow.name,
        title=flow.title or flow.name,
        state=_state(row, edited, release),
        release=release,
        revision=flow.revision,
        edited_by=flow.edited_by,
        edited_at=flow.edited_at,
        live_version=flow.live_version,
        versions=row.versions,
        published_at=live.at if live is not None else None,
        published_by=live.author if live is not None else "",
        nodes=len(flow.document.get("nodes", ())),
        numbers=row.numbers,
        used_by=_callers(flow.name, rows, registry),
        editor=(row.lock.shown_name or row.lock.user) if row.lock is not None and edited else "",
        failure=row.publication if _failed(row) else None,
        plans=row.plans,
    )


def _state(row: flows.FlowOverview, edited: bool, release: Release) -> State:
    if row.publication is not None and row.publication.state != "failed":
        return "publishing"
    return "publish_failed" if _failed(row) else "editing" if edited else release


def _failed(row: flows.FlowOverview) -> bool:
    """Of a draft: while it is still that draft. Of what was planned: until somebody has read why."""
    item = row.publication
    return item is not None and item.state == "failed" and item.revision in (None, row.flow.revision)


def _callers(name: str, rows: list[flows.FlowOverview], registry: Registry) -> tuple[Caller, ...]:
    found: list[Caller] = []
    for row in rows:
        if row.flow.name == name:
            continue
        title = row.flow.title or row.flow.name
        found += [Caller(row.flow.name, title, node) for node in users_of(row.flow.document, registry, "flow", name)]
        if row.live is not None:
            nodes = users_of(row.live.document, registry, "flow", name)
            found += [Caller(row.flow.name, title, node, row.live.version) for node in nodes]
    return tuple(found)


def _unused(item: FlowItem, refusal: str) -> None:
    places = [*item.numbers, *dict.fromkeys(caller.title for caller in item.used_by)]
    if places:
        raise ConflictError(refusal, field="name", values={"name": item.title, "places": ", ".join(places)})


def _free(session: Session, instance: str, name: str) -> None:
    if flows.get(session, instance, name) is not None:
        raise ConflictError(
            say("There is already a flow %(name)s; choose another name."), field="name", values={"name": name}
        )


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise InvalidError(
            say("The name of a flow is 1 to 64 of a-z, 0-9, - and _, beginning with a letter or digit."), field="name"
        )


def _valid(document: FlowDocument) -> dict[str, object]:
    """The document after its rules have been applied once more (``model_copy`` does not)."""
    return parse_document(document.as_dict()).as_dict()
