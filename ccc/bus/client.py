"""Ask another process one question."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

from ccc.bus.frames import FrameError, Message, Reader, pack
from ccc.errors import UnavailableError


def request(path: Path, message: Message, timeout_s: float = 2.0) -> Message:
    """Send ``message`` to the process at ``path``, return its answer. UnavailableError when it is down or silent."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.settimeout(timeout_s)
            sock.connect(str(path))
            sock.sendall(pack(message))
            reader = Reader()
            while True:
                data = sock.recv(65536)
                if not data:
                    raise UnavailableError(f"{path.stem} closed the connection without an answer")
                for answer in reader.feed(data):
                    return answer
    except (OSError, FrameError) as error:
        raise UnavailableError(f"{path.stem} does not answer ({error})") from error


async def request_async(path: Path, message: Message, timeout_s: float = 2.0) -> Message:
    """The asyncio twin of :func:`request`."""
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_unix_connection(str(path))
            try:
                writer.write(pack(message))
                frames = Reader()
                while data := await reader.read(65536):
                    for answer in frames.feed(data):
                        return answer
            finally:
                writer.close()
    except (OSError, FrameError, TimeoutError) as error:
        raise UnavailableError(f"{path.stem} does not answer ({error or 'timed out'})") from error
    raise UnavailableError(f"{path.stem} closed the connection without an answer")
