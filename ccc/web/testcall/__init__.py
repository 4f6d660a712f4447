"""Test calls: the panel in which a browser is the caller, and the ticket that lets it call."""

from ccc.web.testcall.routes import blueprint, start

__all__ = ["blueprint", "start"]
