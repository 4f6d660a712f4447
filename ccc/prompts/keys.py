"""Where the rendered form of a prompt lies. Light on purpose: the runtime imports this and nothing heavier."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ccc.api.prompt import TextPrompt, TonePrompt
from ccc.home import Home

EDITION = "1"
"""Change it when rendering changes, so that old files are not used."""
SUFFIX = ".al"


def prompt_key(prompt: TextPrompt | TonePrompt, text: str | None = None) -> str:
    """The cache key: same text, voice, speed and volume, same key.

    ``text`` replaces the prompt's own (variables filled in).
    Differences in white space do not matter to a voice, so they do not matter here.
    """
    if isinstance(prompt, TonePrompt):
        return f"tone-{EDITION}-{prompt.hz}-{round(prompt.seconds * 1000)}"
    spoken = " ".join((prompt.text if text is None else text).split())
    loudness = () if prompt.volume == 100 else (f"{prompt.volume}%",)  # prompts from before there was one keep theirs
    parts = "\0".join((EDITION, prompt.voice or "", f"{prompt.speed:.2f}", *loudness, spoken))
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def prompt_path(home: Home, prompt: TextPrompt | TonePrompt, text: str | None = None) -> Path:
    """The file of a prompt, whether it exists yet or not."""
    return home.prompts / (prompt_key(prompt, text) + SUFFIX)


def builtin_path(home: Home, name: str) -> Path:
    """A sound that comes with CCC: ``hold-music``, ``busy``, ``beep``, ``ringback``."""
    return home.prompts / f"{name}-{EDITION}{SUFFIX}"


def hold_music_path(home: Home) -> Path:
    """The built-in hold music; written by :func:`ccc.prompts.builtin.write_builtin`."""
    return builtin_path(home, "hold-music")
