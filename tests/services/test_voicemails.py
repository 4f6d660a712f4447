"""Messages of callers: from the journal into the list, by right and by group."""

from __future__ import annotations

import pytest

from ccc.errors import ForbiddenError, InvalidError, NotFoundError, StaleError
from ccc.jobs.ingest import Rows
from ccc.services.actor import SYSTEM, Actor
from ccc.services.voicemails import (
    count_new,
    delete_voicemail,
    get_voicemail,
    list_voicemails,
    mark_voicemail,
    restore_voicemail,
    set_note,
    voicemail_file,
    voicemail_peaks,
)
from ccc.snapshot.model import SkillGroup
from ccc.store import Store
from ccc.store.records import VoicemailFilter
from ccc.store.repos import audit, centre, users, voicemails
from tests.web.conftest import tone

ANN = Actor("ann", {"acme": "agent"})
BOSS = Actor("boss", {"acme": "supervisor"})


def record(number: int, group: str, instance: str = "acme") -> dict[str, object]:
    return {"k": "voicemail", "id": f"c{number}", "instance": instance, "caller": "138", "callee": "4000",
            "skill_group": group, "path": f"voicemail/{instance}-{number}.wav", "seconds": 3.5,
            "at": 1000.0 + number}  # fmt: skip


@pytest.fixture
def filled(store: Store) -> Store:
    with store.write() as session:
        users.add_account(session, "firm", "Firm")
        for name in ("acme", "other"):
            centre.add_instance(session, "firm", name, name)
        for group in ("sales", "help"):
            centre.add_skill_group(session, SkillGroup(group, "acme"))
        users.add(session, "firm", "ann", "Ann", None, "x")
        users.set_role(session, "ann", "acme", "agent")
        centre.join_group(session, "acme", "ann", "sales")
        rows = Rows()
        for item in (record(1, "sales"), record(2, "help"), record(3, "sales"), record(4, "sales", "other")):
            assert rows.add(item)
        voicemails.add(session, rows.voicemails)
        voicemails.add(session, rows.voicemails)  # the same stretch once more
    return store


def numbers(store: Store, actor: Actor, after: str | None = None, size: int = 50, **wanted: str) -> list[str]:
    found = list_voicemails(store, actor, "acme", VoicemailFilter(**wanted), after=after, size=size)  # type: ignore[arg-type]
    return [item.call_id for item in found.items]


def test_newest_first_once_each_by_right_and_group(filled: Store) -> None:
    assert numbers(filled, BOSS) == numbers(filled, SYSTEM) == ["c3", "c2", "c1"]
    assert numbers(filled, BOSS, skill_group="help") == ["c2"]
    assert numbers(filled, ANN) == ["c3", "c1"]
    assert numbers(filled, ANN, skill_group="help") == []
    with pytest.raises(NotFoundError):
        list_voicemails(filled, ANN, "other")


def test_pages(filled: Store) -> None:
    page = list_voicemails(filled, BOSS, "acme", size=2)
    assert [item.call_id for item in page.items] == ["c3", "c2"]
    assert numbers(filled, BOSS, after=page.after) == ["c1"]
    for bad in ({"after": "x"}, {"size": 0}):
        with pytest.raises(InvalidError):
            numbers(filled, BOSS, **bad)  # type: ignore[arg-type]


def test_by_number_and_state(filled: Store) -> None:
    assert numbers(filled, BOSS, number="38") == ["c3", "c2", "c1"] and numbers(filled, BOSS, number="%") == []
    mark_voicemail(filled, BOSS, "acme", 2, "heard")
    mark_voicemail(filled, BOSS, "acme", 1, "done")
    states = {state: numbers(filled, BOSS, state=state) for state in ("new", "heard", "done", "deleted", "")}
    assert states == {"new": ["c3"], "heard": ["c2"], "done": ["c1"], "deleted": [], "": ["c3", "c2", "c1"]}


