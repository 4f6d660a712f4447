"""Dedicated agents (专属坐席)."""
