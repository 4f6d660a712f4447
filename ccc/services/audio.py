"""Audio by symbolic name (AUD-1, AUD-2): flows name it, the file behind the name may be replaced."""

from __future__ import annotations

import contextlib
import io
import os
import re
import secrets
import time
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ccc.audio.g711 import decode_alaw, encode_alaw
from ccc.bus import request
from ccc.errors import ConflictError, InvalidError, NotFoundError, UnavailableError, say
from ccc.loader import Registry
from ccc.prompts.convert import read_upload, to_alaw
from ccc.prompts.files import write_atomic
from ccc.prompts.level import RATE_HZ, amplify, to_int16
from ccc.services import checks, closures, flow_uses
from ccc.services.actor import Actor
from ccc.services.flow_uses import Use
from ccc.services.jobs import shown_as_job
from ccc.services.log import note
from ccc.services.snapshot import export_snapshot
from ccc.store import Store
from ccc.store.records import AudioRecord
from ccc.store.repos import audio, groups

PATIENCE_S, ASK_S, PAUSE_S = 20.0, 4.0, 0.2
MAX_TEXT, SPEEDS = 2000, (0.5, 2.0)
VOLUMES = (25, 200)
"""Per cent of the loudness every voice is brought to."""
KEEP_S = 24 * 3600.0
"""A file no name stands for any more stays this long: a call that was told to play it may be about to open it."""
_NAME = re.compile(r"[^\s\x00-\x1f\x7f/\\](?:[^\x00-\x1f\x7f/\\]{0,126}[^\s\x00-\x1f\x7f/\\])?")


@dataclass(frozen=True, slots=True)
class AudioItem:
    """An audio in a list, with who uses it."""

    audio: AudioRecord
    used_by: tuple[Use, ...]


def add_audio(
    store: Store, actor: Actor, instance: str, name: str, source: Path | bytes, *, replace: bool = False
) -> AudioRecord:
    """Let ``name`` stand for the WAV ``source`` (a file or its bytes); flows that play it say the new one at once.

    InvalidError (not a usable WAV: empty, truncated, over 5 MB, another format; no good name), ConflictError when the
    name is taken and ``replace`` is not set. What the name stood for stays in force then.
    """
    actor.require(instance, "admin")
    _check_name(name)
    _known(store, instance, name, replace)
    with shown_as_job(store, actor, instance, "conversion", name):
        _, alaw = to_alaw(read_upload(source) if isinstance(source, Path) else source)
    return _keep(store, actor, instance, name, alaw, replace)


def speak_audio(
    store: Store,
    actor: Actor,
    instance: str,
    name: str,
    text: str,
    voice: str = "",
    speed: float = 1.0,
    volume: int = 100,
    *,
    replace: bool = False,
    patience_s: float = PATIENCE_S,
) -> AudioRecord:
    """Let ``name`` stand for ``text``, spoken by the jobs process (AUD-2).

    InvalidError (no text, unknown voice) and ConflictError as :func:`add_audio`; UnavailableError when jobs is down or
    needs longer than ``patience_s``: the rendering goes on there, so a second try finds it done.
    """
    actor.require(instance, "admin")
    _check_name(name)
    _known(store, instance, name, replace)
    alaw = try_text(store, actor, instance, text, voice, speed, volume, patience_s=patience_s)
    return _keep(store, actor, instance, name, alaw, replace, text=text, voice=voice, speed=speed, volume=volume)


def try_text(
    store: Store,
    actor: Actor,
    instance: str,
    text: str,
    voice: str = "",
    speed: float = 1.0,
    volume: int = 100,
    *,
    patience_s: float = PATIENCE_S,
) -> bytes:
    """``text`` as it would sound (A-law); nothing is kept. Errors as :func:`speak_audio`."""
    actor.require(instance, "admin", "supervisor")
    if not text.strip() or len(text) > MAX_TEXT:
        raise InvalidError(say("1 to %(most)s characters."), field="text", values={"most": MAX_TEXT})
    for field, value, (least, most) in (("speed", speed, SPEEDS), ("volume", volume, VOLUMES)):
        if not least <= value <= most:
            raise InvalidError(say("From %(least)s to %(most)s."), field=field, values={"least": least, "most": most})
    with shown_as_job(store, actor, instance, "speech", text):
        alaw = _rendered(store, {"op": "tts", "text": text, "voice": voice or None, "speed": speed}, patience_s)
    if volume == 100:
        return alaw
    return encode_alaw(to_int16(amplify(decode_alaw(alaw).astype(np.float64) / 32768, volume / 100)))


def audio_bytes(store: Store, actor: Actor, instance: str, name: str) -> bytes:
    """The sound as A-law, 8 kHz mono. NotFoundError when there is no such audio or its file is gone."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        found = audio.get(session, instance, name)
    try:
        if found is not None:
            return (store.home.uploads / found.path).read_bytes()
    except FileNotFoundError:
        pass  # answered below: for people it is the same
    raise NotFoundError(say("There is no audio %(name)s."), values={"name": name})


def get_audio(store: Store, actor: Actor, instance: str, name: str) -> AudioRecord:
    """NotFoundError when there is no such audio."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        found = audio.get(session, instance, name)
    if found is None:
        raise NotFoundError(say("There is no audio %(name)s."), values={"name": name})
    return found


