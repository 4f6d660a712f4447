"""The offline engine: Chinese and English, numbers as people say them."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.errors import InvalidError
from plugins.tts_espeak import Espeak, chinese_integer, passages, register_tts, spoken_chinese

VALUE = {digit: value for value, digit in enumerate("零一二三四五六七八九")}


def read_back(text: str) -> int:
    """Chinese numerals to a number, written independently: units inside a section, sections by 万, 亿, 万亿."""
    total = section = digit = 0
    for i, sign in enumerate(text):
        if sign in VALUE:
            digit = VALUE[sign]
        elif sign in "十百千":
            section += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[sign]
            digit = 0
        elif text[i : i + 2] == "万亿":
            total += (section + digit) * 10**12
            section = digit = 0
        elif sign == "万":
            total += (section + digit) * 10**4
            section = digit = 0
        elif text[max(0, i - 1) : i + 1] != "万亿":
            total += (section + digit) * 10**8
            section = digit = 0
    return total + section + digit


@settings(max_examples=500)
@given(st.integers(0, 10**16 - 1) | st.integers(0, 20000))
def test_numerals_can_be_read_back(value: int) -> None:
    assert read_back(chinese_integer(value)) == value


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("余额12,345.60元", "余额一万二千三百四十五点六零元"),
        ("按1转销售，按2转客服", "按一转销售，按二转客服"),
        ("前面还有2位", "前面还有两位"),
        ("共10个", "共十个"),
        ("105次", "一百零五次"),
        ("账号12345678", "账号幺二三四五六七八"),
        ("电话01012345678", "电话零幺零幺二三四五六七八"),
        ("12345678元", "一千二百三十四万五千六百七十八元"),
        ("折扣95%", "折扣百分之九十五"),
        ("14:05到16:30，10：00", "十四点零五分到十六点三十分，十点"),
        ("2026年11月20日", "二零二六年十一月二十日"),
        ("零下-3.5度", "零下负三点五度"),
        ("１２元", "十二元"),
        ("VIP客户", "V I P客户"),
    ],
)
def test_chinese_as_it_is_said(written: str, said: str) -> None:
    assert spoken_chinese(written) == said


def test_language_is_chosen_by_sentence() -> None:
    assert list(passages("Press 1 for sales. 中文服务请按2。", None)) == [
        ("en", "Press 1 for sales.\n"),
        ("zh", "中文服务请按2。"),
    ]
    assert list(passages("请说 hello world！好。", None)) == [("zh", "请说 hello world！好。")]
    assert [language for language, _ in passages("12345", "en")] == ["en"]
    assert [language for language, _ in passages("12345", None)] == ["zh"]
    assert list(passages(" \n ", None)) == []


@pytest.fixture(scope="module")
def engine() -> Espeak:
    return Espeak()


def test_speaks_chinese_and_english(engine: Espeak) -> None:
    for text, least_s, most_s in (("您好，欢迎致电云呼叫中心。", 2, 5), ("Welcome to the call centre.", 1, 4)):
        samples, rate_hz = engine.say(text, None, 1.0)
        assert samples.dtype == np.int16 and rate_hz == 22050
        assert least_s < len(samples) / rate_hz < most_s
        assert 3000 < int(np.abs(samples.astype(int)).max()) < 32000, "loud, not clipped"


def test_speed_and_voice_matter(engine: Espeak) -> None:
    text = "请稍候，正在为您转接。"
    slow, normal, fast = (len(engine.say(text, "espeak-zh", speed)[0]) for speed in (0.5, 1.0, 2.0))
    assert slow > 1.5 * normal > 2.2 * fast
    man, woman = engine.say(text, "espeak-zh", 1.0)[0], engine.say(text, "espeak-zh-female", 1.0)[0]
    assert len(man) != len(woman) or not np.array_equal(man, woman)
    with pytest.raises(InvalidError, match="voice siri does not exist; choose one of espeak-zh"):
        engine.say(text, "siri", 1.0)


def test_a_digit_in_chinese_is_spoken_chinese(engine: Espeak) -> None:
    """eSpeak varies its voice a little, so lengths are compared; read as an English quantity it is twice as long."""
    written, said = (len(engine.say(text, None, 1.0)[0]) for text in ("账号12345678901", "账号幺二三四五六七八九零幺"))
    assert written == pytest.approx(said, rel=0.05)


def test_several_threads_do_not_mix_their_texts(engine: Espeak) -> None:
    texts = ["第一段", "the second one", "第三段话", "four"] * 3
    alone = [engine.say(text, None, 1.0)[0] for text in texts]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda text: engine.say(text, None, 1.0)[0], texts))
    for one, other in zip(alone, together, strict=True):
        assert abs(len(one) - len(other)) <= 0.05 * len(one)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_spoken_or_silent(text: str) -> None:
    samples, _ = SHARED.say(text, None, 2.0)
    assert samples.dtype == np.int16


SHARED = Espeak()


def test_registers_cheaply() -> None:
    (made,) = register_tts()
    assert made.name == "espeak"
    assert [voice.language for voice in made().voices()] == ["zh-CN", "zh-CN", "en-US", "en-US"]


def test_an_engine_speaks_on_when_another_was_made_and_forgotten() -> None:
    first, second = Espeak(), Espeak()
    before = len(first.say("您好", None, 1.0)[0])
    second.say("再见", None, 1.0)
    del second
    gc.collect()
    assert len(first.say("您好", None, 1.0)[0]) == pytest.approx(before, rel=0.1)
