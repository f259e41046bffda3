"""The search alone on hidden worlds: what wins and losses of 30 cases hold, without any model.

python benchmarks/bench_search.py                       six worlds x two seeds, 0, 1, 2, 3 and 5 retries
python benchmarks/bench_search.py --worlds 12 --seeds 3

Success is on 1,000 held-out cases. `blind`: every answer by chance and one search at the end. `led`: batches of five, each
played by the rules found so far. `revealed`: the right answers of the same 30 cases are known.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from statistics import mean

from counting import blind, learned, level, revealed
from hidden_worlds import Hidden, Level

RETRIES = (0, 1, 2, 3, 5)


@dataclass(frozen=True, slots=True)
class Found:
    """Held-out success and attempts by way and number of retries, and the longest search in seconds."""

    world: int
    seed: int
    success: dict[tuple[str, int], float]
    attempts: dict[tuple[str, int], int]
    seconds: float


def tried(place: tuple[int, int, int, Level]) -> Found:
    number, seed, cases, hard = place
    world, began = Hidden(world=number, level=hard), time.process_time()
    success = {("revealed", 0): level(world, revealed(world, seed, cases))}
    seconds, attempts = time.process_time() - began, {("revealed", 0): cases}
    for retries in RETRIES:
        for way, learn in (("blind", blind), ("led", learned)):
            rules, attempts[way, retries] = learn(world, retries, seed, cases)
            success[way, retries] = level(world, rules)
    return Found(number, seed, success, attempts, seconds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=6)
    parser.add_argument("--first", type=int, default=0, help="the first world")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--cases", type=int, default=30)
    parser.add_argument("--level", choices=("normal", "hard"), default="normal")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    worlds = range(options.first, options.first + options.worlds)
    places = [(w, s, options.cases, options.level) for w in worlds for s in range(options.seeds)]
    with ProcessPoolExecutor(max_workers=options.processes) as pool:
        rows = list(pool.map(tried, places))
    print(f"the search with everything revealed took at most {max(r.seconds for r in rows):.2f} s, held-out cases included")
    ways = [("revealed", 0), *((way, k) for way in ("blind", "led") for k in RETRIES)]
    print("world seed  " + "  ".join(f"{way[:8]:>8}{'' if way == 'revealed' else k}" for way, k in ways))
    for row in rows:
        print(
            f"{row.world:5} {row.seed:4}  " + "  ".join(f"{row.success[w]:{8 if w[0] == 'revealed' else 9}.3f}" for w in ways)
        )
    print("\nmean over worlds and seeds (success, attempts)")
    for way in ways:
        said = f"{way[0]}, {way[1]} retries" if way[0] != "revealed" else "revealed"
        print(f"{said:<20} {mean(r.success[way] for r in rows):.3f} {mean(r.attempts[way] for r in rows):8.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
