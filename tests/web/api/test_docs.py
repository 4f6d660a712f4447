"""The examples of docs/api.md, run as they stand there, one after another."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from ccc.errors import CccError
from tests.web.api.conftest import Api
from tests.web.api.operations import operations

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "api.md").read_text("utf-8")
URL = "http://127.0.0.1:8080"


def commands() -> list[list[str]]:
    """The ``curl`` lines, as a shell splits them."""
    found = []
    for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL):
        text = re.sub(r"^(#|export ).*$", "", block, flags=re.MULTILINE).replace("\\\n", " ")
        for command in re.split(r"^(?=curl )", text, flags=re.MULTILINE):
            if command.strip():
                found.append(shlex.split(command))
    return found


def run(api: Api, command: list[str], folder: Path) -> Any:
    """What curl would do, and its ``>``."""
    words = [word.replace("$CCC_URL", URL).replace("$CCC_KEY", api.key) for word in command[1:]]
    out = words[words.index(">") + 1] if ">" in words else ""
    words = words[: words.index(">")] if out else words
    headers, body, method, url = {}, None, "GET", ""
    while words:
        word = words.pop(0)
        if word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-X":
            method = words.pop(0)
        elif word == "-d":
            text = words.pop(0)
            body = (folder / text[1:]).read_bytes() if text.startswith("@") else text.encode()
        else:
            url = word
    assert headers.pop("Authorization") == f"Bearer {api.key}" and url.startswith(f"{URL}/api/v1/")
    answer = api.ask(method, url.removeprefix(f"{URL}/api/v1"), headers=headers, data=body)
    if out:
        (folder / out).write_bytes(answer.data)
    return answer


def test_the_examples_work_as_they_stand(admin: Api, tmp_path: Path) -> None:
    found = commands()
    assert len(found) > 15
    for command in found:
        answer = run(admin, command, tmp_path)
        assert answer.status_code in (200, 201, 204), (command, answer.text)
        assert not (answer.data and answer.is_json and answer.json.get("passed") is False), command


def test_the_errors_table_has_every_status_of_the_file(app: Flask) -> None:
    told = {int(status) for status in re.findall(r"^\| (\d{3}) \|", TEXT, re.MULTILINE)}
    named = {int(status) for each in operations(app) for status in each.raw["responses"] if int(status) >= 400}
    assert named <= told and {error.status for error in CccError.__subclasses__()} <= told | {500}


@pytest.mark.parametrize("word", ["600 requests", "20 wrong keys", "shown once"])
def test_the_limits_are_told(word: str) -> None:
    assert word in TEXT
