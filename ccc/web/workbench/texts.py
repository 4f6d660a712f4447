from __future__ import annotations


def texts() -> dict[str, str]:
    return {}
