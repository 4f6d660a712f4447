"""Records of past calls, their recordings and exports."""

from ccc.web.calls import exports, tagging
from ccc.web.calls.routes import blueprint

__all__ = ["blueprint", "exports", "tagging"]
