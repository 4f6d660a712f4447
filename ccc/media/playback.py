"""What a leg is made to hear by the clock: one prompt list at a time, and keys that go before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ccc.errors import InvalidError
from ccc.media.outbound import Outbound
from ccc.media.player import KeySender, Player, key_tones, sequence
from ccc.media.poller import Poller, Timer
from ccc.media.prompts import Frames, PromptCache, silence
from ccc.media.rtp import FRAME_S
from ccc.media.ticker import Ticker

MAX_SILENCE_MS = 3_600_000
Item = str | dict[str, int]
PlayId = str | int
Played = Callable[[PlayId, str, str | None], None]
KEY_TONES = -1
"""Stands for the play id of keys sent as tones: nobody is told of their end."""


class Playback:
    """``played(play_id, why, message)`` is called exactly once for each :meth:`play`, with the id as it was given."""

    __slots__ = ("_cache", "_clocked", "_keys", "_out", "_play_id", "_player", "_poller", "_ticker", "_timer", "played")

    def __init__(self, poller: Poller, ticker: Ticker, cache: PromptCache, out: Outbound, played: Played) -> None:
        self._poller = poller
        self._ticker = ticker
        self._cache = cache
        self._out = out
        self.played: Played | None = played
        self._play_id: PlayId | None = None
        self._player: Player | None = None
        self._keys: KeySender | None = None
        self._clocked: Player | KeySender | None = None
        """Which of the two the ticker has."""
        self._timer: Timer | None = None

    @property
    def busy(self) -> bool:
        return self._play_id is not None

    def play(self, play_id: PlayId, items: list[Item], times: int) -> None:
        """Play ``items`` (paths of A-law files, or ``{"silence_ms": n}``) instead of what plays; ``times`` 0: endless.

        Files that are in memory start at once; others are read in the loader's thread first.
        """
        self.stop()
        self._play_id = play_id
        try:
            _check(items, times)
        except InvalidError as error:
            self._finish("error", error.message)
            return
        self._resolve(play_id, items, times, missing=[path for path in items if isinstance(path, str)])

    def _resolve(self, play_id: PlayId, items: list[Item], times: int, missing: list[str]) -> None:
        """Begin when every file is in memory, else load the first that is not and look again."""
        now, pt = self._poller.now, self._out.pt
        resolved: list[Frames] = []
        for item in items:
            frames = self._cache.get(item, pt, now) if isinstance(item, str) else silence(item["silence_ms"], pt)
            if frames is None:
                assert isinstance(item, str)
                self._load(play_id, items, times, item, missing)
                return
            resolved.append(frames)
        if not any(resolved):
            self._finish("error", "nothing to play: the audio is empty")
            return
        self._begin(sequence(resolved, times))

    def _load(self, play_id: PlayId, items: list[Item], times: int, path: str, missing: list[str]) -> None:
        if path not in missing:  # loaded a moment ago and already gone
            self._finish("error", f"{path} does not fit into the prompt cache together with the others")
            return
        still = [other for other in missing if other != path]

        def loaded(error: Exception | None) -> None:
            if self._play_id != play_id or self._player is not None:
                return
            if error is not None:
                self._finish("error", f"cannot play {path}: {getattr(error, 'strerror', None) or error}")
            else:
                self._resolve(play_id, items, times, still)

        self._cache.load(path, self._poller.now, loaded)

    def _begin(self, frames: Iterator[bytes]) -> None:
        assert self._play_id is not None
        self._player = Player(self._out, frames, self._player_ended)
        self._out.busy = True
        if self._keys is None:
            self._start_player()

    def _start_player(self) -> None:
        """Send the first frame now; only one that would come more than 20 ms early waits (two plays within a frame)."""
        now, player = self._poller.now, self._player
        ready_at = self._out.ready_at(now)
        if ready_at > now + 0.0005:
            self._timer = self._poller.call_at(ready_at, self._start_player)
            return
        self._timer = None
        if player is None:
            return
        if player.begin(now):
            self._clock(player, now, self._out.next_at)
        else:
            self._player_ended(now)

    def _clock(self, item: Player | KeySender, now: float, first_at: float) -> None:
        self._clocked = item
        self._ticker.join(item, now, first_at)

    def _player_ended(self, now: float) -> None:
        self._clocked = self._player = None
        self._out.busy = self._keys is not None
        self._finish("done", None)

    def _finish(self, why: str, message: str | None) -> None:
        play_id, self._play_id = self._play_id, None
        if play_id is not None and play_id != KEY_TONES and self.played is not None:
            self.played(play_id, why, message)

    def stop(self) -> None:
        """Stop what plays; keys being sent go on. Harmless when nothing plays."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._player is not None:
            if self._clocked is self._player:
                self._ticker.leave(self._player)
                self._clocked = None
            self._player = None
            self._out.busy = self._keys is not None
        self._finish("stopped", None)

    def send_keys(self, keys: str) -> None:
        """Send keys to the leg: as telephone-events, or as tones when it knows none. A prompt waits meanwhile."""
        if self._keys is not None:
            self._keys.add(keys)
            return
        if self._out.dtmf_pt is None:
            self._play_key_tones(keys)
            return
        if self._player is not None and self._clocked is self._player:
            self._ticker.leave(self._player)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._keys = KeySender(self._out, keys, self._keys_sent)
        self._out.busy = True
        if self._keys.begin(self._poller.now):
            self._clock(self._keys, self._poller.now, self._poller.now + FRAME_S)

    def _play_key_tones(self, keys: str) -> None:
        """In-band keys replace what plays."""
        self.stop()
        frames = key_tones(keys, self._out.pt)
        self._play_id = KEY_TONES
        self._begin(iter(frames))

    def _keys_sent(self, now: float) -> None:
        self._clocked = self._keys = None
        if self._player is not None:
            self._start_player()
        else:
            self._out.busy = False

    def close(self) -> None:
        """Stop everything and forget the leg."""
        self.stop()
        if self._keys is not None:
            self._ticker.leave(self._keys)
            self._keys = None
        self._clocked = None
        self.played = None


def _check(items: Any, times: Any) -> None:
    """InvalidError unless ``items`` is a list of paths and silences and ``times`` a count."""
    if not isinstance(items, list) or not items:
        raise InvalidError("play needs files: a list of paths and silences", field="files")
    for item in items:
        ms = item.get("silence_ms") if isinstance(item, dict) else None
        if not isinstance(item, str) and (not isinstance(ms, int) or not 0 <= ms <= MAX_SILENCE_MS):
            raise InvalidError(f"{item!r} is neither a path nor a silence", field="files")
    if not isinstance(times, int) or times < 0:
        raise InvalidError(f"repeat must be 0 (endless) or a count, not {times!r}", field="repeat")
