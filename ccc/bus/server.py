"""Answer other processes' questions: one handler per process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from ccc.bus.frames import FrameError, Message, Reader, pack
from ccc.errors import CccError

log = logging.getLogger(__name__)
Handler = Callable[[Message], Awaitable[Message]]


@contextlib.asynccontextmanager
async def serve(path: Path, handler: Handler) -> AsyncIterator[None]:
    """Listen at ``path`` (0600). A handler's CccError is answered as ``{"error": {...}}``, others logged."""

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = Reader()
        try:
            while data := await reader.read(65536):
                for message in frames.feed(data):
                    writer.write(pack(await _answer(handler, message)))
                    await writer.drain()
        except (OSError, FrameError) as error:
            log.warning("bus %s: %s", path.stem, error)
        finally:
            writer.close()

    _remove(path)
    server = await asyncio.start_unix_server(connection, str(path))
    _protect(path)
    try:
        yield
    finally:
        server.close()
        _remove(path)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _protect(path: Path) -> None:
    path.chmod(0o600)


async def _answer(handler: Handler, message: Message) -> Message:
    try:
        return await handler(message)
    except CccError as error:
        return {"error": error.as_dict()}
    except Exception:
        log.exception("bus message %r failed", message.get("op"))
        return {"error": {"code": "internal", "message": "internal error; the log names it"}}
