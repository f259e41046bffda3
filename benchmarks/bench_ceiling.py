"""What `ace ceiling` finds on planted tasks: ordinary gains beside injected ones, whose truth is known.

Of 200 tasks the base wins 20 never (injected: the agent with the playbook wins 8 of 10 attempts), 40 a little and the agent
clearly more often (ordinary gains), and 140 as often as the agent does. A false discovery of `gained` is a task whose rate did
not rise; one of `not seen from the base` is a task whose rate without the playbook is above the rate p0 that its attempts
exclude. Beside it stands the count that is usually shown: tasks that the base never won and the agent did.

python benchmarks/bench_ceiling.py           400 experiments at each number of attempts, under a minute
python benchmarks/bench_ceiling.py --quick   60
"""

from __future__ import annotations

import argparse
import random
import sys

from common import show

from ace.experiments.ceiling.reach import AgentAttempts, ceiling
from ace.results.attempts import TaskAttempts
from ace.statistics.ceiling import excluded_rate

INJECTED, ORDINARY, UNCHANGED = 20, 40, 140
RISEN = 0.8
Rates = list[tuple[float, float]]
"""Of each task: the base's rate of success, and that with the playbook."""


def planted(rng: random.Random) -> Rates:
    """Injected gains first, then ordinary ones, then tasks at which nothing changes, many of them hard."""
    ordinary = [(base, base + 0.4) for base in (rng.uniform(0.02, 0.4) for _ in range(ORDINARY))]
    unchanged = [(rate, rate) for rate in (rng.betavariate(0.5, 1.5) for _ in range(UNCHANGED))]
    return [(0.0, RISEN)] * INJECTED + ordinary + unchanged


def played(rng: random.Random, rates: list[float], n: int) -> AgentAttempts:
    wins = [sum(rng.random() < rate for _ in range(n)) for rate in rates]
    return AgentAttempts("", "", [TaskAttempts(str(i), str(i), won, n, 0, 2) for i, won in enumerate(wins)])


def measure(n: int, rounds: int) -> bool:
    """Figures at `n` attempts, averaged over experiments."""
    rng, bound = random.Random(n), excluded_rate(n)
    gained = false = unseen = above = found = ordinary = naive = naive_false = 0.0
    for _ in range(rounds):
        rates = planted(rng)
        base, adapted = (played(rng, [r[side] for r in rates], n) for side in (0, 1))
        result = ceiling(n, base, adapted)
        assert result is not None
        assert result.against is not None
        a = result.against
        chosen = [rates[int(c.task)] for c in a.gained]
        gained += len(chosen)
        false += sum(after <= before for before, after in chosen) / max(1, len(chosen))
        ordinary += sum(before > 0 and after > before for before, after in chosen)
        never = [int(c.task) for c in a.unseen]
        unseen += len(never)
        above += sum(rates[i][0] > bound for i in never) / max(1, len(never))
        found += sum(i < INJECTED for i in never)
        plain = [i for i, (b, x) in enumerate(zip(base.tasks, adapted.tasks, strict=True)) if b.won == 0 and x.won]
        naive += len(plain)
        naive_false += sum(rates[i][1] <= rates[i][0] for i in plain)
    show(f"{n} attempts: tasks gained, of {INJECTED + ORDINARY} planted", gained / rounds, digits=1)
    show(f"{n} attempts: of the {ORDINARY} ordinary gains", ordinary / rounds, digits=1)
    show(f"{n} attempts: the rate p0 that they exclude", bound, digits=3)
    show(f"{n} attempts: not seen from the base", unseen / rounds, digits=1)
    show(f"{n} attempts: injected ones among them, of {INJECTED}", found / rounds, digits=1)
    show(f"{n} attempts: won now and never by the base, without a test", naive / rounds, digits=1)
    show(f"{n} attempts: of these, tasks at which nothing changed", naive_false / rounds, digits=1)
    return all(
        [
            show(f"{n} attempts: false discoveries of gained", false / rounds, 0.1, digits=3),
            show(f"{n} attempts: not seen from the base, but above p0", above / rounds, 0.1, digits=3),
        ]
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="60 experiments at each number of attempts")
    rounds = 60 if parser.parse_args().quick else 400
    met = [measure(n, rounds) for n in (8, 16, 64)]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
