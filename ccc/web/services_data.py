"""Placeholder until the services exist."""

from __future__ import annotations

from ccc.home import Home


class ServicesData:
    def __init__(self, home: Home) -> None:
        raise NotImplementedError
