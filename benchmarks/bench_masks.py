"""What masks do to success: the same held-out cases with and without them, in planted worlds whose effects differ by kind.

A world has the 24 bullets of bench_effects.py. Six add .12 to the chance of success of cases that they are shown for, six take
.12 away, six add it in one of the two kinds that they concern and take it away in the other, six do nothing. Attempts that are
learned from leave a fifth out by chance, with masks on from batch to batch; then each held-out case is played with masks and
without, on the same draw of chance. In a second set of worlds nothing harms, so a mask can only cost. Differences are in
points; the interval is of the mean over worlds.

python benchmarks/bench_masks.py           40 worlds x 1,000 held-out cases, about a minute
python benchmarks/bench_masks.py --quick   10 worlds
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean, stdev

from bench_effects import BULLETS, EASE, EFFECT, HOLD_OUT, OTHER, OWN
from common import show, timed

from ace.evidence.effects import BulletDraw, DrawnAttempt, masks
from ace.playbooks.bullet import Bullet
from ace.statistics.distributions import t_quantile
from ace.strategies.contract import LEARNING, Draw

BATCH, CASES = 100, 1000
LENGTHS = (300, 1000)


@dataclass(frozen=True)
class World:
    """By bullet and kind, what showing it does and the share of cases for which it is picked."""

    bullets: tuple[Bullet, ...]
    true: Mapping[str, Mapping[str, float]]
    picked: Mapping[str, Mapping[str, float]]


def world(rng: random.Random, harms: bool) -> World:
    """A world; without `harms` none of its bullets takes away anything."""
    made = tuple(Bullet(f"b{n}", "", f"Bullet {n}.", rank=f"{n:03}") for n in range(BULLETS))
    kinds = list(EASE)
    true, picked = {}, {}
    for n, b in enumerate(made):
        own = rng.sample(kinds, 2)
        sign = {0: (1, 1), 1: (-1, -1) if harms else (1, 1), 2: (1, -1) if harms else (1, 0), 3: (0, 0)}[n % 4]
        by = dict(zip(own, sign, strict=True))
        # Where it does not concern a kind, what it does there is what it does in the first of its own.
        true[b.id] = {k: EFFECT * by.get(k, sign[0]) for k in kinds}
        picked[b.id] = {k: OWN if k in own else OTHER for k in kinds}
    return World(made, true, picked)


def chance(w: World, kind: str, shown: list[str]) -> float:
    return min(1.0, max(0.0, EASE[kind] + sum(w.true[b][kind] for b in shown)))


def learned(w: World, rng: random.Random, n: int) -> list[DrawnAttempt]:
    """Attempts that are learned from, with masks as they are known when each batch begins."""
    made: list[DrawnAttempt] = []
    for _ in range(0, n, BATCH):
        known = masks(w.bullets, made)
        made += [attempted(w, rng, known) for _ in range(min(BATCH, n - len(made)))]
    return made


def attempted(w: World, rng: random.Random, known: Mapping[str, tuple[str, ...]]) -> DrawnAttempt:
    kind, draw = rng.choice(list(EASE)), Draw(rng.getrandbits(62), LEARNING, HOLD_OUT, True)
    drawn = []
    for b in w.bullets:
        if rng.random() < w.picked[b.id][kind]:
            masked = kind in known.get(b.id, ())
            drawn.append(BulletDraw(b.id, b.text, draw.shows(b, masked), draw.chance(b, masked)))
    return DrawnAttempt(kind, rng.random() < chance(w, kind, [d.id for d in drawn if d.shown]), tuple(drawn))


def difference(seed: int, n: int, harms: bool) -> float:
    """Points of success, masked less unmasked, of the held-out cases of one world after `n` attempts."""
    rng = random.Random(seed)
    w = world(rng, harms)
    known = masks(w.bullets, learned(w, rng, n))
    came = 0
    for _ in range(CASES):
        kind, luck = rng.choice(list(EASE)), rng.random()
        picked = [b.id for b in w.bullets if rng.random() < w.picked[b.id][kind]]
        kept = [b for b in picked if kind not in known.get(b, ())]
        came += (luck < chance(w, kind, kept)) - (luck < chance(w, kind, picked))
    return 100 * came / CASES


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    worlds = 10 if parser.parse_args().quick else 40
    met = []
    for harms in (True, False):
        for n in LENGTHS:
            with timed() as seconds:
                found = [difference(seed, n, harms) for seed in range(worlds)]
            what = "half harm, in a kind or in all" if harms else "none harms"
            print(f"{worlds} worlds x {CASES:,} held-out cases, {n:,} attempts learned from, {what} ({seconds():.0f} s)")
            low = fmean(found) - t_quantile(0.975, worlds - 1) * stdev(found) / worlds**0.5
            met.append(show("masked less unmasked, points: mean", fmean(found), -1.0, least=True))
            met.append(show("  lower end of its 95 % interval", low, -3.0, least=True))
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
