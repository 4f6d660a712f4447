"""Messages between the processes of one installation: JSON objects in length-prefixed frames on Unix sockets."""

from ccc.bus.client import NoAnswerError, request, request_async
from ccc.bus.frames import Reader, pack
from ccc.bus.server import serve

__all__ = ["NoAnswerError", "Reader", "pack", "request", "request_async", "serve"]
