"""Messages of callers: from the journal into the list, by right and by group."""

from __future__ import annotations

import pytest

from ccc.errors import InvalidError, NotFoundError
from ccc.jobs.ingest import Rows
from ccc.services.actor import SYSTEM, Actor
from ccc.services.voicemails import get_voicemail, list_voicemails, mark_voicemail, voicemail_file
from ccc.snapshot.model import SkillGroup
from ccc.store import Store
from ccc.store.repos import centre, users, voicemails

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


def numbers(store: Store, actor: Actor, **wanted: object) -> list[str]:
    return [item.call_id for item in list_voicemails(store, actor, "acme", **wanted).items]  # type: ignore[arg-type]


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
            numbers(filled, BOSS, **bad)


def test_heard_and_not_heard(filled: Store) -> None:
    (third, first) = list_voicemails(filled, ANN, "acme").items
    marked = mark_voicemail(filled, ANN, "acme", third.id)
    assert marked.heard_by == "ann" and marked.heard_at is not None
    assert numbers(filled, ANN, unheard=True) == ["c1"]
    assert mark_voicemail(filled, ANN, "acme", third.id, heard=False).heard_at is None
    help_ = list_voicemails(filled, BOSS, "acme", "help").items[0]
    for act in (get_voicemail, mark_voicemail, voicemail_file):
        with pytest.raises(NotFoundError):
            act(filled, ANN, "acme", help_.id)
    with pytest.raises(NotFoundError, match="gone"):
        voicemail_file(filled, ANN, "acme", first.id)


def test_the_file(filled: Store) -> None:
    first = list_voicemails(filled, ANN, "acme").items[1]
    path = filled.home.recordings / first.path
    path.parent.mkdir(parents=True)
    path.write_bytes(b"RIFF")
    assert voicemail_file(filled, ANN, "acme", first.id) == path.resolve()


@pytest.mark.parametrize("broken", [{"id": ""}, {"path": None}, {"at": "now"}])
def test_a_malformed_record_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"voicemail|time"):
        Rows().add({**record(1, "sales"), **broken})
