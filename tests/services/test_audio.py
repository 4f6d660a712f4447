"""Audio by name: what is refused, what is kept, who uses it, what the telephone side gets to know."""

from __future__ import annotations

import asyncio
import io
import os
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sqlalchemy import event

from ccc.bus.server import serve
from ccc.cli import main
from ccc.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, UnavailableError
from ccc.flow.document import FlowInvalid
from ccc.loader import Registry, load
from ccc.services import audio, flows
from ccc.services.actor import Actor
from ccc.services.flow_uses import Use
from ccc.snapshot import load as load_snapshot
from ccc.store import Store
from ccc.store.records import AudioRecord
from ccc.store.repos import audit, centre

BOSS = Actor("boss", {"demo": "admin"})


def wav(seconds: float = 1.0, hz: float = 700.0, rate_hz: int = 16000) -> bytes:
    buffer = io.BytesIO()
    wave = 0.5 * np.sin(2 * np.pi * hz * np.arange(round(rate_hz * seconds)) / rate_hz)
    soundfile.write(buffer, wave, rate_hz, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


GOOD = wav()
BAD = {
    "a renamed mp3": (b"ID3\x04" + bytes(4000), "MP3"),
    "empty": (b"", "empty"),
    "truncated": (GOOD[: len(GOOD) // 2], "truncated"),
    "too large": (wav(200.0), "limit is 5 MB"),
}


def flow(name: str = "greet", **config: object) -> dict:
    config = config or {"prompts": [{"kind": "silence", "seconds": 1}, {"kind": "audio", "name": "hello"}]}
    return {
        "format": 1,
        "name": name,
        "nodes": [
            {"id": "s", "type": "start"},
            {"id": "p", "type": "play", "config": config},
            {"id": "h", "type": "hangup"},
        ],
        "edges": [{"from": "s", "exit": "next", "to": "p"}, {"from": "p", "exit": "done", "to": "h"}],
    }


SILENT = {"prompts": [{"kind": "silence", "seconds": 1}]}


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(entry_points=False)


def on_air(store: Store) -> dict[str, Path]:
    """Name -> file, as the telephone side sees it."""
    return {item.name: Path(item.path) for item in load_snapshot(store.home.snapshot).audio}


def test_added_audio_is_on_the_air_and_in_the_log(store: Store, registry: Registry) -> None:
    saved = audio.add_audio(store, BOSS, "demo", "hello", GOOD)
    assert (saved.name, saved.seconds, saved.uploaded_by) == ("hello", 1.0, "boss")
    path = on_air(store)["hello"]
    assert path.is_relative_to(store.home.uploads) and path.stat().st_size == 8000
    assert [(item.audio, item.used_by) for item in audio.list_audio(store, registry, BOSS, "demo")] == [(saved, ())]
    with store.read() as session:
        entry = audit.find(session, "demo")[0]
    assert (entry.user, entry.action, entry.object) == ("boss", "audio.add", "hello")


def test_a_name_that_exists_is_replaced_only_when_asked(store: Store) -> None:
    audio.add_audio(store, BOSS, "demo", "hello", GOOD)
    first = on_air(store)["hello"]
    with pytest.raises(ConflictError, match="--replace"):
        audio.add_audio(store, BOSS, "demo", "hello", wav(2.0))
    assert on_air(store) == {"hello": first}
    audio.add_audio(store, BOSS, "demo", "hello", wav(2.0), replace=True)
    second = on_air(store)["hello"]
    assert second != first and second.stat().st_size == 16000
    assert first.exists(), "a call may be about to open what it was told to play"
    with store.read() as session:
        assert [entry.action for entry in audit.find(session, "demo")] == ["audio.replace", "audio.add"]


def test_files_without_a_name_go_after_a_day(store: Store) -> None:
    audio.add_audio(store, BOSS, "demo", "hello", GOOD)
    first = on_air(store)["hello"]
    month_ago = time.time() - 30 * 86400
    os.utime(first, (month_ago, month_ago))
    audio.add_audio(store, BOSS, "demo", "hello", wav(2.0), replace=True)
    assert first.exists(), "uploaded long ago, but in use until now"
    yesterday = time.time() - audio.KEEP_S - 60
    os.utime(first, (yesterday, yesterday))
    os.utime(on_air(store)["hello"], (month_ago, month_ago))
    audio.add_audio(store, BOSS, "demo", "other", GOOD)
    assert not first.exists()
    assert all(path.exists() for path in on_air(store).values()) and len(on_air(store)) == 2


@pytest.mark.parametrize(("data", "reason"), BAD.values(), ids=BAD)
def test_what_is_no_wav_is_refused_and_nothing_is_lost(store: Store, data: bytes, reason: str) -> None:
    audio.add_audio(store, BOSS, "demo", "hello", GOOD)
    before = on_air(store), {path: path.read_bytes() for path in store.home.uploads.iterdir()}
    with pytest.raises(InvalidError, match=reason):
        audio.add_audio(store, BOSS, "demo", "hello", data, replace=True)
    with pytest.raises(InvalidError, match=reason):
        audio.add_audio(store, BOSS, "demo", "new", data)
    assert (on_air(store), {path: path.read_bytes() for path in store.home.uploads.iterdir()}) == before


def test_a_store_that_cannot_be_written_leaves_no_file_behind(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **fields: object) -> None:
        raise UnavailableError("the store is held")

    monkeypatch.setattr(audio, "note", broken)
    with pytest.raises(UnavailableError):
        audio.add_audio(store, BOSS, "demo", "hello", GOOD)
    assert list(store.home.uploads.iterdir()) == []
    with store.read() as session:
        assert centre.audio_names(session, "demo") == set()


@pytest.mark.parametrize("name", ["", " hello", "hello ", "a\nb", "a/b", "..\\x", "x" * 129, "\x00"])
def test_bad_names_are_refused(store: Store, name: str) -> None:
    with pytest.raises(InvalidError) as caught:
        audio.add_audio(store, BOSS, "demo", name, GOOD)
    assert caught.value.field == "name"


def test_removal_is_refused_while_draft_or_live_version_plays_it(store: Store, registry: Registry) -> None:
    audio.add_audio(store, BOSS, "demo", "hello", GOOD)
    flows.import_flow(store, registry, BOSS, "demo", flow())
    with pytest.raises(ConflictError, match=r"flow greet \(draft\), node p; change"):
        audio.remove_audio(store, registry, BOSS, "demo", "hello")
    flows.publish_flow(store, registry, BOSS, "demo", "greet")
    flows.import_flow(store, registry, BOSS, "demo", flow(**SILENT))
    with pytest.raises(ConflictError, match=r"by flow greet \(live version 1\), node p; change"):
        audio.remove_audio(store, registry, BOSS, "demo", "hello")
    [item] = audio.list_audio(store, registry, BOSS, "demo")
    assert item.used_by == (Use("greet", "greet", "p", 1),)
    assert "hello" in on_air(store)
    flows.publish_flow(store, registry, BOSS, "demo", "greet")
    audio.remove_audio(store, registry, BOSS, "demo", "hello")
    assert on_air(store) == {}
    with pytest.raises(NotFoundError, match="no audio 'hello'"):
        audio.remove_audio(store, registry, BOSS, "demo", "hello")


def test_names_in_settings_count_and_so_do_nodes_nobody_can_read(store: Store, registry: Registry) -> None:
    for name in ("music", "odd", "free"):
        audio.add_audio(store, BOSS, "demo", name, GOOD)
    document = flow(**SILENT)
    document["nodes"] += [
        {"id": "q", "type": "queue", "config": {"skill_group": "sales", "music": "music"}},
        {"id": "x", "type": "not-installed", "config": {"list": [{"sound": "odd"}], "other": "free of it"}},
    ]
    flows.import_flow(store, registry, BOSS, "demo", document)
    uses = {item.audio.name: item.used_by for item in audio.list_audio(store, registry, BOSS, "demo")}
    assert uses == {"music": (Use("greet", "greet", "q"),), "odd": (Use("greet", "greet", "x"),), "free": ()}


def test_the_list_asks_the_store_the_same_whatever_there_is(store: Store, registry: Registry) -> None:
    asked: list[str] = []

    def count() -> int:
        asked.clear()
        audio.list_audio(store, registry, BOSS, "demo")
        return len(asked)

    event.listen(store.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    empty = count()
    for name in ("a", "b", "c", "hello"):
        audio.add_audio(store, BOSS, "demo", name, GOOD)
    flows.import_flow(store, registry, BOSS, "demo", flow())
    flows.publish_flow(store, registry, BOSS, "demo", "greet")
    flows.import_flow(store, registry, BOSS, "demo", {**flow(), "name": "another"})
    assert count() == empty


def test_publishing_a_flow_that_names_a_missing_audio_names_node_and_field(store: Store, registry: Registry) -> None:
    document = flow()
    document["nodes"].append({"id": "q", "type": "queue", "config": {"skill_group": "sales", "music": "nowhere"}})
    flows.import_flow(store, registry, BOSS, "demo", document)
    with pytest.raises(FlowInvalid) as caught:
        flows.publish_flow(store, registry, BOSS, "demo", "greet")
    assert "node p, field config.prompts.1.name: audio 'hello' does not exist here" in caught.value.message
    assert "node q, field config.music: audio 'nowhere' does not exist here" in caught.value.message
    assert load_snapshot(store.home.snapshot).flows == ()


def test_rights_and_instances(store: Store, registry: Registry) -> None:
    with pytest.raises(ForbiddenError):
        audio.add_audio(store, Actor("a", {"demo": "supervisor"}), "demo", "hello", GOOD)
    with pytest.raises(ForbiddenError):
        audio.remove_audio(store, registry, Actor("a", {"demo": "agent"}), "demo", "hello")
    for act in (
        lambda: audio.add_audio(store, Actor("b", {"other": "admin"}), "demo", "hello", GOOD),
        lambda: audio.list_audio(store, registry, Actor("b", {"other": "admin"}), "other"),
    ):
        with pytest.raises(NotFoundError):
            act()


def run(store: Store, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error of ``ccc audio WORDS``."""
    try:
        main(["audio", *words, "--home", str(store.home.root)])
    except SystemExit as ended:
        code = int(ended.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def test_commands(store: Store, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "hello.wav"
    file.write_bytes(GOOD)
    assert run(store, capsys, "add", "hello", str(file)) == (0, "audio hello: 1.0 s in demo\n", "")
    code, out, _ = run(store, capsys, "list", "--json")
    assert code == 0 and '"name": "hello"' in out and '"used_by": []' in out
    assert run(store, capsys, "list")[1].split() == ["hello", "1.0", "s", "not", "used"]
    assert run(store, capsys, "remove", "hello") == (0, "audio hello: removed from demo\n", "")
    assert on_air(store) == {}


@pytest.mark.parametrize(("data", "reason"), BAD.values(), ids=BAD)
def test_a_refused_file_is_one_clear_line_and_exit_code_2(
    store: Store, capsys: pytest.CaptureFixture[str], tmp_path: Path, data: bytes, reason: str
) -> None:
    file = tmp_path / "hello.wav"
    file.write_bytes(data)
    code, out, err = run(store, capsys, "add", "hello", str(file))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("ccc: audio refused: ") and reason in err


@pytest.mark.parametrize("what", ["missing", "folder"])
def test_a_file_that_cannot_be_read(
    store: Store, capsys: pytest.CaptureFixture[str], tmp_path: Path, what: str
) -> None:
    file = tmp_path / "x"
    if what == "folder":
        file.mkdir()
    code, out, err = run(store, capsys, "add", "hello", str(file))
    assert (code, out, err.count("\n")) == (2, "", 1) and str(file) in err


def test_text_is_spoken_by_jobs(store: Store) -> None:
    answers = iter([{"error": {"code": "unavailable", "message": "not ready"}}, {"path": ""}])

    async def speak(patience_s: float) -> AudioRecord:
        async def handler(message: dict[str, object]) -> dict[str, object]:
            assert message == {"op": "tts", "text": "Hello", "voice": "en", "speed": 1.5}
            answer: dict[str, object] = dict(next(answers))
            if "path" in answer:
                path = store.home.root / "spoken.al"
                path.write_bytes(b"\xd5" * 8000)
                answer["path"] = str(path)
            return answer

        async with serve(store.home.socket("jobs"), handler):
            return await asyncio.to_thread(
                audio.speak_audio, store, BOSS, "demo", "hi", "Hello", "en", 1.5, patience_s=patience_s
            )

    store.home.run.mkdir(parents=True, exist_ok=True)
    saved = asyncio.run(speak(5.0))
    assert (saved.text, saved.voice, saved.speed, saved.seconds) == ("Hello", "en", 1.5, 1.0)
    assert audio.audio_bytes(store, BOSS, "demo", "hi") == b"\xd5" * 8000
    with pytest.raises(UnavailableError):
        audio.speak_audio(store, BOSS, "demo", "no", "Hello")
    for text, speed, volume in (("", 1.0, 100), ("x" * 2001, 1.0, 100), ("x", 3.0, 100), ("x", 1.0, 500)):
        with pytest.raises(InvalidError):
            audio.speak_audio(store, BOSS, "demo", "no", text, "", speed, volume)


@pytest.mark.parametrize(("volume", "loudest"), [(25, 0.1), (100, 0.4), (150, 0.6), (200, 0.78)])
def test_volume(store: Store, monkeypatch: pytest.MonkeyPatch, volume: int, loudest: float) -> None:
    alaw = audio.encode_alaw((0.4 * 32767 * np.sin(np.arange(8000) * 0.3)).astype(np.int16))
    monkeypatch.setattr(audio, "_rendered", lambda *_: alaw)
    saved = audio.speak_audio(store, BOSS, "demo", "hi", "Hello", "", 1.0, volume)
    assert saved.volume == volume
    assert max(audio.shape(audio.audio_bytes(store, BOSS, "demo", "hi"))) == pytest.approx(loudest, abs=0.03)