def test_from_new_to_done_and_back(filled: Store) -> None:
    assert (count_new(filled, BOSS, "acme"), count_new(filled, ANN, "acme")) == (3, 2)
    (third, _first) = list_voicemails(filled, ANN, "acme").items
    done = mark_voicemail(filled, ANN, "acme", third.id, "done")
    assert (done.state, done.done_by, done.heard_by) == ("done", "ann", "ann")
    assert (count_new(filled, BOSS, "acme"), count_new(filled, ANN, "acme")) == (2, 1)
    heard = mark_voicemail(filled, BOSS, "acme", third.id, "heard")
    assert (heard.state, heard.done_by, heard.heard_by) == ("heard", "", "ann")
    new = mark_voicemail(filled, ANN, "acme", third.id, "new")
    assert (new.state, new.heard_by, new.heard_at) == ("new", "", None)
    assert mark_voicemail(filled, ANN, "acme", third.id, "new") == new, "nothing to do changes nothing"
    with filled.read() as session:
        told = audit.find(session, "acme")
    assert [(one.action, one.before, one.after) for one in told[:1]] == [
        ("voicemail.state", {"state": "heard"}, {"state": "new"})
    ]


def test_another_groups_message_is_not_there(filled: Store) -> None:
    number = list_voicemails(filled, BOSS, "acme", VoicemailFilter(skill_group="help")).items[0].id
    acts = (
        get_voicemail,
        voicemail_file,
        voicemail_peaks,
        lambda *place: mark_voicemail(*place, "done"),
        lambda *place: set_note(*place, "x", 1),
    )
    for act in acts:
        with pytest.raises(NotFoundError):
            act(filled, ANN, "acme", number)


def test_a_note_of_two_at_once(filled: Store) -> None:
    old = get_voicemail(filled, ANN, "acme", 1)
    saved = set_note(filled, ANN, "acme", 1, "call back", old.revision)
    assert (saved.note, saved.revision) == ("call back", old.revision + 1)
    with pytest.raises(StaleError):
        set_note(filled, BOSS, "acme", 1, "no need", old.revision)
    with pytest.raises(InvalidError):
        set_note(filled, BOSS, "acme", 1, "x" * 2001, saved.revision)
    assert get_voicemail(filled, BOSS, "acme", 1).note == "call back"


def test_delete_and_restore(filled: Store) -> None:
    with pytest.raises(ForbiddenError):
        delete_voicemail(filled, ANN, "acme", 1)
    delete_voicemail(filled, BOSS, "acme", 1)
    assert numbers(filled, BOSS) == ["c3", "c2"] and numbers(filled, BOSS, state="deleted") == ["c1"]
    assert count_new(filled, BOSS, "acme") == 2
    restore_voicemail(filled, BOSS, "acme", 1)
    assert numbers(filled, BOSS) == ["c3", "c2", "c1"] and get_voicemail(filled, BOSS, "acme", 1).state == "new"


def test_the_file_and_its_shape(filled: Store) -> None:
    first = list_voicemails(filled, ANN, "acme").items[1]
    with pytest.raises(NotFoundError, match="gone"):
        voicemail_file(filled, ANN, "acme", first.id)
    path = filled.home.recordings / first.path
    tone(path)
    assert voicemail_peaks(filled, ANN, "acme", first.id)["seconds"] == 4.0
    assert get_voicemail(filled, ANN, "acme", first.id).state == "new", "looking is not listening"
    assert voicemail_file(filled, ANN, "acme", first.id, further=True) == path.resolve()
    voicemail_file(filled, ANN, "acme", first.id, further=True)
    voicemail_file(filled, BOSS, "acme", first.id)
    assert get_voicemail(filled, ANN, "acme", first.id).heard_by == "ann"
    with filled.read() as session:
        told = [(one.user, one.action) for one in audit.find(session, "acme")]
    assert told == [("boss", "voicemail.play"), ("ann", "voicemail.play")]


@pytest.mark.parametrize("broken", [{"id": ""}, {"path": None}, {"at": "now"}])
def test_a_malformed_record_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"voicemail|time"):
        Rows().add({**record(1, "sales"), **broken})
