"""Repositories: functions on a session that return frozen dataclasses (:mod:`ccc.store.records`)."""

from ccc.store.repos import audit, calls, centre, flows, users

__all__ = ["audit", "calls", "centre", "flows", "users"]
