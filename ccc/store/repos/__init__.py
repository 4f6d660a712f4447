"""Repositories: functions on a session that return frozen dataclasses (:mod:`ccc.store.records`)."""

from ccc.store.repos import audio, audit, calls, centre, flows, users

__all__ = ["audio", "audit", "calls", "centre", "flows", "users"]
