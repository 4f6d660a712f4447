"""The one error tree. Every error a user can see carries a code, a message naming thing and cure, and a field.

Bad input is never a stack trace: the CLI prints ``message`` and exits with ``exit_code``; the web
and the API answer ``{code, message, field?, request_id}`` with ``status`` (DESIGN "Contracts").
"""

from __future__ import annotations

from collections.abc import Mapping


def say(template: str) -> str:
    """Marks an error's text for translation (the pages' extractor looks for it); returns it as it is."""
    return template


class CccError(Exception):
    """Base of every error CCC raises on purpose."""

    code = "error"
    status = 500
    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        code: str | None = None,
        values: Mapping[str, object] | None = None,
    ) -> None:
        """``values`` are filled into ``%(name)s`` of the message; the pages translate ``template`` before."""
        self.template, self.values = message, dict(values or {})
        self.message = message % self.values if self.values else message
        super().__init__(self.message)
        self.field = field
        if code is not None:
            self.code = code

    def as_dict(self) -> dict[str, str]:
        """The shape shared by CLI ``--json``, REST and WebSocket: ``{code, message, field?}``."""
        shape = {"code": self.code, "message": self.message}
        if self.field is not None:
            shape["field"] = self.field
        return shape


class ConfigError(CccError):
    """The installation cannot start as configured: a port in use, a folder not writable, a wrong setting."""

    code = "config"
    exit_code = 2


class UsageError(CccError):
    """The command line or a request is malformed."""

    code = "usage"
    status = 400
    exit_code = 2


class InvalidError(CccError):
    """Input was understood and is not acceptable."""

    code = "invalid"
    status = 422
    exit_code = 2


class NotFoundError(CccError):
    """The named thing does not exist (or not for this tenant: the two are never told apart)."""

    code = "not-found"
    status = 404
    exit_code = 2


class ForbiddenError(CccError):
    """The user may not do this."""

    code = "forbidden"
    status = 403


class ConflictError(CccError):
    """Somebody else changed or holds the thing."""

    code = "conflict"
    status = 409


class StaleError(ConflictError):
    """Somebody else saved the thing since it was read: nothing was changed; compare, then save again."""

    code = "stale"


class UnavailableError(CccError):
    """A part of the system is down or too slow; the same call may work later."""

    code = "unavailable"
    status = 503
