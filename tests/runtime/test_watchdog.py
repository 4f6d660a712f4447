"""The watchdog names the node type that held the loop."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from pydantic import BaseModel

from ccc.api import CallControl, Exit, NodeType
from ccc.runtime.watchdog import Watchdog


class Blocking(NodeType):
    type = "blocking-example"
    label = {"en": "Blocking", "zh": "阻塞"}
    category = "basic"
    help = {"en": "Blocks.", "zh": "阻塞。"}
    Config = BaseModel

    def exits(self, config: Any) -> list[Exit]:
        return []

    async def run(self, call: CallControl, config: Any) -> str:
        time.sleep(0.4)
        return "next"


def test_a_node_that_blocks_is_named(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        watching = asyncio.create_task(Watchdog().run())
        await asyncio.sleep(0.05)
        await Blocking().run(None, None)  # type: ignore[arg-type]
        await asyncio.sleep(0.05)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)

    asyncio.run(main())
    assert "node type 'blocking-example'" in caplog.text
    assert "test_watchdog.py" in caplog.text
    assert "stood still for" in caplog.text
