"""Publishing planned for later (定时发布): the draft as it is now, checked and tested again when its time has come."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from ccc.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, UnavailableError, say
from ccc.flow.compile import compile_flow
from ccc.flow.document import FlowDocument, content_hash, parse_document
from ccc.loader import Registry
from ccc.services.actor import SYSTEM, Actor, actor_of
from ccc.services.flow_tests import TestsFailedError, require_tested
from ccc.services.flows import draft_of, references, render_prompts, store_version
from ccc.services.log import note
from ccc.services.publishing import reasons_of
from ccc.services.revisions import require_unchanged
from ccc.store import Store
from ccc.store.repos import notices, publications, users
from ccc.store.repos.publications import Reason, ScheduleRecord

log = logging.getLogger(__name__)
MOST_PLANS = 20
"""Waiting ones of a flow."""
FARTHEST = timedelta(days=731)
LATE = timedelta(minutes=1)
"""What is published later than so is called late, with the reason."""


def plans(store: Store, actor: Actor, instance: str, flow: str = "", *, waiting: bool = False) -> list[ScheduleRecord]:
    """What is, or only what is still, planned for the instance's flows or one of them; the latest time first."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        return publications.planned(session, instance, flow, waiting=waiting)


def plan_publishing(
    store: Store, registry: Registry, actor: Actor, instance: str, name: str, at: datetime, message: str = "", *,
    override: str = "", revision: int | None = None, now: datetime,
) -> ScheduleRecord:  # fmt: skip
    """Publish the draft as it is now ``at`` a time (UTC). Later edits of the draft change nothing of it.

    It must be fit to be published now: FlowInvalid, TestsFailedError and StaleError as ``publish_tested``; InvalidError
    at ``at`` for a time that is over or out of reach, ConflictError when something is planned for then already.
    """
    actor.require(instance, "admin")
    draft = draft_of(store, instance, name)
    if revision is not None:
        require_unchanged(draft.revision, revision)
    _in_time(at, now)
    document = parse_document(draft.document)
    message = _fit(store, registry, instance, name, document, message, override)
    with store.write() as session:
        number = publications.flow_id(session, instance, name)
        if number is None:
            raise NotFoundError(say("There is no flow %(name)s."), values={"name": name})
        _no_other(session, instance, name, at)
        if publications.count_waiting(session, number) >= MOST_PLANS:
            text = say("%(most)s publications of this flow are planned already; cancel one first.")
            raise ConflictError(text, values={"most": MOST_PLANS})
        made = publications.plan(
            session, number, at=at, document=document.as_dict(), hash_=content_hash(document), revision=draft.revision,
            by=actor.user, made_at=now, message=message, override=override.strip(),
        )  # fmt: skip
        told = {"at": _iso(at), "revision": draft.revision, "message": message}
        note(session, actor, "flow.schedule", name, instance=instance, after=told)
        return _of(session, instance, name, made)


def change_plan(
    store: Store, actor: Actor, instance: str, name: str, number: int, at: datetime, message: str | None, now: datetime
) -> ScheduleRecord:
    """Another time, another message (None: as it was). ConflictError when it is not waiting any more."""
    actor.require(instance, "admin")
    _in_time(at, now)
    with store.write() as session:
        old = _waiting(session, instance, name, number)
        if at != old.at:
            _no_other(session, instance, name, at)
        publications.move(session, number, at, old.message if message is None else message)
        new = _of(session, instance, name, number)
        before, after = ({"at": _iso(each.at), "message": each.message} for each in (old, new))
        note(session, actor, "flow.schedule-change", name, instance=instance, before=before, after=after)
    return new


def cancel_plan(store: Store, actor: Actor, instance: str, name: str, number: int, now: datetime) -> None:
    """It will not be published. ConflictError when it is not waiting any more."""
    actor.require(instance, "admin")
    with store.write() as session:
        old = _waiting(session, instance, name, number)
        publications.end(session, number, "cancelled", now)
        told = {"at": _iso(old.at), "message": old.message}
        note(session, actor, "flow.schedule-cancel", name, instance=instance, before=told)


def any_due(store: Store, now: datetime) -> bool:
    """Whether something is to be published by now."""
    with store.read() as session:
        return bool(publications.due(session, now))


def publish_due(store: Store, registry: Registry, now: datetime) -> list[ScheduleRecord]:
    """Publish everything whose time has come, in its order; returns what was tried, with what became of it.

    UnavailableError when the store cannot be used: the rest is tried again.
    """
    with store.read() as session:
        found = publications.due(session, now)
    for plan in found:
        _publish(store, registry, plan, now)
    with store.read() as session:
        return [_of(session, plan.instance, plan.flow, plan.id) for plan in found]


