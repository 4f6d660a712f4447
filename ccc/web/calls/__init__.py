"""Calls: those in progress (over ``/rt/live``) and the records of past ones."""

from ccc.web.calls.routes import blueprint

__all__ = ["blueprint"]
