"""Every input of the property panel in one walk, with mouse and keyboard, as an administrator fills it in."""

from __future__ import annotations

import io
import json
import wave
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Playwright, Route

from tests.web.admin.conftest import AXE
from tests.web.designer.conftest import Hands, put_flow
from tests.web.site import Site

pytestmark = pytest.mark.browser
FLOW: dict[str, Any] = {
    "format": 1,
    "name": "fresh",
    "title": "面板",
    "variables": {"level": "vip"},
    "nodes": [
        {"id": "start", "type": "start", "position": [40, 240]},
        {"id": "hours", "type": "hours", "position": [320, 240]},
        {"id": "collect", "type": "collect", "position": [600, 60], "config": {"variable": "account"}},
        {
            "id": "menu",
            "type": "menu",
            "position": [600, 360],
            "config": {
                "prompts": [{"kind": "tts", "text": "您好"}, {"kind": "audio", "name": ""}],
                "keys": [{"key": "1"}, {"key": "2"}],
            },
        },
        {"id": "crm", "type": "function", "position": [900, 60], "config": {"url": "http://127.0.0.1:9/${level}"}},
        {
            "id": "cond",
            "type": "condition",
            "position": [900, 360],
            "config": {"cases": [{"exit": "vip", "when": "true"}]},
        },
        {"id": "end", "type": "hangup", "position": [1200, 240]},
    ],
    "edges": [
        {"from": "start", "exit": "next", "to": "hours"},
        {"from": "hours", "exit": "open", "to": "collect"},
        {"from": "collect", "exit": "ok", "to": "crm"},
    ],
}


def wav() -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\x10\x27\xf0\xd8" * 4000)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def window(engine: Playwright) -> Iterator[Browser]:
    """A browser with a microphone that beeps."""
    flags = ["--no-sandbox", "--disable-gpu", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    browser = engine.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
    yield browser
    browser.close()


def show(hands: Hands, ident: str) -> None:
    hands.saved()
    hands.page.evaluate("(id) => ccc.studio.select({nodes: [id]})", ident)
    hands.after(ident)


def config(hands: Hands, ident: str) -> dict[str, Any]:
    hands.saved()
    found: dict[str, Any] = {node["id"]: node for node in hands.document()["nodes"]}[ident].get("config", {})
    return found


def axe(hands: Hands) -> list[str]:
    """Serious findings of axe-core on the page as it stands."""
    hands.page.evaluate(AXE.read_text())
    found = hands.page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{item['id']}: {node['html'][:200]}"
        for item in found["violations"]
        if item["impact"] in ("serious", "critical")
        for node in item["nodes"]
    ]


def error_at(hands: Hands, path: str) -> Locator:
    return hands.page.locator(f'[data-path="{path}"] > [data-error]')


def test_every_input_of_the_panel(designer: Callable[..., Hands], site: Site) -> None:
    put_flow(site, FLOW)
    hands = designer(locale="en-US")
    page = hands.page
    week(hands)
    prompts_and_keys(hands)
    formulas(hands)
    a_request(hands)
    exits(hands)
    data_of_the_flow(hands)
    while page.evaluate("ccc.studio.stack.past.length"):
        page.locator("#main").focus()
        page.keyboard.press("Control+z")
    hands.saved()
    assert [node.get("config", {}) for node in hands.document()["nodes"]] == [
        node.get("config", {}) for node in FLOW["nodes"]
    ]
    assert hands.document()["variables"] == FLOW["variables"] and hands.document()["tables"] == {}


def week(hands: Hands) -> None:
    """Painted with the mouse, moved in and painted with keys, typed; the instance's own hours take its place."""
    page = hands.page
    show(hands, "hours")
    hands.drag('.week-cell[data-at="5,20"]', '.week-cell[data-at="6,23"]')
    assert config(hands, "hours")["hours"][-1] == {"days": [6, 7], "start": "10:00", "end": "12:00"}
    page.locator('.week-cell[data-at="0,24"]').focus()
    page.keyboard.press("Space")
    assert page.locator('[name="config.hours.1"]').input_value() == "09:00-12:00 12:30-18:00"
    page.keyboard.press("Shift+ArrowRight")
    assert page.locator('[name="config.hours.1"]').input_value() == "09:00-12:00 13:00-18:00"
    typed = page.locator('[name="config.hours.7"]')
    typed.fill("22:00-2")
    error_at(hands, "config.hours").wait_for(state="visible")
    assert "09:00-12:00" in error_at(hands, "config.hours").inner_text() and typed.input_value() == "22:00-2"
    typed.fill("22:00-02:00")
    error_at(hands, "config.hours").wait_for(state="hidden")
    assert page.locator('.week-cell[data-at="0,3"]').get_attribute("aria-selected") == "true", "Monday before two"
    assert axe(hands) == []
    page.locator('[name="config.named"]').select_option("服务时间")
    assert not page.locator(".week-grid").is_visible()
    assert page.locator('[data-of="n-config-named"]').get_attribute("href") == (
        "/settings/hours/%E6%9C%8D%E5%8A%A1%E6%97%B6%E9%97%B4/edit"
    )
    page.locator('[name="config.named"]').select_option("")
    assert page.locator(".week-grid").is_visible()


