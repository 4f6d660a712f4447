"""Offline text to speech with eSpeak NG: Mandarin and English, in-process, from the wheel ``espeakng-loader``.

eSpeak NG is GPLv3+; only the jobs process and publish load it, never a running call. Numbers in Chinese text are
written out before they are spoken, because eSpeak reads Arabic numerals above 9999 in the English grouping.
"""

from __future__ import annotations

import ctypes
import re
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ccc.api import TtsEngine, Voice, hookimpl
from ccc.errors import InvalidError, UnavailableError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# Values of espeak-ng/speak_lib.h.
SYNCHRONOUS = 2
DONT_EXIT = 0x8000
UTF8 = 1
RATE, VOLUME = 1, 2
VOLUME_PERCENT = 60
"""At 100 eSpeak clips inside; loudness is set afterwards by ``ccc.prompts``."""
WORDS_A_MINUTE = {"zh": 200, "en": 165}
"""Natural pace over the telephone: about 4 Chinese characters a second."""

VOICES = {
    "espeak-zh": ("普通话 (eSpeak)", "zh-CN", ""),
    "espeak-zh-female": ("普通话女声 (eSpeak)", "zh-CN", "+f3"),
    "espeak-en": ("English (eSpeak)", "en-US", ""),
    "espeak-en-female": ("English, female (eSpeak)", "en-US", "+f3"),
}
"""name -> (label, language, eSpeak variant)"""
ESPEAK_VOICE = {"zh": "cmn", "en": "en-us"}

DIGITS = "零一二三四五六七八九"
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]*|[。！？!?；;\n]+")
ENGLISH_STOP = re.compile(r"(?<=[A-Za-z0-9]\.)\s*(?=[\u4e00-\u9fff])")
FULL_WIDTH = str.maketrans("０１２３４５６７８９．％", "0123456789.%")
MINUS = re.compile(r"(?<![0-9A-Za-z\-])[-−](?=\d)")
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")
CLOCK = re.compile(r"(?<![\d:：])([01]?\d|2[0-3])[:：]([0-5]\d)(?![\d:：])")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
ACRONYM = re.compile(r"(?<![A-Za-z])[A-Z]{2,5}(?![A-Za-z])")
QUANTITY = re.compile(r"\s*(?:个|位|次|天|元|块|条|名|分钟|小时|秒|人|点|台|件|万|亿)")
QUOTED_DIGITS = 7
"""So many digits without a unit behind them are a number to be dialled or typed, not a quantity."""


def chinese_integer(value: int) -> str:
    """A whole number below 10**16 in Chinese numerals: 12305 -> 一万二千三百零五, 10 -> 十."""
    if value == 0:
        return "零"
    sections: list[str] = []
    gap = False
    for unit, name in ((10**12, "万亿"), (10**8, "亿"), (10**4, "万"), (1, "")):
        section, value = divmod(value, unit)
        if section == 0:
            gap = bool(sections)
            continue
        zero = "零" if sections and (gap or section < 1000) else ""
        sections.append(zero + _thousands(section) + name)
        gap = False
    text = "".join(sections)
    return text[1:] if text.startswith("一十") else text


def _thousands(value: int) -> str:
    out = ""
    gap = False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, unit)
        if digit == 0:
            gap = bool(out)
            continue
        out += ("零" if gap else "") + DIGITS[digit] + name
        gap = False
    return out


def _one_by_one(digits: str) -> str:
    """As telephone and account numbers are read out: 1 is 幺."""
    return "".join("幺" if int(digit) == 1 else DIGITS[int(digit)] for digit in digits)


def _number(match: re.Match[str]) -> str:
    text, behind = match.group(), match.string[match.end() :]
    whole, _, fraction = text.partition(".")
    quantity = QUANTITY.match(behind) is not None
    if fraction:
        return chinese_integer(int(whole[-16:])) + "点" + "".join(DIGITS[int(digit)] for digit in fraction)
    if len(whole) == 4 and behind.startswith("年"):
        return "".join(DIGITS[int(digit)] for digit in whole)
    dialled = len(whole) >= QUOTED_DIGITS and not quantity
    if dialled or len(whole) > 16 or (whole.startswith("0") and len(whole) > 1):
        return _one_by_one(whole)
    if whole == "2" and quantity:
        return "两"
    return chinese_integer(int(whole))


def _clock(match: re.Match[str]) -> str:
    """14:05 -> 14点05分 (the numerals are written out next), 14:00 -> 14点."""
    hour, minute = int(match[1]), int(match[2])
    if minute == 0:
        return f"{hour}点"
    return f"{hour}点{'零' if minute < 10 else ''}{minute}分"


