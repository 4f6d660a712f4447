"""Where things of this installation lie: the ``instance/`` folder (``--home``)."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ccc.errors import ConfigError

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Home:
    """Paths inside the instance folder. Nothing else in CCC joins these names."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "ccc.db"

    @property
    def run(self) -> Path:
        """Unix sockets and pid files."""
        return self.root / "run"

    @property
    def prepared(self) -> Path:
        """Exists once the supervisor's ``ccc prepare`` is through: web and jobs may use the store."""
        return self.run / "prepared"

    @property
    def first_start(self) -> Path:
        """Exists while there is no user yet: the path of the page that makes the first one, with its code."""
        return self.run / "first-start"

    @property
    def journal(self) -> Path:
        return self.root / "journal"

    @property
    def tally(self) -> Path:
        """Today's figures of the live board, kept by the runtime."""
        return self.root / "journal" / "tally.json"

    @property
    def familiar(self) -> Path:
        """Who talked with whom last."""
        return self.root / "journal" / "familiar.jsonl"

    @property
    def exports(self) -> Path:
        """Call records as files, until they expire."""
        return self.root / "exports"

    @property
    def snapshot(self) -> Path:
        return self.root / "snapshot" / "current.json"

    @property
    def prompts(self) -> Path:
        """Rendered prompts: raw A-law, 8 kHz, ``<key>.al``."""
        return self.root / "audio" / "prompts"

    @property
    def uploads(self) -> Path:
        return self.root / "audio" / "uploads"

    @property
    def tables(self) -> Path:
        """Rows of lookup tables: one file for each import."""
        return self.root / "tables"

    @property
    def recordings(self) -> Path:
        return self.root / "recordings"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def config(self) -> Path:
        return self.root / "config.toml"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    def socket(self, name: str) -> Path:
        """The Unix socket of a process: ``runtime``, ``jobs``, ``rt`` (WebSockets), ``media-0`` ..."""
        return self.run / f"{name}.sock"

    def create(self) -> None:
        """Make the folders, private to the user. ConfigError when that is not allowed."""
        try:
            for folder in (
                self.root,
                self.run,
                self.journal,
                self.snapshot.parent,
                self.prompts,
                self.uploads,
                self.tables,
                self.recordings,
                self.secrets,
                self.logs,
                self.cache,
                self.exports,
            ):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise ConfigError(
                f"cannot write to {self.root}: {error.strerror}; choose another folder with --home"
            ) from error
        if not os.access(self.root, os.W_OK):
            raise ConfigError(f"cannot write to {self.root}: permission denied; choose another folder with --home")

    def secret(self, name: str, length: int = 32) -> bytes:
        """A key of this installation, made on first use (0600, atomic). ConfigError when the file is damaged."""
        path = self.secrets / name
        if not path.exists():
            _make_secret(path, length)
        key = path.read_bytes()
        if len(key) < length:
            raise ConfigError(f"{path} is damaged; delete it and start again (who is signed in signs in anew)")
        return key


def _make_secret(path: Path, length: int) -> None:
    """Whole and on disk before it has its name: several threads and processes may make it at once."""
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(length))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        Path(temporary).unlink()


def default_home() -> Home:
    """``CCC_HOME`` or ``instance/`` beside the package."""
    return Home(Path(os.environ.get("CCC_HOME", PROJECT / "instance")).resolve())
