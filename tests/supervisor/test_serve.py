"""What ``ccc serve`` refuses: one clear line, exit code 2, no trace back, nothing left running."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.calls.system import CCC, ROOT, free_port, running, wait_for


def arguments(home: Path, **changed: str) -> list[str]:
    """A command line that would work."""
    given = {
        "home": str(home),
        "http": f"127.0.0.1:{free_port(socket.SOCK_STREAM)}",
        "sip": f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}",
        "webrtc-port": str(free_port(socket.SOCK_DGRAM)),
        **changed,
    }
    return ["serve", *(part for name, value in given.items() for part in (f"--{name}", value))]


def serve(words: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CCC, *words], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )


def processes(mark: str) -> list[str]:
    """Command lines of living processes that name ``mark``."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it ended just now
            continue
        if mark in line:
            found.append(line)
    return found


def refused(words: list[str], home: Path) -> str:
    """The one line with which ``ccc serve`` ends."""
    done = serve(words)
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("ccc: "), done.stderr
    assert "Traceback" not in done.stderr and "Error" not in done.stderr
    assert done.stdout == ""
    wait_for("nothing left running", lambda: processes(str(home)) == [], 3)
    return done.stderr


@contextmanager
def taken(kind: int) -> Iterator[int]:
    """A port of 127.0.0.1 that somebody else has."""
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            sock.listen()
        yield sock.getsockname()[1]


@pytest.mark.parametrize(
    ("kind", "option", "what"),
    [
        (socket.SOCK_STREAM, "http", "HTTP"),
        (socket.SOCK_DGRAM, "sip", "SIP"),
        (socket.SOCK_DGRAM, "webrtc-port", "browser audio"),
    ],
    ids=["http", "sip", "browser audio"],
)
def test_port_in_use(short_dir: Path, kind: int, option: str, what: str) -> None:
    with taken(kind) as port:
        value = str(port) if option == "webrtc-port" else f"127.0.0.1:{port}"
        line = refused(arguments(short_dir / "i", **{option: value}), short_dir)
    assert f"{what} cannot listen on 127.0.0.1:{port}: address already in use" in line
    assert f"choose another with --{option}" in line


def test_an_address_of_another_machine(short_dir: Path) -> None:
    line = refused(arguments(short_dir / "i", sip="192.0.2.1:5060"), short_dir)
    assert "SIP cannot listen on 192.0.2.1:5060: cannot assign requested address" in line


def test_home_below_a_file(short_dir: Path) -> None:
    (short_dir / "file").write_text("not a folder")
    line = refused(arguments(short_dir / "file" / "i"), short_dir)
    assert f"cannot write to {short_dir}/file/i: Not a directory; choose another folder with --home" in line
    assert (short_dir / "file").read_text() == "not a folder"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_home_without_permission(short_dir: Path) -> None:
    short_dir.chmod(0o500)
    try:
        assert "ermission denied" in refused(arguments(short_dir / "i"), short_dir)
    finally:
        short_dir.chmod(0o700)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"drain_s = \n", "cannot be read: Invalid value (at line 1, column 11)"),
        (b"\xff\xfe", "cannot be read"),
        (b'colour = "red"\n', "unknown setting 'colour'; known are http"),
        (b'media_workers = "many"\n', "media_workers: 'many' is not a whole number"),
        (b"rtp_ports = 7\n", "rtp_ports: 7 is not FIRST-LAST"),
        (b'tls = "yes"\n', "tls: the only value is 'self'"),
    ],
    ids=["not TOML", "not text", "unknown setting", "not a number", "not a range", "not a choice"],
)
def test_wrong_config(short_dir: Path, text: bytes, reason: str) -> None:
    home = short_dir / "i"
    home.mkdir()
    (home / "config.toml").write_bytes(text)
    line = refused(arguments(home), short_dir)
    assert reason in line
    assert (home / "config.toml").read_bytes() == text


def test_wrong_option_value(short_dir: Path) -> None:
    assert "--http: 'nowhere' is not HOST:PORT" in refused(arguments(short_dir / "i", http="nowhere"), short_dir)


def test_a_certificate_that_is_none_ends_every_part(short_dir: Path) -> None:
    """Found by the web part, when the telephone side runs already."""
    missing = str(short_dir / "none.pem")
    words = arguments(short_dir / "i", **{"tls-cert": missing, "tls-key": missing})
    assert f"the certificate {missing} with key {missing} cannot be used" in refused(words, short_dir)


def test_second_serve_in_the_same_home() -> None:
    with running() as system:
        # jobs come last: /healthz does not wait for them
        before = wait_for("every part", lambda: parts if "jobs" in (parts := system.parts()) else None)
        done = serve(arguments(system.home.root))
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
        assert system.process is not None
        assert f"CCC is already running in {system.home.root} (pid {system.process.pid})" in done.stderr
        assert system.parts() == before and system.healthz()[0] == 200, "the first one goes on"
        assert system.stop() == 0
        assert processes(str(system.home.root)) == []
