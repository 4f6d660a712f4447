"""The writer on a real disk: durability, rotation, a disk that refuses, one writer only."""

from __future__ import annotations

import errno
import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ccc.errors import ConfigError
from ccc.journal import START, Writer, read
from ccc.journal import writer as writer_module
from ccc.journal.segments import numbers, path_of


def records(folder: Path) -> list[dict]:
    return [record for record, _ in read(folder)]


def wait_for(condition, timeout_s: float = 5.0) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.01)


def test_append_is_readable_at_once_and_after_close(tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        writer.append({"k": "open", "id": "1", "caller": "张三"})
        assert records(tmp_path) == [{"k": "open", "id": "1", "caller": "张三"}]
        writer.append({"k": "close", "id": "1"})
    assert [record["k"] for record in records(tmp_path)] == ["open", "close"]


def test_rotation_keeps_order_and_positions_resume(tmp_path: Path) -> None:
    with Writer(tmp_path, segment_bytes=200) as writer:
        for n in range(100):
            writer.append({"k": "step", "n": n})
        assert len(numbers(tmp_path)) > 5
        everything = list(read(tmp_path))
        assert [record["n"] for record, _ in everything] == list(range(100))
        for index in (0, 37, 98):
            rest = [record["n"] for record, _ in read(tmp_path, everything[index][1])]
            assert rest == list(range(index + 1, 100))


def test_batch_is_one_write_and_survives_an_exception(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writes = []
    real = os.write
    with Writer(tmp_path) as writer:
        monkeypatch.setattr(os, "write", lambda fd, data: writes.append(fd) or real(fd, data))
        with pytest.raises(RuntimeError), writer.batch() as batch:
            batch.append({"n": 1})
            batch.append({"n": 2})
            raise RuntimeError
        assert writes.count(writer._fd) == 1
        assert records(tmp_path) == [{"n": 1}, {"n": 2}]


def test_a_restart_begins_a_new_segment_and_cuts_the_torn_tail(tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        writer.append({"n": 1})
        writer.append({"n": 2})
    last = path_of(tmp_path, 1)
    last.write_bytes(last.read_bytes()[:-3])
    with Writer(tmp_path) as writer:
        writer.append({"n": 3})
        assert records(tmp_path) == [{"n": 1}, {"n": 3}]
    assert not list(tmp_path.glob("*.corrupt"))


def test_damage_skips_the_rest_of_the_segment_aloud(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Writer(tmp_path) as writer:
        for n in range(3):
            writer.append({"n": n})
    with Writer(tmp_path) as writer:
        writer.append({"n": 3})
    first = path_of(tmp_path, 1)
    data = bytearray(first.read_bytes())
    data[len(data) // 3 + 10] ^= 1
    first.write_bytes(data)
    assert records(tmp_path) == [{"n": 0}, {"n": 3}]
    assert records(tmp_path) == [{"n": 0}, {"n": 3}]
    assert path_of(tmp_path, 1).with_name("00000001.seg.corrupt").read_bytes() == bytes(data)
    assert caplog.text.count("damaged") == 1


def test_two_writers_cannot_run(tmp_path: Path) -> None:
    with Writer(tmp_path), pytest.raises(ConfigError, match="another process"):
        Writer(tmp_path)
    Writer(tmp_path).close()


def test_a_folder_that_is_a_file_is_a_config_error(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("")
    with pytest.raises(ConfigError, match="cannot write the journal"):
        Writer(tmp_path / "journal")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_refusing_disk_keeps_records_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    real = os.write
    refuse = False

    def write(fd: int, data: bytes) -> int:
        if refuse:
            if len(data) > 12:
                return real(fd, data[:12])  # half a record gets through before the error
            raise OSError(code, os.strerror(code))
        return real(fd, data)

    seen: list[bool] = []
    with Writer(tmp_path) as writer:
        writer.on_health(seen.append)
        writer.append({"n": 0})
        monkeypatch.setattr(os, "write", write)
        refuse = True
        started = time.perf_counter()
        for n in range(1, 51):
            writer.append({"n": n})
        assert time.perf_counter() - started < 0.5
        assert not writer.healthy
        assert seen == [False]
        assert records(tmp_path) == [{"n": 0}]
        refuse = False
        wait_for(lambda: writer.healthy and seen == [False, True])
        writer.append({"n": 51})
    assert [record["n"] for record in records(tmp_path)] == list(range(52))
    assert writer.dropped == 0


def test_no_change_of_health_goes_untold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both threads change the health, hundreds of times here. A lost "healthy again" refuses new calls for ever."""
    real = os.write
    attempts = itertools.count()

    def every_fourth_fails(fd: int, data: bytes) -> int:
        if b"flaky" in data and next(attempts) % 4 == 0:
            raise OSError(errno.ENOSPC, "full")
        return real(fd, data)

    monkeypatch.setattr(writer_module, "RETRY_S", 0.0005)
    monkeypatch.setattr(writer_module, "SYNC_INTERVAL_S", 0.0)
    monkeypatch.setattr(os, "write", every_fourth_fails)
    seen: list[bool] = []
    with Writer(tmp_path) as writer:
        writer.on_health(seen.append)
        for n in range(1500):
            writer.append({"flaky": n})
            time.sleep(0.0002)
        monkeypatch.setattr(os, "write", real)
        wait_for(lambda: writer.healthy and seen[-1])
    assert seen == [bool(n % 2) for n in range(len(seen))]
    assert [record["flaky"] for record in records(tmp_path)] == list(range(1500))


def test_the_buffer_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(fd: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "full")

    with Writer(tmp_path, buffer_bytes=1000) as writer:
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", refuse)
            for n in range(1000):
                writer.append({"n": n})
            assert writer.dropped > 900
        wait_for(lambda: writer.healthy)
    found = [record["n"] for record in records(tmp_path)]
    assert found == list(range(len(found)))
    assert found


def test_a_deleted_folder_is_noticed_and_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    with Writer(folder) as writer:
        path_of(folder, 1).unlink()
        (folder / "lock").unlink()
        folder.rmdir()
        writer.append({"n": 1})
        wait_for(lambda: path_of(folder, 2).exists())
        writer.append({"n": 2})
        assert records(folder) == [{"n": 2}]


def test_fsync_failure_turns_unhealthy_and_recovers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(fd: int) -> None:
        raise OSError(errno.EIO, "bad disk")

    with Writer(tmp_path) as writer:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fdatasync", refuse)
            writer.append({"n": 1})
            wait_for(lambda: not writer.healthy)
        wait_for(lambda: writer.healthy)
        writer.append({"n": 2})
    assert records(tmp_path) == [{"n": 1}, {"n": 2}]


def test_kill_9_loses_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from ccc.journal import Writer\n"
        "w = Writer(Path(sys.argv[1]), segment_bytes=20000)\n"
        "n = 0\n"
        "while True:\n"
        "    w.append({'n': n}); sys.stdout.write(f'{n}\\n'); sys.stdout.flush(); n += 1\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    for _ in range(2000):
        child.stdout.readline()
    os.kill(child.pid, signal.SIGKILL)
    said = child.stdout.read().decode()
    child.wait()
    last = int(said.strip().splitlines()[-1]) if said.strip() else 1999
    found = [record["n"] for record in records(tmp_path)]
    assert found == list(range(len(found)))
    assert len(found) >= last


def test_append_is_cheap(tmp_path: Path) -> None:
    """30 us is the budget of a record; ten times that still passes on a busy machine, a per-record fsync does not."""
    record = {"k": "step", "id": "c" * 16, "n": 3, "node": "n1", "name": "Menu", "type": "menu", "entered_at": 1.5}
    with Writer(tmp_path) as writer:
        started = time.process_time()
        for _ in range(5000):
            writer.append(record)
        assert (time.process_time() - started) / 5000 < 300e-6
    assert sum(1 for _ in read(tmp_path, START)) == 5000
