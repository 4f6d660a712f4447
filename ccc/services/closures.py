"""Closing numbers in an emergency (紧急关闭): new calls are told so or run another flow, running calls go on."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from ccc.errors import InvalidError, NotFoundError, say
from ccc.flow.closing import announcement
from ccc.flow.compile import compile_flow
from ccc.loader import Registry
from ccc.prompts.render import render_static
from ccc.services.actor import SYSTEM, Actor
from ccc.services.flows import voices
from ccc.services.log import note
from ccc.services.snapshot import export_snapshot
from ccc.store import Store
from ccc.store.repos import centre, closures, flows, numbers
from ccc.store.repos.closures import ClosureRecord, Says

log = logging.getLogger(__name__)
MAX_REASON, MAX_TEXT = 500, 1000


@dataclass(frozen=True, slots=True)
class Closing:
    """How numbers are to be closed; the fields as in :class:`ClosureRecord`."""

    reason: str
    until: datetime | None = None
    says: Says = "default"
    text: str = ""
    voice: str = ""
    audio: str = ""
    flow: str = ""


def closed_numbers(store: Store, actor: Actor, instance: str, now: datetime, flow: str = "") -> list[ClosureRecord]:
    """What is closed now; with ``flow`` only numbers bound to it, or sent to it."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        found = closures.of_instance(session, instance)
    return [item for item in found if item.holds(now) and (not flow or flow in (item.bound_flow, item.flow))]


def close_numbers(
    store: Store, registry: Registry, actor: Actor, instance: str, wanted: Sequence[str], how: Closing, now: datetime
) -> list[ClosureRecord]:
    """Close them for new calls at once, all or none; one that is closed already is closed as said now.

    InvalidError at ``reason``, ``until``, ``text``, ``voice``, ``audio`` or ``flow``; NotFoundError names a number the
    instance has not.
    """
    actor.require(instance, "admin")
    if not wanted:
        raise InvalidError(say("Choose at least one number."), field="numbers")
    how = _checked(how, now)
    _speak(store, registry, how)
    with store.write() as session:
        _exists(session, instance, how)
        for number in wanted:
            old = _closure_before(session, instance, number, how, now)
            new = ClosureRecord(instance, number, actor.user, now, **asdict(how))
            closures.put(session, new)
            note(session, actor, "number.close", number, instance=instance, before=_told(old), after=_told(new))
    export_snapshot(store)
    return [item for item in closed_numbers(store, actor, instance, now) if item.number in wanted]


def open_numbers(store: Store, actor: Actor, instance: str, wanted: Sequence[str], now: datetime) -> list[str]:
    """Open them again; returns those that were closed. NotFoundError names a number the instance has not."""
    actor.require(instance, "admin")
    opened = []
    with store.write() as session:
        for number in wanted:
            _number(session, instance, number)
            old = closures.get(session, number)
            if old is not None and old.holds(now):
                opened.append(number)
                note(session, actor, "number.open", number, instance=instance, before=_told(old))
        closures.remove(session, wanted)
    export_snapshot(store)
    return opened


def reopen_due(store: Store, now: datetime) -> list[str]:
    """Tidy up what is over: the telephone side opened these numbers at their time by itself; here the log says so."""
    with store.read() as session:
        if not closures.over(session, now):
            return []
    with store.write() as session:
        found = closures.over(session, now)
        for item in found:
            note(session, SYSTEM, "number.open", item.number, instance=item.instance, before=_told(item), planned=True)
        closures.remove(session, [item.number for item in found])
    export_snapshot(store)
    return [item.number for item in found]


def says_audio(session: Session, instance: str, audio: str) -> list[str]:
    """The closed numbers whose callers hear the audio."""
    return [item.number for item in closures.of_instance(session, instance) if item.audio == audio]


def _checked(how: Closing, now: datetime) -> Closing:
    """Only what belongs to its way of closing is kept."""
    reason, text = how.reason.strip(), how.text.strip()
    if not 0 < len(reason) <= MAX_REASON:
        raise InvalidError(say("Say why, in 1 to %(most)s characters."), field="reason", values={"most": MAX_REASON})
    if how.until is not None and how.until <= now:
        raise InvalidError(say("This time is over. Choose one to come, or none."), field="until")
    if how.says == "text" and not 0 < len(text) <= MAX_TEXT:
        raise InvalidError(say("1 to %(most)s characters."), field="text", values={"most": MAX_TEXT})
    if how.says not in ("default", "text", "audio", "flow"):
        raise InvalidError(say("Choose what callers hear."), field="says")
    return replace(
        how,
        reason=reason,
        text=text if how.says == "text" else "",
        voice=how.voice if how.says == "text" else "",
        audio=how.audio if how.says == "audio" else "",
        flow=how.flow if how.says == "flow" else "",
    )


def _speak(store: Store, registry: Registry, how: Closing) -> None:
    """Speak the texts now, so that no caller waits for them."""
    if how.voice and how.voice not in {voice.name for voice in voices(registry)}:
        raise InvalidError(say("There is no voice %(name)s."), field="voice", values={"name": how.voice})
    engines = list(registry.tts_engines.values())
    compiled = compile_flow(announcement(how.text, how.voice, how.audio), registry)
    for node, prompt in compiled.prompts():
        for problem in render_static(store.home, [prompt], engines):
            if node == "announcement":
                text = say("The announcement cannot be spoken: %(why)s. Choose an audio or a flow.")
                raise InvalidError(text, field="text", values={"why": problem.message})
            log.warning("the text said when an announcement is missing cannot be spoken: %s", problem.message)


def _exists(session: Session, instance: str, how: Closing) -> None:
    """The audio or the published flow that callers get instead."""
    if how.says == "audio" and how.audio not in centre.audio_names(session, instance):
        raise InvalidError(say("There is no audio %(name)s."), field="audio", values={"name": how.audio or "-"})
    if how.says == "flow":
        found = flows.get(session, instance, how.flow)
        if found is None or found.live_version is None:
            text = say("There is no published flow %(name)s.")
            raise InvalidError(text, field="flow", values={"name": how.flow or "-"})


def _closure_before(session: Session, instance: str, number: str, how: Closing, now: datetime) -> ClosureRecord | None:
    """The closure in force of a number of the instance."""
    found = _number(session, instance, number)
    if how.flow and found.flow == how.flow:
        text = say("Calls to %(number)s run this flow already. Choose another.")
        raise InvalidError(text, field="flow", values={"number": number})
    old = closures.get(session, number)
    return old if old is not None and old.holds(now) else None


def _number(session: Session, instance: str, number: str) -> numbers.NumberRecord:
    found = numbers.get(session, number)
    if found is None or found.instance != instance:
        raise NotFoundError(say("There is no number %(number)s here."), field="number", values={"number": number})
    return found


def _told(item: ClosureRecord | None) -> dict[str, object] | None:
    """For the log: what is said, without what is empty."""
    if item is None:
        return None
    told = {name: getattr(item, name) for name in ("reason", "says", "text", "voice", "audio", "flow")}
    if item.until is not None:
        told["until"] = item.until.isoformat(timespec="minutes")
    return {name: value for name, value in told.items() if value}
