"""Render prompts to A-law files, once each. For the jobs process and publish; blocking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ccc.api.expr import ExprError, parse_template
from ccc.api.problem import Problem
from ccc.api.prompt import Prompt, TextPrompt, TonePrompt
from ccc.api.tts import TtsEngine
from ccc.audio import tones
from ccc.audio.g711 import ALAW_SILENCE, encode_alaw
from ccc.errors import CccError, InvalidError, UnavailableError
from ccc.home import Home
from ccc.prompts import level
from ccc.prompts.files import write_atomic
from ccc.prompts.keys import prompt_path


def render(home: Home, prompt: TextPrompt | TonePrompt, engines: Sequence[TtsEngine]) -> Path:
    """The prompt's file, made when it does not exist. A text is spoken as it stands: fill in variables before.

    Raises InvalidError (unknown voice), UnavailableError (no engine, the engine failed, disk full).
    """
    path = prompt_path(home, prompt)
    if not path.exists():
        write_atomic(path, audio(prompt, engines))
    return path


def audio(prompt: TextPrompt | TonePrompt, engines: Sequence[TtsEngine]) -> bytes:
    """The A-law bytes of a prompt, whole 20 ms frames, at least one."""
    if isinstance(prompt, TonePrompt):
        return level.pad_to_frame(tones.sine(prompt.hz, prompt.seconds), ALAW_SILENCE)
    engine = engine_for(prompt.voice, engines)
    try:
        samples, rate_hz = engine.say(prompt.text, prompt.voice, prompt.speed)
        wave = level.normalise(level.trim(level.resample(samples, rate_hz)))
    except CccError:
        raise
    except Exception as error:  # a plugin's engine: whatever it raises must name the engine, not end jobs
        raise UnavailableError(f"TTS engine {engine.name} failed on {prompt.text[:40]!r}: {error!r}") from error
    if prompt.volume != 100:
        wave = level.amplify(wave, prompt.volume / 100)
    spoken = encode_alaw(level.to_int16(wave))
    return level.pad_to_frame(spoken, ALAW_SILENCE) or tones.silence(0.02)


def engine_for(voice: str | None, engines: Sequence[TtsEngine]) -> TtsEngine:
    """The engine that has the voice; the first one when none is asked for."""
    if not engines:
        raise UnavailableError("no TTS engine is installed; put one into plugins/ (docs/write-a-node.md)")
    if voice is None:
        return engines[0]
    for engine in engines:
        if any(offered.name == voice for offered in engine.voices()):
            return engine
    known = ", ".join(offered.name for engine in engines for offered in engine.voices())
    raise InvalidError(f"voice {voice} does not exist; choose one of {known}", field="voice")


def render_static(home: Home, prompts: Iterable[Prompt], engines: Sequence[TtsEngine]) -> list[Problem]:
    """Render every prompt that holds no ``${...}``, as publish does. Returns one problem for each that failed.

    Audio files and silence need no rendering. A text is stored under the form the runtime looks for (``$$`` is ``$``).
    """
    problems: list[Problem] = []
    for prompt in prompts:
        if not isinstance(prompt, TextPrompt | TonePrompt):
            continue
        try:
            ready = _filled_in(prompt) if isinstance(prompt, TextPrompt) else prompt
            if ready is not None:
                render(home, ready, engines)
        except (CccError, ExprError) as error:
            problems.append(Problem("error", "prompt", str(error)))
    return problems


def _filled_in(prompt: TextPrompt) -> TextPrompt | None:
    """The prompt with its template resolved, or None when it depends on the call or says nothing."""
    template = parse_template(prompt.text)
    if not template.static:
        return None
    text = template.render({}, {})
    return prompt.model_copy(update={"text": text}) if text.strip() else None
