"""Whether the intervals of comparisons hold the truth: simulated experiments over seeds and tasks, with known truth.

An outcome is a success whose chance depends on the seed, the task and the arm; what is estimated is the change between two arms
on the same seeds and tasks. Beside each interval stands a plain bootstrap over seeds, which is what is usually shown.

python benchmarks/bench_intervals.py           2,000 experiments at each size, some five minutes
python benchmarks/bench_intervals.py --quick   300
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from math import exp

from common import show

from ace.statistics.crossed import estimate
from ace.statistics.significance import holm

TASKS, ARMS = 40, 4
SPREADS = {"seeds alike": (0.0, 1.0), "seeds differ": (0.5, 1.0), "seeds differ much": (1.0, 1.0)}
"""Standard deviations of the log odds of success: of an arm by seed, and of a task."""
CHANGE = 1.0
"""By how much an arm that helps raises the log odds."""
Rows = list[list[float]]


def experiment(rng: random.Random, seeds: int, spread: tuple[float, float], changes: Sequence[float]) -> list[Rows]:
    """Outcomes of a baseline and of an arm for each of `changes`, on the same seeds and tasks."""
    tasks = [rng.gauss(0, spread[1]) for _ in range(TASKS)]
    return [[_row(rng, tasks, change + rng.gauss(0, spread[0])) for _ in range(seeds)] for change in (0.0, *changes)]


def _row(rng: random.Random, tasks: Sequence[float], shift: float) -> list[float]:
    return [float(rng.random() < 1 / (1 + exp(-(task + shift)))) for task in tasks]


def difference(arm: Rows, base: Rows) -> Rows:
    return [[a - b for a, b in zip(x, y, strict=True)] for x, y in zip(arm, base, strict=True)]


def bootstrap(rng: random.Random, rows: Rows, rounds: int = 200) -> tuple[float, float]:
    means = [sum(row) / len(row) for row in rows]
    drawn = sorted(sum(rng.choices(means, k=len(means))) / len(means) for _ in range(rounds))
    return drawn[int(0.025 * rounds)], drawn[int(0.975 * rounds) - 1]


def truth(spread: tuple[float, float]) -> float:
    """The true change in success, by many draws."""
    rng, n, total = random.Random(0), 200_000, 0.0
    for _ in range(n):
        task = rng.gauss(0, spread[1])
        total += 1 / (1 + exp(-(task + CHANGE + rng.gauss(0, spread[0])))) - 1 / (1 + exp(-(task + rng.gauss(0, spread[0]))))
    return total / n


def coverage(name: str, seeds: int, rounds: int) -> bool:
    """How often intervals hold the true change, and how often any of four arms without an effect is told to have one."""
    spread, rng = SPREADS[name], random.Random(seeds)
    true, held, plain, width, wrong = truth(spread), 0, 0, 0.0, 0
    for _ in range(rounds):
        base, arm = experiment(rng, seeds, spread, [CHANGE])
        rows = difference(arm, base)
        interval = estimate(rows).interval
        assert interval is not None
        held += interval[0] <= true <= interval[1]
        width += interval[1] - interval[0]
        low, high = bootstrap(rng, rows)
        plain += low <= true <= high
    for _ in range(rounds):
        base, *arms = experiment(rng, seeds, spread, [0.0] * ARMS)
        p = [estimate(difference(arm, base)).p for arm in arms]
        wrong += min(holm([x for x in p if x is not None])) <= 0.05
    where = f"{seeds} seeds, {name}"
    show(f"{where}: width of the interval", width / rounds)
    show(f"{where}: a bootstrap over seeds holds the truth", plain / rounds)
    return all(
        [
            show(f"{where}: the interval holds the truth", held / rounds, 0.94, least=True, digits=3),
            show(f"{where}: any false effect among {ARMS} arms", wrong / rounds, 0.06, digits=3),
        ]
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="300 experiments at each size")
    rounds = 300 if parser.parse_args().quick else 2_000
    met = [coverage(name, seeds, rounds) for name in SPREADS for seeds in (2, 3, 5, 10)]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
