"""What callers of a closed number hear, as a flow."""

from __future__ import annotations

import pytest

from ccc.api import AudioPrompt, TextPrompt
from ccc.flow.check import check_flow
from ccc.flow.closing import DEFAULT_TEXT, announcement
from ccc.flow.compile import compile_flow
from ccc.loader import Registry, load


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(entry_points=False)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, [TextPrompt(text=DEFAULT_TEXT)]),
        ({"text": "放假 ${x} $5", "voice": "en"}, [TextPrompt(text="放假 $${x} $$5", voice="en"), DEFAULT_TEXT]),
        ({"audio": "closed"}, [AudioPrompt(name="closed"), DEFAULT_TEXT]),
    ],
    ids=["our text", "a text of one's own, as it stands", "an audio"],
)
def test_it_is_a_flow_without_a_fault(registry: Registry, given: dict[str, str], said: list[object]) -> None:
    document = announcement(**given)
    assert check_flow(document, registry) == []
    heard = [prompt for _, prompt in compile_flow(document, registry).prompts()]
    assert heard == [TextPrompt(text=one) if isinstance(one, str) else one for one in said]
