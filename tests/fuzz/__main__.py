"""``make fuzz``: 100,000 mutated messages for each parser; no unexpected exception, RSS grows by less than 10 MB.

A target is a module beside this file with ``SEEDS`` (valid messages), ``EXPECTED`` (the exceptions that mean "refused")
and ``feed(data)``; ``MUTATE`` may replace the way messages are damaged.
Usage: ``python -m tests.fuzz [--count N] [--seed N] [TARGET ...]``.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import random
import secrets
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.mutate import mutate

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in HERE.glob("target_*.py"))
WARM_UP = 5_000
RSS_LIMIT_MB = 10.0


@dataclass(frozen=True)
class Target:
    """One parser under test."""

    name: str
    seeds: Sequence[bytes]
    expected: tuple[type[Exception], ...]
    feed: Callable[[bytes], object]
    mutate: Callable[[bytes, bytes, random.Random], bytes]


def load(name: str) -> Target:
    """The target in ``target_NAME.py``."""
    module = importlib.import_module(f"tests.fuzz.{name}")
    return Target(name.removeprefix("target_"), module.SEEDS, module.EXPECTED, module.feed,
                  getattr(module, "MUTATE", mutate))  # fmt: skip


def rss_mb() -> float:
    """Resident memory of this process."""
    with Path("/proc/self/statm").open() as file:
        return int(file.read().split()[1]) * 4096 / 1e6


def run(target: Target, count: int, seed: int) -> tuple[int, float]:
    """Feed ``count`` messages: (how many were refused, RSS growth in MB after warming up). Raises what surprised."""
    rng = random.Random(seed)
    accepted = sum(_accepts(target, seed_message) for seed_message in target.seeds)
    assert accepted, f"{target.name}: every seed is refused"
    refused, before = 0, 0.0
    for number in range(count):
        if number == min(WARM_UP, count // 2):
            gc.collect()
            before = rss_mb()
        data = target.mutate(rng.choice(target.seeds), rng.choice(target.seeds), rng)
        try:
            refused += not _accepts(target, data)
        except Exception:
            print(f"{target.name}: message {number} of seed {seed} broke the parser:\n{data!r}", file=sys.stderr)
            raise
    gc.collect()
    return refused, rss_mb() - before


def _accepts(target: Target, data: bytes) -> bool:
    try:
        target.feed(data)
    except target.expected:
        return False
    return True


def main() -> int:
    """Run the named targets, or all; 1 when one failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", help="names without 'target_'; all when none is given")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    options = parser.parse_args()
    wanted = [f"target_{name}" for name in options.targets] or NAMES
    failed = 0
    for name in wanted:
        target, began = load(name), time.monotonic()
        try:
            refused, grown = run(target, options.count, options.seed)
        except Exception:
            traceback.print_exc()
            failed += 1
            continue
        good = grown < RSS_LIMIT_MB
        failed += not good
        print(
            f"{'ok  ' if good else 'FAIL'} {target.name:12} {options.count:,} messages, {refused:,} refused, "
            f"RSS {grown:+.1f} MB, {time.monotonic() - began:.0f} s, seed {options.seed}",
            flush=True,
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
