"""API keys: a user's own."""
