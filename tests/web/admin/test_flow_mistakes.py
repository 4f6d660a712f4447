"""Problems of a flow in the administration: node and field as people call them, and the way to what is missing."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

from tests.web.admin.conftest import Htmx, told


def test_a_template_whose_skill_group_is_missing_says_so_and_leads_there(as_user: Callable[[str], Htmx]) -> None:
    admin = as_user("zhao")
    made = told(admin.post("/flows/new", {"title": "Main menu", "name": "main-menu", "template": "menu"}))
    assert len(made["problems"]) == 2
    assert all("skill_group" not in line and "Skill group" in line for line in made["problems"]), (
        "the field by its label"
    )
    page = admin.get("/flows/main-menu").text
    assert "Make the skill group sales" in page and "config." not in page
    assert "<dd>5 s</dd>" in page and "<dd>On</dd>" in page, "figures with units, choices by label"
    address = unquote(page.split('<p><a href="')[1].split('"')[0])
    assert address == "/groups/?open=/groups/new?name=sales"
    form = admin.form("/groups/new?name=sales")
    assert (form["title"], form["name"]) == (["sales"], ["sales"])
    question = admin.get("/flows/ask/publish?key=main-menu").text
    assert "Skill group" in question and "config." not in question
    told(admin.post("/groups/new", form | {"title": "Sales"}))
    assert "Make the skill group sales" not in admin.get("/flows/main-menu").text
