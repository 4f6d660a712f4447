"""Closing numbers in an emergency: who, why, until when; what the telephone side is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ccc.api import TextPrompt
from ccc.errors import CccError, ConflictError, ForbiddenError, InvalidError, NotFoundError
from ccc.flow.closing import DEFAULT_TEXT
from ccc.home import Home
from ccc.loader import Registry
from ccc.prompts.keys import prompt_path
from ccc.services import audio, closures, flow_admin, flows, numbers
from ccc.services.actor import SYSTEM, Actor
from ccc.services.closures import Closing
from ccc.services.log import last_change
from ccc.snapshot import load as load_snapshot
from ccc.store import Store
from tests.prompts.test_convert import tone, wav_bytes
from tests.services.test_flow_admin import flow
from tests.services.test_numbers import BOSS, OWNER, STRANGER, filled, registry

__all__ = ["filled", "registry"]
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
NUMBER, SECOND = "075526881234", "4001234567"
WHY = Closing("line fault")


@pytest.fixture
def taken(filled: Store) -> Store:
    numbers.take_numbers(filled, BOSS, "demo", [NUMBER, SECOND], "live")
    return filled


def closure_of(home: Home, number: str) -> Any:
    return next(item.closure for item in load_snapshot(home.snapshot).numbers if item.number == number)


def test_closed_at_once_with_who_why_and_until_when(taken: Store, registry: Registry) -> None:
    until = NOW + timedelta(hours=2)
    done = closures.close_numbers(taken, registry, BOSS, "demo", [NUMBER], replace(WHY, until=until), NOW)
    assert [(one.number, one.by, one.at, one.reason, one.until, one.bound_flow) for one in done] == [
        (NUMBER, "boss", NOW, "line fault", until, "live")
    ]
    told = closure_of(taken.home, NUMBER)
    assert (told.by, told.reason, told.until, told.flow) == ("boss", "line fault", until.timestamp(), "")
    assert told.holds(NOW.timestamp()) and not told.holds(until.timestamp())
    assert closure_of(taken.home, SECOND) is None
    assert prompt_path(taken.home, TextPrompt(text=DEFAULT_TEXT)).exists(), "no caller waits for the voice"
    entry = last_change(taken, BOSS, "demo", NUMBER, "number.")
    assert entry is not None and (entry.action, entry.user) == ("number.close", "boss")
    assert entry.after == {"reason": "line fault", "says": "default", "until": "2026-11-21T11:00+00:00"}
    assert [one.number for one in closures.closed_numbers(taken, BOSS, "demo", NOW, "live")] == [NUMBER]
    assert closures.closed_numbers(taken, BOSS, "demo", NOW, "draft") == []

    assert closures.open_numbers(taken, BOSS, "demo", [NUMBER, SECOND], NOW) == [NUMBER]
    assert closure_of(taken.home, NUMBER) is None


def test_open_again_by_itself_and_the_log_says_so_once(taken: Store, registry: Registry) -> None:
    until = NOW + timedelta(minutes=5)
    closures.close_numbers(taken, registry, BOSS, "demo", [NUMBER], replace(WHY, until=until), NOW)
    assert closures.reopen_due(taken, until - timedelta(seconds=1)) == []
    assert closures.closed_numbers(taken, BOSS, "demo", until) == [], "for people, too, before anybody tidied up"
    assert closures.reopen_due(taken, until) == [NUMBER]
    assert closures.reopen_due(taken, until) == []
    entry = last_change(taken, BOSS, "demo", NUMBER, "number.")
    assert entry is not None and (entry.action, entry.user, entry.detail["planned"]) == ("number.open", "system", True)


@pytest.mark.parametrize(
    ("how", "field"),
    [
        (Closing(" "), "reason"),
        (Closing("x" * 501), "reason"),
        (replace(WHY, until=NOW), "until"),
        (replace(WHY, says="text", text=" "), "text"),
        (replace(WHY, says="text", text="x", voice="nobody"), "voice"),
        (replace(WHY, says="audio", audio="none"), "audio"),
        (replace(WHY, says="flow", flow="draft"), "flow"),
        (replace(WHY, says="flow", flow="live"), "flow"),
        (replace(WHY, says="dance"), "says"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_is_refused_at_its_field(taken: Store, registry: Registry, how: Closing, field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        closures.close_numbers(taken, registry, BOSS, "demo", [NUMBER], how, NOW)
    assert refused.value.field == field
    assert closures.closed_numbers(taken, BOSS, "demo", NOW) == []


def test_only_who_sets_numbers_may(taken: Store, registry: Registry) -> None:
    refused: list[type[CccError]] = []
    for actor in (Actor("s", {"demo": "supervisor"}), STRANGER):
        for act in (
            lambda who: closures.close_numbers(taken, registry, who, "demo", [NUMBER], WHY, NOW),
            lambda who: closures.open_numbers(taken, who, "demo", [NUMBER], NOW),
        ):
            with pytest.raises((ForbiddenError, NotFoundError)) as error:
                act(actor)
            refused.append(error.type)
    assert refused == [ForbiddenError, ForbiddenError, NotFoundError, NotFoundError]
    with pytest.raises(NotFoundError, match="000"):
        closures.close_numbers(taken, registry, BOSS, "demo", [NUMBER, "000"], WHY, NOW)
    assert closures.closed_numbers(taken, BOSS, "demo", NOW) == [], "all or none"


def test_what_a_closed_number_needs_stays(taken: Store, registry: Registry) -> None:
    flows.import_flow(taken, registry, BOSS, "demo", flow("night"))
    flows.publish_flow(taken, registry, BOSS, "demo", "night")
    audio.add_audio(taken, BOSS, "demo", "closed", wav_bytes(tone(8000, 1), 8000))
    closures.close_numbers(taken, registry, BOSS, "demo", [NUMBER], replace(WHY, says="flow", flow="night"), NOW)
    closures.close_numbers(taken, registry, BOSS, "demo", [SECOND], replace(WHY, says="audio", audio="closed"), NOW)
    assert closure_of(taken.home, NUMBER).flow == "night"
    with pytest.raises(ConflictError, match=NUMBER):
        flow_admin.delete_flow(taken, registry, BOSS, "demo", "night")
    with pytest.raises(ConflictError, match=SECOND):
        audio.remove_audio(taken, registry, BOSS, "demo", "closed")


def test_moved_to_another_instance_it_is_open(taken: Store, registry: Registry) -> None:
    closures.close_numbers(taken, registry, BOSS, "demo", [NUMBER], WHY, NOW)
    numbers.release_numbers(taken, BOSS, "demo", [NUMBER])
    numbers.take_numbers(taken, BOSS, "demo", [NUMBER], "live")
    assert closures.closed_numbers(taken, SYSTEM, "demo", NOW) == []
    assert OWNER.account == "acme"
