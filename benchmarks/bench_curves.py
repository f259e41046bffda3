"""Learning curves of the novice in environments of others: success at held-out cases after so many training cases.

openenv    the parcel counter of examples/openenv_server.py, behind its WebSocket: three counters, three seeds each
traces     the desk, from attempts of a clerk who answers by chance, written to a file of messages: three desks, two clerks each
gymnasium  blackjack, ten seeds

Each point of `openenv` and `gymnasium` is an experiment of its own (`ace compare`) over the same held-out cases, with the
controls `empty`, `majority` and `oracle-book`; `traces` reads one file further and further (`ace learn --from FILE --limit N`)
and measures each time.

python benchmarks/bench_curves.py FAMILY          one to five minutes; needs the family's extra (traces needs none)
python benchmarks/bench_curves.py FAMILY --quick  the first and the last point, with one seed
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from common import ROOT, show

import ace
from ace.environments.desk import Desk
from ace.types import Observation, Outcome, Task

TRAINING = {"openenv": (10, 25, 50, 100, 200), "traces": (0, 50, 100, 200, 300), "gymnasium": (20, 50, 100, 160)}
LOOKS_FIRST, TAKES_A_STEP = 0.9, 0.3
"""How often the clerk looks all records up, and takes a step before it answers."""
Point = dict[str, list[float]]
"""Success by arm, one figure a run."""


def said(folder: Path, *arguments: str) -> Any:
    """What `ace ARGUMENTS --json` prints, with a store in `folder`."""
    surroundings = {**os.environ, "ACE_STORE": str(folder / "ace.db"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "ace", *arguments, "--json"]
    return json.loads(subprocess.run(command, cwd=folder, env=surroundings, check=True, capture_output=True).stdout)


def compared(folder: Path, environment: Sequence[str], episodes: int, seeds: int, arms: str) -> Point:
    """Success of the arms after `episodes` training cases, a figure for each seed."""
    found = said(folder, "compare", *environment, "--arms", arms, "--seeds", str(seeds), "--episodes", str(episodes))
    return {a["arm"]: [statistics.mean(o.values()) for o in a["outcomes"].values()] for a in found["arms"]}


@contextmanager
def counter(house: int, folder: Path) -> Iterator[list[str]]:
    """The parcel counter's server; gives what names the environment."""
    spec = importlib.util.spec_from_file_location("openenv_server", ROOT / "examples" / "openenv_server.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rules = folder / f"rules-{house}.txt"
    rules.write_text("\n".join(module.House(house).lines()), encoding="utf-8")
    with module.server(module.House(house), 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        yield ["openenv", "--set", f"url={url}", "--set", f"rules={rules}", "--eval", "100"]
        server.shutdown()


def openenv(folder: Path, episodes: int, quick: bool) -> Point:
    point: Point = {}
    for house in (1,) if quick else (1, 2, 3):
        with counter(house, folder) as environment:
            for arm, rates in compared(
                folder, environment, episodes, 1 if quick else 3, "empty,majority,oracle-book,ace"
            ).items():
                point.setdefault(arm, []).extend(rates)
    return point


def gymnasium(folder: Path, episodes: int, quick: bool) -> Point:
    environment = ["gymnasium", "--set", "game=blackjack"]
    return compared(folder, environment, episodes, 1 if quick else 10, "empty,majority,oracle-book,ace")


def traces(folder: Path, episodes: int, quick: bool) -> Point:
    """What is learned from the first `episodes` attempts in the files of the clerks."""
    rates = []
    for world, clerk in ((1, 0),) if quick else [(world, clerk) for world in (1, 2, 3) for clerk in (0, 1)]:
        file, name = folder / f"clerk-{world}-{clerk}.jsonl", f"desk-{world}-{clerk}"
        if not file.exists():
            file.write_text("".join(recorded(world, clerk, max(TRAINING["traces"]))), encoding="utf-8")
            with ace.open(name, store=folder / "ace.db"):
                """An empty playbook, the control of the first point."""
        if episodes:
            before = 0 if quick else max(n for n in TRAINING["traces"] if n < episodes)
            said(folder, "learn", name, "--from", str(file), "--limit", str(episodes - before))
        found = said(folder, "eval", "desk", "--set", f"world={world}", "--playbook", name)
        rates.append(found["success"]["success"])
    return {"from the file": rates}


def recorded(world: int, clerk: int, attempts: int) -> Iterator[str]:
    """The clerk's attempts, a row of messages each."""
    desk, draw = Desk(world=world), random.Random(clerk)
    for task in islice(desk.tasks("train"), attempts):
        yield json.dumps(attempt(desk, task, draw)) + "\n"


def attempt(desk: Desk, task: Task, draw: random.Random) -> dict[str, object]:
    scene = desk.open(task, 0)
    seen: Observation | Outcome = scene.first
    left = list(desk.lookups) if draw.random() < LOOKS_FIRST else []
    if draw.random() < TAKES_A_STEP:
        left.append(draw.choice([a for a in scene.first.actions if a not in desk.lookups]))
    left.append(draw.choice(scene.first.answers))
    messages = [{"role": "user", "content": scene.first.text}]
    for action in left:
        messages.append({"role": "assistant", "content": action})
        seen = scene.act(action)
        if isinstance(seen, Outcome):
            return {"id": task.id, "messages": messages, "success": seen.success}
        messages.append({"role": "user", "content": seen.text})
    raise AssertionError("an answer ends the case")


FAMILIES: dict[str, Callable[[Path, int, bool], Point]] = {"openenv": openenv, "traces": traces, "gymnasium": gymnasium}


def main() -> int:
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("family", choices=sorted(FAMILIES))
    wanted.add_argument("--quick", action="store_true", help="the first and the last point, with one seed")
    given = wanted.parse_args()
    points = TRAINING[given.family]
    with tempfile.TemporaryDirectory() as place:
        for episodes in (points[0], points[-1]) if given.quick else points:
            for arm, rates in FAMILIES[given.family](Path(place), episodes, given.quick).items():
                runs = f"{len(rates)} runs, {100 * min(rates):.0f} to {100 * max(rates):.0f}"
                show(f"{episodes:>4} cases, {arm} ({runs})", 100 * statistics.mean(rates), unit=" %", digits=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