def as_wav(alaw: bytes) -> bytes:
    """A-law as a 16-bit WAV, which every browser plays."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(decode_alaw(alaw).astype("<i2").tobytes())
    return buffer.getvalue()


def shape(alaw: bytes, buckets: int = 160) -> list[float]:
    """The loudest sample (0 to 1) of each of ``buckets`` equal parts: the preview's bars."""
    loud = np.abs(decode_alaw(alaw).astype(np.int32))
    return [float(part.max(initial=0)) / 32768 for part in np.array_split(loud, min(buckets, max(1, len(loud))))]


def _rendered(store: Store, question: dict[str, object], patience_s: float) -> bytes:
    until = time.monotonic() + patience_s
    while True:
        answer = request(store.home.socket("jobs"), question, ASK_S)
        if "path" in answer:
            return Path(str(answer["path"])).read_bytes()
        error = answer.get("error", {})
        if error.get("code") == "invalid":
            raise InvalidError(str(error.get("message", "")), field="voice")
        if time.monotonic() >= until:
            raise UnavailableError(say("It is still being spoken. Save again in a moment."))
        time.sleep(PAUSE_S)


def _keep(
    store: Store, actor: Actor, instance: str, name: str, alaw: bytes, replace: bool, **spoken: Any
) -> AudioRecord:
    path = _save(store.home.uploads, alaw)
    try:
        with store.write() as session:
            old = audio.get(session, instance, name)
            if old is not None and not replace:
                raise _taken(name)
            seconds = len(alaw) / RATE_HZ
            saved = audio.put(session, instance, name, path=path.name, seconds=seconds, user=actor.user, **spoken)
            act = "audio.add" if old is None else "audio.replace"
            note(session, actor, act, name, instance=instance, seconds=seconds, **spoken)
    except BaseException:
        path.unlink()
        raise
    export_snapshot(store)
    _sweep(store, old)
    return saved


def list_audio(store: Store, registry: Registry, actor: Actor, instance: str) -> list[AudioItem]:
    """The instance's audio by name, with the nodes that play it."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        checks.instance(session, instance)
        found, texts = audio.find(session, instance), flow_uses.texts(session, instance)
    return [AudioItem(item, flow_uses.uses_in(texts, registry, "audio", item.name)) for item in found]


def remove_audio(store: Store, registry: Registry, actor: Actor, instance: str, name: str) -> None:
    """Forget the audio. ConflictError with the list of nodes while a draft or a live version plays it."""
    actor.require(instance, "admin")
    with store.write() as session:
        checks.instance(session, instance)
        old = audio.get(session, instance, name)
        if old is None:
            known = ", ".join(item.name for item in audio.find(session, instance)) or "none"
            raise NotFoundError(
                say("no audio %(name)s in %(instance)s; there are: %(known)s"),
                field="name",
                values={"name": repr(name), "instance": repr(instance), "known": known},
            )
        if uses := flow_uses.uses(session, registry, instance, "audio", name):
            places = "; ".join(map(str, uses))
            raise ConflictError(
                say("audio %(name)s is used by %(places)s; change these flows first"),
                field="name",
                values={"name": repr(name), "places": places},
            )
        if playing := [item.title for item in groups.find(session, instance) if item.music == name]:
            raise ConflictError(
                say("The skill group %(name)s plays it to those who wait; choose other music there first."),
                values={"name": playing[0]},
            )
        if closed := closures.says_audio(session, instance, name):
            raise ConflictError(
                say(
                    "Callers of the closed number %(number)s hear it; open the number, or choose another announcement."
                ),
                values={"number": closed[0]},
            )
        audio.remove(session, instance, name)
        note(session, actor, "audio.remove", name, instance=instance, before={"seconds": old.seconds})
    export_snapshot(store)
    _sweep(store, old)


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidError(
            say(
                "%(name)s is no name for an audio: 1 to 128 characters, no line breaks, / or \\, no space at the ends."
            ),
            field="name",
            values={"name": name[:60] or "-"},
        )


def _known(store: Store, instance: str, name: str, replace: bool) -> None:
    """Refuse before the work of converting what would be refused after it."""
    with store.read() as session:
        checks.instance(session, instance)
        if not replace and audio.get(session, instance, name) is not None:
            raise _taken(name)


def _taken(name: str) -> ConflictError:
    return ConflictError(
        say("There is already an audio %(name)s; replace it (--replace) or choose another name."),
        field="name",
        values={"name": name},
    )


def _save(folder: Path, alaw: bytes) -> Path:
    """A new file each time: calls that hear the old one hear it to its end. On disk before the store names it."""
    path = folder / f"{secrets.token_hex(12)}.al"
    write_atomic(path, alaw)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return path


def _sweep(store: Store, retired: AudioRecord | None) -> None:
    """Delete files that no name has stood for since yesterday; ``retired`` lost its name now."""
    if retired is not None:
        with contextlib.suppress(FileNotFoundError):  # deleted by hand: it is gone already
            os.utime(store.home.uploads / retired.path)
    with store.read() as session:
        named = audio.paths(session)
    limit = time.time() - KEEP_S
    for path in store.home.uploads.glob("*.al"):
        if path.name not in named and path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