def prompts_and_keys(hands: Hands) -> None:
    """A text is heard; an audio is uploaded, refused, recorded and chosen; keys are checked and moved by keyboard."""
    page = hands.page
    show(hands, "menu")
    posted: list[str] = []

    def spoken(route: Route) -> None:
        posted.append(route.request.post_data or "")
        route.fulfill(body=wav(), content_type="audio/wav")

    page.route("**/speak", spoken)
    page.locator('[name="config.prompts.0.volume"]').fill("80")
    listen = page.locator("button[data-speak]")
    listen.click()
    page.wait_for_selector('[data-speak][aria-pressed="true"]')
    page.wait_for_selector('[data-speak][aria-pressed="false"]')
    assert 'name="volume"\r\n\r\n80' in posted[0] and "您好" in posted[0]

    page.locator("[data-sound-add]").click()
    box = page.locator(".sound-box")
    box.locator("[name=file]").set_input_files({"name": "问候.wav", "mimeType": "audio/wav", "buffer": b"RIFFnothing"})
    assert box.locator("[name=name]").input_value() == "问候"
    box.locator("[data-sound-save]").click()
    box.locator("[data-of=file]").wait_for(state="visible")
    assert box.locator("[name=name]").input_value() == "问候", "refused, nothing is lost"
    assert axe(hands) == []
    box.locator("[name=file]").set_input_files({"name": "问候.wav", "mimeType": "audio/wav", "buffer": wav()})
    box.locator("[data-sound-save]").click()
    box.wait_for(state="detached")
    assert config(hands, "menu")["prompts"][1]["name"] == "问候"
    page.locator("[data-sound-play]").click()
    page.wait_for_selector('[data-sound-play][aria-pressed="true"]')
    page.locator("[data-sound-add]").click()
    record = box.locator("[data-part=button]")
    record.click()
    page.wait_for_function("() => document.querySelector('.sound-box [data-part=time]').textContent.startsWith('0:01')")
    record.click()
    page.wait_for_function("() => document.querySelector('.sound-box [name=file]').files.length === 1")
    box.locator("[name=name]").fill("问候")
    box.locator("[data-sound-save]").click()
    box.locator("[data-of=name]").wait_for(state="visible")
    box.locator("[name=name]").fill("录音")
    box.locator("[name=name]").press("Enter")
    box.wait_for(state="detached")
    assert config(hands, "menu")["prompts"][1]["name"] == "录音"

    second = page.locator('[name="config.keys.1.key"]')
    second.fill("1")
    error_at(hands, "config.keys.1.key").wait_for(state="visible")
    second.fill("one")
    page.wait_for_function(
        "() => document.querySelector('[data-path=\"config.keys.1.key\"] [data-error]').textContent.includes('0 to 9')"
    )
    second.fill("9")
    error_at(hands, "config.keys.1.key").wait_for(state="hidden")
    second.press("Alt+ArrowUp")
    page.wait_for_function("() => document.querySelector('[name=\"config.keys.0.key\"]').value === '9'")
    assert [row["key"] for row in config(hands, "menu")["keys"]] == ["9", "1"]


