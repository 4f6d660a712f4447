"""The loader: one bad plugin is refused by name and reason, everything else goes on."""

from __future__ import annotations

import importlib.metadata
import logging
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from ccc.loader import HOOKS, PLUGIN_DIRS, Registry, load, load_path

GOOD = """
from pydantic import BaseModel
from ccc.api import CONFIG, Exit, NodeType, hookimpl

class Config(BaseModel):
    model_config = CONFIG

class Good(NodeType):
    type = "good"
    label = {"en": "Good", "zh": "好"}
    category = "test"
    help = {"en": "Good.", "zh": "好。"}
    Config = Config

    def exits(self, config):
        return (Exit("next", {"en": "Next", "zh": "下一步"}),)

    async def run(self, call, config):
        return "next"

@hookimpl
def register_node_types():
    return [Good]
"""
ENGINE = """
from ccc.api import hookimpl

class Engine:
    name = "mute"
    def voices(self): return []
    def say(self, text, voice, speed): return None

@hookimpl
def register_tts():
    return [Engine]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "plugins"
    folder.mkdir()
    return folder


def write(folder: Path, name: str, source: str) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(dedent(source))
    return path


def only_refusal(folder: Path) -> str:
    """Load a folder with ``zz_good`` beside something bad: the reason, after making sure that the good one works."""
    write(folder, "zz_good.py", GOOD.replace('"good"', '"still_good"'))
    registry = load([folder], entry_points=False)
    assert list(registry.node_types) == ["still_good"]
    assert registry.tts_engines == {}
    [refused] = registry.report.refused
    assert refused.name != "plugins/zz_good"
    return refused.reason


def test_files_and_folders_are_plugins(folder: Path) -> None:
    write(folder, "a.py", GOOD)
    write(folder, "b/__init__.py", "from .inner import register_node_types")
    write(folder, "b/inner.py", GOOD.replace('"good"', '"inner"'))
    write(folder, "c/plugin.py", "from .helper import register_node_types")
    write(folder, "c/helper.py", GOOD.replace('"good"', '"beside"'))
    write(folder, "d.py", ENGINE)
    write(folder, "_not_a_plugin.py", "raise RuntimeError")
    write(folder, "notes.txt", "nothing")
    registry = load([folder, folder / "missing"], entry_points=False)
    assert registry.report.refused == []
    assert list(registry.node_types) == ["good", "inner", "beside"]
    assert list(registry.tts_engines) == ["mute"]
    assert [(item.name, item.provides) for item in registry.report.loaded] == [
        ("plugins/a", ("node type good",)),
        ("plugins/b", ("node type inner",)),
        ("plugins/c", ("node type beside",)),
        ("plugins/d", ("TTS engine mute",)),
    ]


IMPORT_FAILURES = [
    ("raise RuntimeError('broken on purpose')", "import failed: RuntimeError: broken on purpose"),
    ("def f(:", "import failed: SyntaxError: invalid syntax (line 1)"),
    ("import nothing_of_that_name", "import failed: ModuleNotFoundError"),
    ("raise SystemExit(3)", "import failed: SystemExit: 3"),
    ("x = 1", "it implements no hook; hooks are register_node_types, register_tts, register_notifiers"),
]


@pytest.mark.parametrize(("source", "reason"), IMPORT_FAILURES)
def test_what_cannot_be_imported_is_refused(folder: Path, source: str, reason: str) -> None:
    write(folder, "bad.py", source)
    assert reason in only_refusal(folder)
    assert reason.startswith("it implements") or not [
        name for name in sys.modules if name.startswith("ccc_plugin_bad_")
    ]


def test_a_folder_without_code_is_refused(folder: Path) -> None:
    (folder / "empty").mkdir()
    assert only_refusal(folder) == "the folder has neither __init__.py nor plugin.py"


HOOK_FAILURES = [
    ("def register_node_types(): return [Good]", "def register_node_type(): return [Good]",
     "unknown hook 'register_node_type'"),
    ("def register_node_types(): return [Good]", "def register_node_types(registry): return [Good]", "registry"),
    ("def register_node_types(): return [Good]", "async def register_node_types(): return [Good]", "is async"),
    ("@hookimpl", "", "not marked with @ccc.api.hookimpl"),
    ("@hookimpl", "@hookimpl(wrapper=True)", "is a wrapper"),
    ("return [Good]", "raise ValueError('no')", "hook register_node_types failed: ValueError: no"),
    ("return [Good]", "return None", "hook register_node_types failed: TypeError"),
    ("return [Good]", "return [Good, Good]", "node type good is registered twice"),
    ("return [Good]", "return [Config]", "not a subclass of ccc.api.NodeType"),
    ("return [Good]", "return [Good()]", "not a subclass of ccc.api.NodeType"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "reason"), HOOK_FAILURES, ids=[case[2] for case in HOOK_FAILURES])
def test_a_hook_used_wrongly_is_refused(folder: Path, old: str, new: str, reason: str) -> None:
    source = GOOD.replace("def register_node_types():\n    return [Good]", "def register_node_types(): return [Good]")
    assert old in source
    changed = source.replace(old, new)
    if "wrapper" in new:
        changed = changed.replace("return [Good]", "return (yield)")
    write(folder, "bad.py", changed)
    assert reason in only_refusal(folder)


CONTRACT = [
    ('    type = "good"\n', "", "type must be small letters"),
    ('type = "good"', 'type = "Good Type"', "type must be small letters"),
    ('label = {"en": "Good", "zh": "好"}', 'label = "Good"', "label must be a dict"),
    ('label = {"en": "Good", "zh": "好"}', 'label = {"en": "Good"}', "label lacks a text for zh"),
    ('help = {"en": "Good.", "zh": "好。"}', 'help = {"en": "", "zh": ""}', "help lacks a text for en and zh"),
    ('category = "test"', "category = None", "category must be a text"),
    ("    Config = Config\n", "", "Config must be a pydantic BaseModel"),
    ("    Config = Config\n", "    Config = dict\n", "Config must be a pydantic BaseModel"),
    ("    model_config = CONFIG\n", "    pass\n", "model_config = ccc.api.CONFIG"),
    ("    model_config = CONFIG\n", "    model_config = CONFIG\n    must: int\n",
     "examples[0], field must: Field required"),
    ("    model_config = CONFIG\n",
     "    model_config = CONFIG | {'arbitrary_types_allowed': True}\n    x: NodeType = None\n", "no JSON schema"),
    ("async def run", "def run", "run must be `async def"),
    ("def exits", "async def exits", "exits must not be async"),
    ("async def run", "async def go", "node type Good lacks run"),
    ('return (Exit("next", {"en": "Next", "zh": "下一步"}),)', 'return ("next",)', "must return ccc.api.Exit"),
    ('{"en": "Next", "zh": "下一步"}', '{"en": "Next"}', "label of exit 'next' lacks a text for zh"),
    ('return (Exit("next", {"en": "Next", "zh": "下一步"}),)', "return 1 / 0", "exits() fails on examples[0]"),
    ("    Config = Config\n", "    Config = Config\n    ends_call = True\n", "a node that ends the call has no exits"),
    ("    Config = Config\n", "    Config = Config\n    examples = ()\n", "at least one settings dict"),
    ("    Config = Config\n", "    Config = Config\n    waits = 1\n", "waits must be True or False"),
    ("    Config = Config\n", "    Config = Config\n    def __init__(self, x): pass\n",
     "cannot be made without arguments"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "reason"), CONTRACT, ids=[f"{case[2]} {n}" for n, case in enumerate(CONTRACT)])
def test_a_breach_of_the_node_contract_is_refused(folder: Path, old: str, new: str, reason: str) -> None:
    assert old in GOOD
    write(folder, "bad.py", GOOD.replace(old, new, 1))
    assert reason in only_refusal(folder)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('name = "mute"', "name = None", "name must be a text"),
        ("def say", "async def say", "say must not be async"),
        ("def voices", "def singers", "voices() is missing"),
        ("class Engine:", "class Engine:\n    def __init__(self): raise OSError('no library')", "no library"),
    ],
)
def test_a_breach_of_the_tts_contract_is_refused(folder: Path, old: str, new: str, reason: str) -> None:
    write(folder, "bad.py", ENGINE.replace(old, new, 1))
    assert reason in only_refusal(folder)


def test_a_name_clash_is_refused_aloud(folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(folder, "a.py", GOOD)
    other = write(
        tmp_path / "suppliers",
        "b.py",
        GOOD.replace("return [Good]", "return [Other, Good]")
        + dedent("""
        class Other(Good):
            type = "other"
    """),
    ).parent
    with caplog.at_level(logging.ERROR):
        registry = load([folder, other], entry_points=False)
    [refused] = registry.report.refused
    assert refused.name == "suppliers/b"
    assert refused.reason == "node type good is already provided by plugin plugins/a; rename one"
    assert "suppliers/b" in caplog.text and refused.reason in caplog.text
    assert list(registry.node_types) == ["good"], "a refused plugin leaves nothing behind"


def test_two_files_of_one_name_are_two_plugins(folder: Path, tmp_path: Path) -> None:
    write(folder, "same.py", GOOD)
    other = write(tmp_path / "suppliers", "same.py", GOOD.replace('"good"', '"other"')).parent
    assert list(load([folder, other], entry_points=False).node_types) == ["good", "other"]


def test_two_plugins_of_one_name_are_refused(folder: Path, tmp_path: Path) -> None:
    write(folder, "same.py", GOOD)
    other = write(tmp_path / "elsewhere" / "plugins", "same.py", GOOD.replace('"good"', '"other"')).parent
    [refused] = load([folder, other], entry_points=False).report.refused
    assert "already named plugins/same" in refused.reason


def test_every_load_is_fresh(folder: Path) -> None:
    path = write(folder, "a.py", GOOD)
    first = load([folder], entry_points=False)
    write(folder, "a.py", GOOD.replace('"good"', '"better"'))
    second = load([folder], entry_points=False)
    assert list(first.node_types) == ["good"]
    assert list(second.node_types) == ["better"]
    path.unlink()
    assert load([folder], entry_points=False).node_types == {}


def test_one_plugin_alone(folder: Path) -> None:
    write(folder, "bad.py", "raise RuntimeError")
    assert list(load_path(write(folder, "a.py", GOOD)).node_types) == ["good"]


def test_the_registry_cannot_be_changed(folder: Path) -> None:
    write(folder, "a.py", GOOD)
    registry = load([folder], entry_points=False)
    with pytest.raises(TypeError):
        registry.node_types["x"] = registry.node_types["good"]  # type: ignore[index]


def _entry(name: str, value: str) -> importlib.metadata.EntryPoint:
    return importlib.metadata.EntryPoint(name, value, "ccc")


def test_entry_points_are_loaded_one_by_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, "entry_good.py", GOOD)
    write(folder, "entry_other.py", GOOD.replace('"good"', '"other"'))
    monkeypatch.syspath_prepend(str(folder))
    points = [_entry("a", "nothing_of_that_name"), _entry("b", "entry_good"), _entry("b", "entry_other"),
              _entry("c", "entry_good:missing"), _entry("d", "entry_other")]  # fmt: skip
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: points if group == "ccc" else [])
    registry = load([])
    assert list(registry.node_types) == ["good", "other"]
    reasons = {f"{item.name} {item.origin}": item.reason for item in registry.report.refused}
    assert "ModuleNotFoundError" in reasons["package/a nothing_of_that_name"]
    assert "already named package/b" in reasons["package/b entry_other"]
    assert "AttributeError" in reasons["package/c entry_good:missing"]


def test_what_comes_with_ccc_loads() -> None:
    registry: Registry = load(entry_points=False)
    assert registry.report.refused == []
    assert {
        "start",
        "play",
        "menu",
        "collect",
        "condition",
        "set_variable",
        "wait",
        "queue",
        "hangup",
        "subflow",
    } <= set(registry.node_types)
    assert [folder.name for folder in PLUGIN_DIRS] == ["plugins", "suppliers"]
    assert HOOKS == ("register_node_types", "register_tts", "register_notifiers")


def test_the_report_is_json(folder: Path) -> None:
    write(folder, "a.py", GOOD)
    write(folder, "b.py", "x = 1")
    assert load([folder], entry_points=False).report.as_dict() == {
        "loaded": [{"name": "plugins/a", "origin": str(folder / "a.py"), "provides": ["node type good"]}],
        "refused": [
            {
                "name": "plugins/b",
                "origin": str(folder / "b.py"),
                "reason": "it implements no hook; hooks are register_node_types, register_tts, register_notifiers",
            }
        ],
    }
