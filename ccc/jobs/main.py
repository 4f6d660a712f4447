"""The jobs process: journal to store, prompts on demand, work for later. No running call depends on it for long."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading

from sqlalchemy import text

from ccc.bus import serve
from ccc.bus.frames import Message
from ccc.errors import UnavailableError, UsageError
from ccc.home import Home
from ccc.jobs import exporting
from ccc.jobs.cleaning import tune
from ccc.jobs.later import Queue, consuming, known_notifiers, make_queue
from ccc.jobs.notices import send_test
from ccc.jobs.planned import Planned
from ccc.jobs.speech import Speech
from ccc.jobs.tail import Tail
from ccc.jobs.watched import enqueue, take_up
from ccc.settings import Settings
from ccc.store import Store, upgrade
from ccc.store.repos import jobs

log = logging.getLogger(__name__)
STOP_S = 8.0


def run(home: Home, settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; the caller has asked for SIGTERM when the parent ends."""
    asyncio.run(Jobs(home).run())


class Jobs:
    """The process's parts and the answers to the other processes' questions."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._store = Store(home)
        self._tail = Tail(home, self._store)
        self._speech = Speech(home)
        self._queue: Queue
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Until a signal; what is in the journal by then is stored, when the store allows, before the end."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        await asyncio.to_thread(self._upgrade)
        stop_tail = threading.Event()
        thread = threading.Thread(target=self._tail.run, args=(stop_tail,), name="journal-tail", daemon=True)
        thread.start()
        try:
            self._queue = make_queue(self._home)
            self._tail.on_notices = self._queue.deliver
            await asyncio.to_thread(self._take_up)
            with consuming(self._queue):
                planned = asyncio.create_task(Planned(self._store).run(), name="planned")
                async with serve(self._home.socket("jobs"), self.answer):
                    log.info("jobs are ready")
                    await self._stop.wait()
                planned.cancel()
        finally:
            stop_tail.set()
            await asyncio.to_thread(thread.join, STOP_S)
            self._speech.close()
            self._store.close()

    def _upgrade(self) -> None:
        """Alone on its machine jobs cannot rely on ``ccc prepare``; a store that is down is no reason not to start."""
        try:
            upgrade(self._home)
        except UnavailableError as error:
            log.warning("the store was not checked: %s", error.message)

    def _take_up(self) -> None:
        """Work asked for while we were away, and exports that our end interrupted."""
        try:
            exporting.unfinished(self._store)
            take_up(self._queue, self._store)
            tune(self._store)
        except UnavailableError as error:
            log.warning("waiting work was not looked for: %s", error.message)

    def _again(self, job_id: str) -> None:
        with self._store.read() as session:
            job = jobs.get(session, job_id)
        if job is None or job.state != "waiting" or not enqueue(self._queue, job):
            raise UsageError(f"job {job_id!r} cannot be put into the queue")

    async def answer(self, message: Message) -> Message:
        """The bus (docs/protocols.md): ``health``, ``tts``, ``export``, ``job``, ``notices``, ``test-notice``."""
        match message.get("op"):
            case "health":
                return await asyncio.to_thread(self._health)
            case "tts":
                return {"path": str(await self._speech.render(message))}
            case "export":
                await asyncio.to_thread(self._queue.export, str(message.get("id")))
                return {}
            case "job":
                await asyncio.to_thread(self._again, str(message.get("id")))
                return {}
            case "notices":
                await asyncio.to_thread(self._queue.deliver)
                return {}
            case "test-notice":
                await asyncio.to_thread(send_test, self._store, known_notifiers(), message)
                return {}
        raise UsageError(f"jobs do not know the question {message.get('op')!r}")

    def _health(self) -> Message:
        return {
            "jobs": "up",
            "store": "up" if self._tail.healthy and self._store_answers() else "down",
            "journal_lag_bytes": self._tail.lag(),
        }

    def _store_answers(self) -> bool:
        try:
            with self._store.read() as session:
                session.execute(text("SELECT version_num FROM alembic_version"))
            return True
        except UnavailableError:
            return False
