"""``ccc flows check``, ``ccc flows test``, ``ccc plugins`` on files."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from ccc.cli import main
from ccc.commands import flows_check  # noqa: F401  (puts its commands into the group)
from ccc.commands.flows_group import flows
from ccc.commands.plugins import plugins
from tests.flow.build import node, raw, start, text

FLOWS = sorted(str(path) for path in (Path(__file__).resolve().parent.parent.parent / "flows").glob("*.json"))


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(flows, arguments)


def write(folder: Path, name: str, document: dict[str, object]) -> str:
    path = folder / f"{name}.json"
    path.write_text(json.dumps({**document, "name": name}))
    return str(path)


@pytest.fixture
def bad(tmp_path: Path) -> str:
    nodes = [start(), node("w", "wait", seconds="long"), node("p", "play", prompts=[text("x")])]
    return write(tmp_path, "bad", raw(nodes, "start.next w", "w.done ghost"))


def test_check_is_silent_about_good_flows() -> None:
    result = invoke("check", *FLOWS)
    assert result.exit_code == 0
    # Weeks before the year's end the check says that next year's holidays are not known yet: no fault of the flow.
    named = [line for line in result.output.splitlines() if "[calendar-ends]" not in line]
    assert all(line.endswith(": ok") for line in named) and len(named) > len(FLOWS) / 2
    assert {line.partition(":")[0] for line in result.output.splitlines()} == set(map(str, FLOWS))


def test_check_names_file_node_and_field(bad: str) -> None:
    result = invoke("check", FLOWS[0], bad)
    assert result.exit_code == 1
    assert f"{bad}: error: node w, field config.seconds: Input should be a valid number" in result.output
    assert f"{bad}: error: node w, field edges.1.to: the line leads to or from node 'ghost'" in result.output
    assert (
        f"{bad}: warning: node p: no way leads here from the start; connect or remove it [unreachable]" in result.output
    )


def test_check_as_json(bad: str) -> None:
    lines = [json.loads(line) for line in invoke("check", "--json", bad).output.splitlines()]
    assert {"file": bad, "severity": "warning", "code": "unreachable", "node": "p", "field": None,
            "message": "no way leads here from the start; connect or remove it"} in lines  # fmt: skip


def test_check_of_what_is_no_document(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b"\xff\xfe")
    result = invoke("check", str(path))
    assert result.exit_code == 1
    assert "not JSON" in result.output


def test_a_missing_file_is_a_usage_error() -> None:
    assert invoke("check", "/nowhere/x.json").exit_code == 2


def test_test_runs_stored_cases_and_writes_junit(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    result = invoke("test", *FLOWS, "--junit", str(report))
    assert result.exit_code == 0, result.output
    assert ", 0 failed" in result.output
    suites = ElementTree.parse(report).getroot()
    assert [suite.get("name") for suite in suites] == [Path(file).stem for file in FLOWS]
    assert {suite.get("failures") for suite in suites} == {"0"}
    assert all(len(suite) == int(suite.get("tests", "0")) > 0 for suite in suites)


def test_a_failing_case_is_told_with_its_transcript(tmp_path: Path) -> None:
    nodes = [start(), node("p", "play", prompts=[text("您好\x01")]), node("e", "hangup")]
    tests = [{"name": "wrong", "steps": [{"hears": "再见"}]}, {"name": "right", "steps": [{"hears": "您好"}]}]
    path = write(tmp_path, "talk", raw(nodes, "start.next p", "p.done e", tests=tests))
    report = tmp_path / "report.xml"
    result = invoke("test", path, "--junit", str(report))
    assert result.exit_code == 1
    assert "FAILED wrong" in result.output and "hears 您好" in result.output
    assert "2 tests, 1 failed" in result.output
    [suite] = ElementTree.parse(report).getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")
    assert "never came true" in (suite[0].find("failure").get("message") or "")  # type: ignore[union-attr]


def test_a_flow_with_errors_is_an_error_in_junit(bad: str, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    result = invoke("test", bad, "--junit", str(report))
    assert result.exit_code == 1
    assert "0 tests, 0 failed, 1 flows with errors" in result.output
    [suite] = ElementTree.parse(report).getroot()
    assert suite.get("errors") == "1" and suite[0].find("error") is not None


def test_sub_flows_are_found_beside_the_file(tmp_path: Path) -> None:
    inner = write(tmp_path, "inner", raw([start(), node("p", "play", prompts=[text("里面")])], "start.next p"))
    tests = [{"name": "goes in and comes back", "steps": [{"hears": "里面"}, {"exit": "s.done"}, {"ends": "normal"}]}]
    outer = write(tmp_path, "outer", raw([start(), node("s", "subflow", flow="inner"), node("e", "hangup")],
                                         "start.next s", "s.done e", tests=tests))  # fmt: skip
    (tmp_path / "noise.json").write_text("[]")
    assert invoke("test", outer).exit_code == 0
    Path(inner).unlink()
    result = invoke("test", outer)
    assert result.exit_code == 1
    assert "flow 'inner' is not among the files" in result.output


def test_unreadable_input_is_one_line_and_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.json"
    path.write_text("{")
    with pytest.raises(SystemExit) as caught:
        main(["flows", "test", str(path)])
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("ccc: flow '?': not JSON")


def test_plugins_lists_what_loaded() -> None:
    result = CliRunner().invoke(plugins, [])
    assert result.exit_code == 0, result.output
    assert "plugins/menu             node type menu" in result.output
    assert "plugins/menu" in [
        item["name"] for item in json.loads(CliRunner().invoke(plugins, ["--json"]).output)["loaded"]
    ]