def spoken_chinese(text: str) -> str:
    """Chinese text with numerals, percentages, times of day and acronyms written as they are said."""
    text = THOUSANDS.sub("", text.translate(FULL_WIDTH))
    text = MINUS.sub("负", text)
    text = PERCENT.sub(r"百分之\1", text)
    text = CLOCK.sub(_clock, text)
    text = NUMBER.sub(_number, text)
    return ACRONYM.sub(lambda m: " ".join(m.group()), text)


def passages(text: str, language: str | None) -> Iterator[tuple[str, str]]:
    """Cut a text into (language, passage): a sentence with Han characters is Chinese, English words in it included.

    ``language`` decides for sentences without any letters (digits only); None: the text's own.
    """
    fallback = language or ("zh" if HAN.search(text) or not re.search("[A-Za-z]", text) else "en")
    pending = ["", ""]
    for part in SENTENCE.findall(ENGLISH_STOP.sub("\n", text)):
        if HAN.search(part):
            own = "zh"
        elif re.search("[A-Za-z]", part):
            own = "en"
        else:
            own = pending[0] or fallback
        if own != pending[0] and pending[1].strip():
            yield pending[0], pending[1]
            pending[1] = ""
        pending = [own, pending[1] + part]
    if pending[1].strip():
        yield pending[0], pending[1]


class Espeak:
    """Engine ``espeak``. The library keeps global state, so one text is spoken at a time."""

    name = "espeak"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._library: Any = None
        self._rate_hz = 0
        self._pieces: list[bytes] = []
        self._callback: Any = None

    def voices(self) -> list[Voice]:
        """Every voice, the default one first."""
        return [Voice(name, label, language) for name, (label, language, _) in VOICES.items()]

    def say(self, text: str, voice: str | None, speed: float) -> tuple[npt.NDArray[np.int16], int]:
        """Mono samples and their rate. InvalidError for a voice that does not exist."""
        if voice is not None and voice not in VOICES:
            raise InvalidError(f"voice {voice} does not exist; choose one of {', '.join(VOICES)}", field="voice")
        language, variant = (None, "") if voice is None else (VOICES[voice][1][:2], VOICES[voice][2])
        with self._lock:
            library = self._library or self._load()
            library.espeak_SetSynthCallback(self._callback)  # a later load of this plugin may have set its own
            self._pieces = []
            for spoken_as, passage in passages(text, language):
                self._speak(library, spoken_as, variant, passage, speed)
            audio = b"".join(self._pieces)
            self._pieces = []
        import numpy  # noqa: PLC0415 - plugins are loaded by the runtime too, which must not pay for numpy

        return numpy.frombuffer(audio, dtype=numpy.int16), self._rate_hz

    def _speak(self, library: Any, language: str, variant: str, text: str, speed: float) -> None:
        spoken = spoken_chinese(text) if language == "zh" else text
        data = spoken.replace("\0", " ").encode("utf-8", "replace")
        voice = ESPEAK_VOICE[language] + variant
        if library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise UnavailableError(f"eSpeak has no voice {voice}; reinstall espeakng-loader")
        library.espeak_SetParameter(RATE, max(80, min(450, round(WORDS_A_MINUTE[language] * speed))), 0)
        library.espeak_SetParameter(VOLUME, VOLUME_PERCENT, 0)
        if library.espeak_Synth(data, len(data) + 1, 0, 1, 0, UTF8, None, None) != 0:
            raise UnavailableError("eSpeak could not speak the text; try again")

    def _load(self) -> Any:
        import espeakng_loader  # noqa: PLC0415 - 21 MB that only an engine in use should touch

        library = ctypes.CDLL(espeakng_loader.get_library_path())
        rate_hz = library.espeak_Initialize(SYNCHRONOUS, 0, str(espeakng_loader.get_data_path()).encode(), DONT_EXIT)
        if rate_hz <= 0:
            raise UnavailableError("eSpeak could not be started; reinstall espeakng-loader")
        kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
        self._callback = kind(self._collect)  # kept: the library holds a bare pointer to it
        self._library, self._rate_hz = library, rate_hz
        return library

    def _collect(self, samples: int | None, count: int, _events: int | None) -> int:
        if samples and count > 0:
            self._pieces.append(ctypes.string_at(samples, count * 2))
        return 0


@hookimpl
def register_tts() -> Sequence[type[TtsEngine]]:
    return [Espeak]
