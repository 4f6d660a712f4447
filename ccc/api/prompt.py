"""What is said to a caller: text for the TTS engine, a named audio file, a tone, or silence."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Value: TypeAlias = str | int | float | bool | list[Any] | dict[str, Any] | None
"""A flow variable's value: what JSON can hold."""


class TextPrompt(BaseModel):
    """Text spoken by the TTS engine. ``${name}`` is replaced by the variable of that name."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["tts"] = "tts"
    text: str = Field(max_length=2000, title="Text")
    voice: str | None = Field(default=None, max_length=64, title="Voice")
    speed: float = Field(default=1.0, ge=0.5, le=2.0, title="Speed")


class AudioPrompt(BaseModel):
    """An uploaded audio, by its symbolic name (AUD-2)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["audio"] = "audio"
    name: str = Field(min_length=1, max_length=128, title="Audio")


class TonePrompt(BaseModel):
    """A sine tone, for tests and beeps."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["tone"] = "tone"
    hz: int = Field(ge=100, le=3400, title="Frequency (Hz)")
    seconds: float = Field(gt=0, le=60, title="Length (s)")


class SilencePrompt(BaseModel):
    """A pause between prompts."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["silence"] = "silence"
    seconds: float = Field(gt=0, le=60, title="Length (s)")


Prompt = Annotated[TextPrompt | AudioPrompt | TonePrompt | SilencePrompt, Field(discriminator="kind")]
