"""What is said to a caller: text for the TTS engine, a named audio file, a tone, or silence."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from ccc.api.form import setting

Value: TypeAlias = str | int | float | bool | list[Any] | dict[str, Any] | None
"""A flow variable's value: what JSON can hold."""


class TextPrompt(BaseModel):
    """Text spoken by the TTS engine. ``${name}`` is replaced by the variable of that name."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["tts"] = "tts"
    text: str = setting(en="Text", zh="文本", max_length=2000, widget="template")
    voice: str | None = setting(None, en="Voice", zh="发音人", widget="voice", max_length=64)
    speed: float = setting(1.0, en="Speed", zh="语速", unit="×", ge=0.5, le=2.0)
    volume: int = setting(100, en="Volume", zh="音量", unit="%", ge=25, le=200)
    """Per cent of the loudness every voice is brought to."""


class AudioPrompt(BaseModel):
    """An uploaded audio, by its symbolic name (AUD-2)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["audio"] = "audio"
    name: str = setting(en="Audio", zh="音频", widget="audio", min_length=1, max_length=128)


class TonePrompt(BaseModel):
    """A sine tone, for tests and beeps."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["tone"] = "tone"
    hz: int = setting(en="Frequency", zh="频率", unit="Hz", ge=100, le=3400)
    seconds: float = setting(en="Length", zh="时长", unit="s", gt=0, le=60)


class SilencePrompt(BaseModel):
    """A pause between prompts."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["silence"] = "silence"
    seconds: float = setting(en="Length", zh="时长", unit="s", gt=0, le=60)


Prompt = Annotated[TextPrompt | AudioPrompt | TonePrompt | SilencePrompt, Field(discriminator="kind")]