def formulas(hands: Hands) -> None:
    """Variables and functions are offered while somebody types; a mistake names its place."""
    page = hands.page
    show(hands, "cond")
    field = page.locator('[name="config.cases.0.when"]')
    field.fill("")
    field.press_sequentially("le")
    page.wait_for_selector("#complete:visible")
    offered = page.locator("#complete code").all_inner_texts()
    assert offered[:2] == ["level", "len(x)"] and "left(text, n)" in offered
    assert field.get_attribute("aria-activedescendant") == "complete-0"
    assert axe(hands) == []
    field.press("ArrowDown")
    field.press("Enter")
    assert field.input_value() == "len()"
    field.press_sequentially("acc")
    assert "does not come before" in page.locator("#complete").inner_text(), "the way here does not pass the node"
    field.press("Escape")
    assert not page.locator("#complete").is_visible()
    assert page.evaluate("ccc.studio.selection.nodes.length") == 1, "Escape closed the list and nothing else"
    field.press_sequentially("ount) >! 3")
    place = page.locator('[data-path="config.cases.0.when"] .field-place')
    place.wait_for()
    place.click()
    assert field.evaluate("(input) => [input.selectionStart, input.value]") == [14, "len(account) >! 3"]
    field.fill("len(account) > 3")
    error_at(hands, "config.cases.0.when").wait_for(state="hidden")
    show(hands, "menu")
    text = page.locator('[name="config.prompts.0.text"]')
    text.fill("余额")
    text.press("End")
    text.press_sequentially("${acc")
    text.press("Enter")
    assert text.input_value() == "余额${account}"
    text.press_sequentially("元${a b}")
    error = error_at(hands, "config.prompts.0.text")
    error.wait_for(state="visible")
    assert "in `a b`" in error.inner_text()
    text.fill("余额${account}元")


def a_request(hands: Hands) -> None:
    """Tried with examples; the guard's refusal is an answer, too. Typing examples changes nothing of the flow."""
    page = hands.page
    show(hands, "crm")
    page.locator(".try > button").click()
    example = page.locator('[name="try.level"]')
    example.wait_for()
    assert example.input_value() == "vip", "its initial value"
    example.fill("gold")
    page.locator("#try-box .btn-primary").click()
    page.wait_for_selector(".try-answer .tag-bad")
    assert "127.0.0.1:9/gold" in page.locator(".try-url").inner_text()
    assert "not a public address" in page.locator(".try-answer").inner_text()
    assert config(hands, "crm") == {"url": "http://127.0.0.1:9/${level}"}
    page.locator(".panel-more summary").click()
    page.locator('.rows[data-path="config.response"] > .row-add').click()
    page.wait_for_selector('[name="config.response.0.path"]')
    assert page.locator('[name="try.level"]').input_value() == "gold", "a new row loses nothing"
    variable = page.locator('[name="config.response.0.variable"]')
    variable.press_sequentially("acc")
    variable.press("Enter")
    assert variable.input_value() == "account" and variable.get_attribute("aria-expanded") == "false"
    assert axe(hands) == []


def exits(hands: Hands) -> None:
    """Where each exit leads is chosen by keyboard and can be followed."""
    page = hands.page
    show(hands, "cond")
    way = page.locator('select[data-exit="vip"]')
    way.focus()
    way.select_option("end")
    assert ("cond", "vip", "end") in hands.lines() and way.evaluate("(one) => one === document.activeElement")
    way.select_option("")
    assert ("cond", "vip", "end") not in hands.lines()
    way.select_option("menu")
    page.locator('.way-line:has([data-exit="vip"]) button').click()
    hands.after("menu")


def data_of_the_flow(hands: Hands) -> None:
    """Initial variables with their kinds, a table as a sheet; what is not right yet stays and is told."""
    page = hands.page
    hands.saved()
    page.evaluate("ccc.studio.select({})")
    page.locator(".data-rows + .btn").click()
    name = page.locator("#var-name-1")
    name.fill("level")
    assert "already" in page.locator("#var-error-1").inner_text()
    assert set(hands.document()["variables"]) == {"level", "value_2"}, "the last that was right"
    name.fill("tries")
    page.locator("#var-kind-1").select_option("number")
    page.locator("#var-value-1").fill("three")
    assert "such as 12" in page.locator("#var-error-1").inner_text()
    page.locator("#var-value-1").fill("3")
    assert hands.document()["variables"] == {"level": "vip", "tries": 3}
    page.locator(".flow-data > .btn").last.click()
    page.locator("#table-name").fill("prices")
    page.locator('[data-cell="0,-1"]').fill("a")
    page.locator('[data-cell="0,0"]').fill("1")
    page.locator('[data-cell="0,0"]').press("Enter")
    page.locator('[data-cell="1,-1"]').fill("a")
    assert "keep one" in page.locator("#table-error").inner_text()
    page.locator('[data-cell="1,-1"]').evaluate(
        """(cell) => {
            const data = new DataTransfer();
            data.setData('text/plain', 'b\\t2\\nc\\t3');
            cell.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
        }"""
    )
    assert axe(hands) == []
    page.locator("#table-dialog .btn-primary").click()
    column = next(iter(hands.document()["tables"]["prices"]["a"]))
    assert hands.document()["tables"] == {"prices": {key: {column: value} for key, value in ("a1", "b2", "c3")}}
    assert json.dumps(config(hands, "start")) == "{}"
    show(hands, "start")
    page.wait_for_selector("#node-form #var-name-1")
