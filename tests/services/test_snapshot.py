"""The export: grows always, whole always, two exporters take turns, the runtime is told."""

from __future__ import annotations

import socket
import threading
import time

from sqlalchemy import update

from ccc.bus import Reader, pack
from ccc.services.snapshot import export_if_stale, export_snapshot
from ccc.snapshot import load
from ccc.store import Store
from ccc.store.models import Instance


def test_the_counter_grows_even_when_the_file_is_lost(store: Store) -> None:
    first = export_snapshot(store)
    store.home.snapshot.unlink()
    second = export_snapshot(store)
    store.home.snapshot.write_bytes(b"broken")
    third = export_snapshot(store)
    assert first < second < third == load(store.home.snapshot).counter


def test_a_change_whose_process_died_before_the_export_reaches_the_telephone_side(store: Store) -> None:
    first = export_snapshot(store)
    assert not export_if_stale(store) and load(store.home.snapshot).counter == first
    with store.write() as session:
        session.execute(update(Instance).values(title="later"))
    assert export_if_stale(store) and not export_if_stale(store)
    assert {each.title for each in load(store.home.snapshot).instances} == {"later"}
    store.home.snapshot.write_bytes(b"broken")
    assert export_if_stale(store) and load(store.home.snapshot).counter > first


def test_exporters_take_turns(store: Store) -> None:
    counters: list[int] = []

    def work() -> None:
        counters.extend(export_snapshot(store) for _ in range(10))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counters) == list(range(1, 41))
    assert load(store.home.snapshot).counter == 40


def test_the_runtime_is_told_and_a_deaf_one_delays_little(store: Store) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(store.home.socket("runtime")))
    listener.listen()
    heard: list[dict] = []

    def runtime() -> None:
        connection, _ = listener.accept()
        with connection:
            heard.extend(Reader().feed(connection.recv(1000)))
            connection.sendall(pack({"counter": 1}))

    thread = threading.Thread(target=runtime)
    thread.start()
    export_snapshot(store)
    thread.join()
    assert heard == [{"op": "snapshot"}]
    started = time.monotonic()
    export_snapshot(store)  # accepted by the kernel, never answered
    assert time.monotonic() - started < 3
    listener.close()
    export_snapshot(store)  # nobody listens any more
