"""The search for lists of rules: what it takes as attempts grow, and how good its lists are.

python benchmarks/bench_candidates.py

Attempts at hidden worlds are right in half of the cases and by chance in the others, and a fifth of the verdicts is flipped.
Each line is the mean over the worlds: processor time of one search from nothing, with the conditions drawn and the attempts
chosen, and the share of 1,000 held-out cases that the best list gets right.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from common import show
from counting import level, tasks
from hidden_worlds import Hidden

from ace.evidence.candidates import candidates
from ace.evidence.cases import PastCase
from ace.playbooks.triggers.conditions import CaseView
from ace.playbooks.triggers.facts import Facts
from ace.playbooks.triggers.trigger import Plan, Trigger

SKILL, NOISE = 0.5, 0.2
TARGETS = {30: 300.0, 100: 300.0, 300: 300.0, 3000: 360.0}
"""Milliseconds at most by attempts: flat, so 3,000 may take a fifth more than 300."""
CROWD = 3000
"""Facts of each case in the last line."""


def attempts(world: Hidden, n: int) -> list[PastCase]:
    rng, made = random.Random(f"attempts {world.world}"), []
    for task in tasks(world, "train", n):
        answer = world.rules.right(task.data) if rng.random() < SKILL else rng.choice(world.domain.answers)
        case = world.past_case(task, answer)
        made.append(replace(case, won=case.won != (rng.random() < NOISE)))
    return made


def crowded(n: int) -> list[PastCase]:
    """Attempts that name thousands of facts and turn on none."""
    rng = random.Random(0)
    views = [CaseView.of(Facts({f"fact {i}": float(rng.randrange(20)) for i in range(CROWD)})) for _ in range(n)]
    return [PastCase(view, Plan(rng.choice("abcdef")), rng.random() < 0.3) for view in views]


def searched(cases: list[PastCase], seed: int) -> tuple[float, Sequence[Trigger]]:
    """Milliseconds of processor time that one search takes, and the best list found."""
    began = time.process_time()
    found = candidates(cases, seed=seed, most=1)
    return 1000 * (time.process_time() - began), found[0].rules


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=6)
    parser.add_argument("--first", type=int, default=0, help="the first world")
    options = parser.parse_args()
    worlds = [Hidden(world=w) for w in range(options.first, options.first + options.worlds)]
    met = []
    for n, target in TARGETS.items():
        found = [searched(attempts(world, n), world.world) for world in worlds]
        right = statistics.mean(level(world, rules) for world, (_, rules) in zip(worlds, found, strict=True))
        taken = statistics.mean(ms for ms, _ in found)
        met.append(show(f"{n} attempts: one search", taken, target, unit=" ms", digits=0))
        show(f"{n} attempts: right on held-out cases", right)
    show(f"300 attempts with {CROWD} facts each: one search", searched(crowded(300), 0)[0], unit=" ms", digits=0)
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
