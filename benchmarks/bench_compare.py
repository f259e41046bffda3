"""An experiment of nine arms over five seeds, 200 training cases each: how long it takes, and what the table says.

Run with `python -m benchmarks.bench_compare [--cases N] [--seeds N]`. Needs no key and no network. Target: under four
minutes on two processors that have nothing else to do.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ace.strategies.registry import strategy_names

ARMS = ("empty", "majority", "retry", "fewshot", "history", "episodic", "reflexion", "addonly", "ace")
TARGET = 240.0
"""Seconds."""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cases", type=int, default=200)
    asked.add_argument("--seeds", type=int, default=5)
    given = asked.parse_args()
    arms = [arm for arm in ARMS if arm in strategy_names()]
    if left := sorted(set(ARMS) - set(arms)):
        print(f"left out, because there is no such strategy: {', '.join(left)}")
    with tempfile.TemporaryDirectory() as folder:
        store = str(Path(folder) / "ace.db")
        options = ["--episodes", str(given.cases), "--eval", "200", "--seeds", str(given.seeds), "--store", store]
        began, used = time.monotonic(), os.times()
        ace = [sys.executable, "-m", "ace", "compare"]
        subprocess.run([*ace, "desk", "--arms", ",".join(arms), *options], check=True, stderr=subprocess.DEVNULL)
        seconds, after = time.monotonic() - began, os.times()
        processor = after.children_user + after.children_system - used.children_user - used.children_system
        began = time.monotonic()
        subprocess.run([*ace, "show", "--store", store], check=True, stdout=subprocess.DEVNULL)
        shown, size = time.monotonic() - began, Path(store).stat().st_size
    print(f"\n{len(arms)} arms x {given.seeds} seeds: {seconds:.0f} s; target {TARGET:.0f} s")
    print(f"processor time: {processor:.0f} s")
    print(f"the table again, from the store: {shown:.1f} s; the store: {size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