def _publish(store: Store, registry: Registry, plan: ScheduleRecord, now: datetime) -> None:
    late = now - plan.at
    message = plan.message
    if late > LATE:
        minutes = round(late.total_seconds() / 60)
        message = f"{message} [planned for {plan.at:%Y-%m-%d %H:%M} UTC, {minutes} min late]".strip()
    detail: dict[str, Any] = {"scheduled_by": plan.by, "late_s": round(late.total_seconds()), "planned": True}
    try:
        _still_may(store, plan)
        with store.read() as session:
            document = parse_document(publications.document(session, plan.id))
        document = document.model_copy(update={"name": plan.flow})
        require_tested(store, registry, plan.instance, plan.flow, document, plan.override)
        draft = draft_of(store, plan.instance, plan.flow)
        store_version(store, registry, SYSTEM, draft, document, message, plan=plan, now=now, **detail)
    except (ConflictError, UnavailableError) as error:
        if not isinstance(error, TestsFailedError):
            log.warning("flow %s waits to be published: %s", plan.flow, error.message)
            return  # another process is at it, or the store is not there: the next round looks again
        _failed(store, plan, now, reasons_of(error))
    except Exception as error:
        log.exception("what was planned for flow %s could not be published", plan.flow)
        _failed(store, plan, now, reasons_of(error))
    else:
        log.info("flow %s was published as planned", plan.flow)


def _still_may(store: Store, plan: ScheduleRecord) -> None:
    """ForbiddenError when who planned it has left meanwhile, or may not publish here any more."""
    if plan.by == SYSTEM.user:
        return
    try:
        actor_of(store, plan.by).require(plan.instance, "admin")
    except (ForbiddenError, NotFoundError):
        text = say("%(user)s, who planned this, may not publish here any more. Publish it yourself, or plan it again.")
        raise ForbiddenError(text, values={"user": plan.by}) from None


def _failed(store: Store, plan: ScheduleRecord, now: datetime, reasons: list[Reason]) -> None:
    """The plan, the flow's state, the log and a mail to who planned it: all or none."""
    with store.write() as session:
        if not publications.end(session, plan.id, "failed", now, reasons=reasons):
            return
        number = publications.flow_id(session, plan.instance, plan.flow)
        if number is not None:
            publications.put(session, number, "failed", plan.by, now, None, reasons)
        lines = [": ".join(filter(None, (each.get("node"), each["message"]))) for each in reasons]
        note(session, SYSTEM, "flow.publish-failed", plan.flow, instance=plan.instance, scheduled_by=plan.by,
             planned=True, failed=lines)  # fmt: skip
        author = users.get(session, plan.by)
        if author is not None and author.email:
            notices.add(session, [_mail(plan, author.email, lines, now)])


def _mail(plan: ScheduleRecord, to: str, lines: list[str], now: datetime) -> dict[str, object]:
    """In both languages: nobody knows which one who reads it prefers."""
    subject = f"流程 {plan.flow} 定时发布失败 / Flow {plan.flow} was not published as planned"
    text = "\n".join([f"{plan.instance} / {plan.flow}, {plan.at:%Y-%m-%d %H:%M} UTC", "", *lines])
    return {
        "id": f"schedule-{plan.id}", "instance": plan.instance, "call": "", "at": now, "channel": "mail", "to": to,
        "subject": subject, "text": text, "state": "waiting", "tries": 0, "next_at": now, "notifier": "", "error": "",
        "expires_at": None,
    }  # fmt: skip


def _fit(
    store: Store, registry: Registry, instance: str, name: str, document: FlowDocument, message: str, override: str
) -> str:
    """Refuse today what would be refused then; returns the message of the version."""
    refs = references(store, registry, instance, name)
    compiled = compile_flow(document, registry, refs)
    failing = require_tested(store, registry, instance, name, document, override)
    render_prompts(store.home, compiled, registry)
    return f"{message} [{len(failing)} tests fail: {override.strip()}]".strip() if failing else message


def _in_time(at: datetime, now: datetime) -> None:
    if at <= now:
        raise InvalidError(say("This time is over. Choose one to come, or publish now."), field="at")
    if at > now + FARTHEST:
        raise InvalidError(say("Choose a time within two years."), field="at")


def _no_other(session: Session, instance: str, name: str, at: datetime) -> None:
    if any(item.at == at for item in publications.planned(session, instance, name, waiting=True)):
        raise ConflictError(say("This flow is planned to be published at this time already."), field="at")


def _of(session: Session, instance: str, name: str, number: int) -> ScheduleRecord:
    found = publications.schedule(session, instance, number)
    if found is None or found.flow != name:
        raise NotFoundError(say("There is no such plan of this flow."), field="id")
    return found


def _waiting(session: Session, instance: str, name: str, number: int) -> ScheduleRecord:
    found = _of(session, instance, name, number)
    if found.state != "waiting":
        raise ConflictError(say("This is not planned any more: it was published, failed or was cancelled."))
    return found


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="minutes")
