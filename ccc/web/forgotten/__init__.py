"""Forgotten password: a code by mail, or whom to ask (ROL-10)."""

from ccc.web.forgotten.routes import blueprint

__all__ = ["blueprint"]
