"""Live board (实时监控): agents, queues and calls as they are, today's figures, plots; a wallboard for the wall."""

from ccc.web.board.routes import blueprint

__all__ = ["blueprint"]
