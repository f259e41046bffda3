"""What a run makes of a server that fails in every way: whether it ends in time, keeps its books, and what it learns from.

It needs the loopback model server and the formula questions, as bench_formula.py does, and is skipped, saying so, where either
is absent. The first run meets every fault there is; the second a server so overloaded that requests are given up. A run that
takes such a server for gone stops, and is resumed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from bench_formula import model_server
from common import data, show

from ace.memory.store import Store

EVERY_FAULT = "429:0.1,500:0.05,hang:0.01,truncated:0.05,malformed:0.1,empty:0.05"
OVERLOADED = "429:0.6"
TIMEOUT = 5
"""Seconds for one request."""
DEADLINE = 120
"""Seconds that a run may take in all."""
COUNTED = {"prompt": "prompt_tokens", "cached": "cached_tokens", "completion": "completion_tokens"}


def measured(script: Path, rows: Path, faults: str, *more: str) -> bool:
    run = ["run", "dataset", "--set", f"train={rows / 'train.jsonl'}", "--set", f"eval={rows / 'val.jsonl'}"]
    run += ["--set", "scorer=numeric", "--model", "openai/bench", "--timeout", str(TIMEOUT), "--max-seconds", str(DEADLINE)]
    print(f"-- {faults}")
    with tempfile.TemporaryDirectory() as folder, model_server(script, "--faults", faults) as address:
        began = time.perf_counter()
        result, stops = finished(folder, *run, *more, "--api-base", f"{address}/v1")
        took = time.perf_counter() - began
        with urllib.request.urlopen(f"{address}/stats") as answer:
            stats = json.load(answer)
        with Store.open(Path(folder) / "formula.db") as store:
            invalid = store.episodes(verdict="invalid", limit=None)
            learned_from = sum(bool(store.reflections(e.id)) for e in invalid)
            kept = store.usage(result["run"]).as_json()
    print(", ".join(f"{name} {count}" for name, count in stats["faults"].items()))
    show("times the run stopped and was resumed", stops, digits=0)
    show("requests at the server", stats["requests"], digits=0)
    show("cases marked invalid", len(invalid), digits=0)
    show("replies that could not be read", sum(n for form, n in result["replies"].items() if form != "clean"), digits=0)
    met = [
        show("wall time, start-up included", took, DEADLINE, unit=" s"),
        show("invalid cases learned from", learned_from, 0, digits=0),
        show("replies in the journal off the server's", _off(sum(result["replies"].values()), stats["total"]["calls"]), 0),
    ]
    for what, books in (("ledger", result["usage"]), ("store", kept)):
        met += [show(f"{what}: {name} off the server's", off, 0, digits=0) for name, off in _differences(books, stats).items()]
    return all(met)


def finished(folder: str, *command: str) -> tuple[Any, int]:
    """What `ace` says of a run once it is done, and how often it stopped before."""
    for stops in range(10):
        done = subprocess.run(
            [sys.executable, "-m", "ace", *command, "--store", "formula.db", "--json"],
            cwd=folder,
            env={**os.environ, "OPENAI_API_KEY": "loopback"},
            capture_output=True,
            text=True,
        )
        if done.returncode == 0:
            return json.loads(done.stdout), stops
        if done.returncode != 1:
            break
        command = ("run", "resume")
    raise SystemExit(done.stderr)


def _differences(books: dict[str, Any], stats: dict[str, Any]) -> dict[str, int]:
    """By how much what we counted is off what the server did."""
    tokens = {name: _off(books[ours], stats["total"][name]) for name, ours in COUNTED.items()}
    return {"requests": _off(books["calls"], stats["requests"]), **{f"{name} tokens": off for name, off in tokens.items()}}


def _off(ours: int, theirs: int) -> int:
    return abs(ours - theirs)


def main() -> int:
    folder = data()
    script = Path(os.environ.get("ACE_MODEL_SERVER") or (folder or Path()).parent / "bench" / "model_server.py")
    if folder is None or not script.is_file():
        print(f"skipped: no model server at {script}; set ACE_MODEL_SERVER", file=sys.stderr)
        return 0
    rows = folder / "formula"
    met = [
        measured(script, rows, EVERY_FAULT, "--episodes", "100", "--eval", "100"),
        measured(script, rows, OVERLOADED, "--episodes", "40", "--eval", "40"),
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
