"""The page of trunks as htmx asks it: preset, once-shown password, live checks, conflicts, used-by."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ccc.services import numbers, trunk_figures, trunks
from ccc.services.actor import SYSTEM
from ccc.services.trunks import Given
from ccc.store import Store
from ccc.store.repos.trunks import TrunkRecord
from tests.web.admin.conftest import Htmx, told

As = Callable[[str], Htmx]
AT = "/console/trunks"


def test_the_preset_lets_this_computer_call(as_user: As, store: Store) -> None:
    owner = as_user("zhu")
    assert "This computer, for trying out" in owner.client.get(f"{AT}/", headers={"Accept-Language": "en"}).text
    form = owner.form(f"{AT}/new?preset=local")
    assert form["addresses"] == "127.0.0.0/8"
    answer = owner.post(f"{AT}/new", form)
    assert told(answer)["key"] == "local", answer.text
    made = trunks.account_trunk(store, SYSTEM, "main", "local")
    assert (made.kind, made.addresses, made.enabled) == ("address", ("127.0.0.0/8",), True)


def test_a_login_is_shown_once_with_its_password(as_user: As, store: Store) -> None:
    owner = as_user("zhu")
    form = owner.form(f"{AT}/new") | {"name": "pbx", "kind": "digest", "username": "branch"}
    answer = owner.post(f"{AT}/new", form)
    assert told(answer)["keep"] and "only this once" in answer.text
    assert "only this once" not in owner.get(f"{AT}/pbx/edit").text
    again = owner.post(f"{AT}/do/password", {"key": "pbx"})
    assert told(again)["keep"]
    page = owner.get(f"{AT}/pbx/edit").text
    assert "Empty: it stays" in page and 'name="password" type="password" value=""' in page


def test_checked_while_typed_and_refused_at_the_field(as_user: As, store: Store) -> None:
    owner = as_user("zhu")
    assert "0.0.0.0/0 is open to strangers" in owner.get(f"{AT}/check?addresses=0.0.0.0/0").text
    assert "2 addresses or networks" in owner.get(f"{AT}/check?addresses=192.0.2.1+192.0.2.2").text
    assert "Line 1: write prefix" in owner.get(f"{AT}/check?called_rules=%2B86").text
    form = owner.form(f"{AT}/new") | {"name": "a", "addresses": "carrier.example"}
    answer = owner.post(f"{AT}/new", form)
    assert answer.status_code == 422 and "carrier.example is not an address" in answer.text
    answer = owner.post(f"{AT}/new", form | {"addresses": "192.0.2.1", "caller_rules": "bad/rule => 0"})
    assert answer.status_code == 422 and "Line 1" in answer.text


def test_two_at_once_lose_nothing(as_user: As, store: Store) -> None:
    trunks.create_trunk(store, SYSTEM, "main", TrunkRecord("t", "", addresses=("192.0.2.1",)), Given())
    first, second = as_user("zhu"), as_user("guan")
    mine, theirs = first.form(f"{AT}/t/edit"), second.form(f"{AT}/t/edit")
    told(first.post(f"{AT}/t/edit", mine | {"max_calls": "10", "host": "192.0.2.1"}))
    answer = second.post(f"{AT}/t/edit", theirs | {"max_calls": "20", "called_rules": "+86 => 0"})
    assert answer.status_code == 409 and "Saved meanwhile" in answer.text
    again = {**theirs, **{"max_calls": "20", "called_rules": "+86 => 0", "host": "192.0.2.1", "_revision": "2"}}
    told(second.post(f"{AT}/t/edit", again))
    item = trunks.account_trunk(store, SYSTEM, "main", "t")
    assert (item.max_calls, item.host, item.called_rules) == (20, "192.0.2.1", (("+86", "0"),))


def test_used_switched_off_and_deleted(as_user: As, store: Store) -> None:
    owner = as_user("zhu")
    trunks.create_trunk(store, SYSTEM, "main", TrunkRecord("t", "", addresses=("192.0.2.1",)), Given())
    numbers.add_account_number(store, SYSTEM, "main", "075512345678", ["t"])
    question = owner.get(f"{AT}/ask/delete?key=t").text
    assert "Still used" in question and "075512345678" in question
    assert owner.post(f"{AT}/do/delete", {"key": "t"}).status_code == 409
    undo = told(owner.post(f"{AT}/do/disable", {"key": "t"}))["undo"]
    assert not trunks.account_trunk(store, SYSTEM, "main", "t").enabled
    told(owner.post(undo["url"], undo["values"]))
    assert trunks.account_trunk(store, SYSTEM, "main", "t").enabled
    numbers.change_account_number(store, SYSTEM, "main", "075512345678", [], "", 1)
    assert "Past calls keep its name" in owner.get(f"{AT}/ask/delete?key=t").text
    told(owner.post(f"{AT}/do/delete", {"key": "t"}))
    assert [item.name for item in trunks.account_trunks(store, SYSTEM, "main")] == ["carrier"]


def test_what_was_dialled_in_vain_is_shown(as_user: As, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list goes on without the telephone side; with it, another account's trunk stays unseen."""
    owner = as_user("zhu")
    assert "refused today" not in owner.get(f"{AT}/").text
    busy = {"calls": 2, "last": 1_763_640_000.0, "refused": 3, "vain": [["4999", "Unknown number", 3]]}
    answer = {"since": 1_763_600_000.0, "trunks": {"carrier": busy, "theirs": busy | {"refused": 77}}}
    monkeypatch.setattr(trunk_figures, "request", lambda *_: answer)
    page = owner.get(f"{AT}/").text
    assert "3 refused today" in page and "77 refused" not in page
    panel = owner.get(f"{AT}/carrier/edit").text
    assert "4999" in panel and "no such number on this trunk" in panel
    assert "4999" not in owner.get(f"{AT}/new").text
