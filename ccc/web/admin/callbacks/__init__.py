"""Callbacks (回呼)."""
