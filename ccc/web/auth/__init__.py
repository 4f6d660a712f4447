"""Signing in: Flask-Security over the services, sessions, rights."""
