"""Ask another process one question."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

from ccc.bus.frames import FrameError, Message, Reader, pack
from ccc.errors import UnavailableError, say

SILENT = {
    "runtime": say("The telephone side does not answer. Try again in a moment."),
    "jobs": say("The background jobs do not answer. Try again in a moment."),
}
"""By process."""
SILENT_ANY = say("A part of the system does not answer. Try again in a moment.")


class NoAnswerError(UnavailableError):
    """The question went out and no answer came: it may have been carried out, or may still be."""


def request(path: Path, message: Message, timeout_s: float = 2.0) -> Message:
    """Send ``message`` to the process at ``path``, return its answer.

    UnavailableError when it is down: it has not got the message. NoAnswerError when it is silent or dies.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(timeout_s)
        try:
            sock.connect(str(path))
        except OSError as error:
            raise UnavailableError(_words(path)) from error
        try:
            sock.sendall(pack(message))
            reader = Reader()
            while data := sock.recv(65536):
                for answer in reader.feed(data):
                    return answer
        except (OSError, FrameError) as error:
            raise NoAnswerError(_words(path)) from error
    raise NoAnswerError(_words(path))


async def request_async(path: Path, message: Message, timeout_s: float = 2.0) -> Message:
    """The asyncio twin of :func:`request`."""
    sent = False
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_unix_connection(str(path))
            sent = True
            try:
                writer.write(pack(message))
                frames = Reader()
                while data := await reader.read(65536):
                    for answer in frames.feed(data):
                        return answer
            finally:
                writer.close()
    except (OSError, FrameError, TimeoutError) as error:
        raise (NoAnswerError if sent else UnavailableError)(_words(path)) from error
    raise NoAnswerError(_words(path))


def _words(path: Path) -> str:
    return SILENT.get(path.stem, SILENT_ANY)
