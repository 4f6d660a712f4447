"""The agent's workbench (坐席工作台): one page that lives on a WebSocket to the runtime."""

from ccc.web.workbench.routes import blueprint

__all__ = ["blueprint"]
