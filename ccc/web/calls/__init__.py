"""Records of past calls."""

from ccc.web.calls.routes import blueprint

__all__ = ["blueprint"]
