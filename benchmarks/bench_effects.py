"""Effects from hold-out draws on planted bullets with known effects, beside what counts of "shown and won" tell.

A world has 24 bullets: 6 add .12 to the chance of success of an attempt that is shown them, 6 take .12 away, 12 do nothing.
There are four kinds of cases, from a quarter to three quarters of which succeed by themselves. A bullet concerns two of the
kinds: it is picked for 90 % of their cases, and for 10 % of the others. So a bullet that concerns easy cases is shown and won
with, also where it does nothing. Counts are Beta(1 + won, 1 + lost) of the attempts that were shown a bullet, less the success
of all. A false call is one of a bullet that does nothing, or of the wrong sign.

python benchmarks/bench_effects.py           200 worlds, about a minute
python benchmarks/bench_effects.py --quick   30
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

from common import show, timed

from ace.statistics.effects import Attempted, Effect, draws, effects
from ace.statistics.evalues import called, evidence

BULLETS, PLANTED, EFFECT = 24, 6, 0.12
EASE = {"plain": 0.75, "usual": 0.58, "odd": 0.42, "hard": 0.25}
OWN, OTHER = 0.9, 0.1
HOLD_OUT, EPISODES, RATE = 0.2, 1000, 0.1


@dataclass(frozen=True)
class World:
    """The effects of its bullets, and by bullet and kind the share of cases for which it is picked."""

    true: Mapping[str, float]
    picked: Mapping[str, Mapping[str, float]]


def world(rng: random.Random, harmful: int = PLANTED, helpful: int = PLANTED) -> World:
    """A world with so many bullets of each sort."""
    names = [f"b{n}" for n in range(BULLETS)]
    sizes = [EFFECT] * helpful + [-EFFECT] * harmful + [0.0] * (BULLETS - helpful - harmful)
    own = {b: rng.sample(list(EASE), 2) for b in names}
    picked = {b: {k: OWN if k in own[b] else OTHER for k in EASE} for b in names}
    return World(dict(zip(names, sizes, strict=True)), picked)


def attempts(w: World, rng: random.Random, hold_out: float, n: int = EPISODES) -> list[Attempted]:
    """Attempts in a world, each with the bullets that were picked for its case."""
    made = []
    for _ in range(n):
        kind = rng.choice(list(EASE))
        drawn = {b: (rng.random() >= hold_out, 1 - hold_out) for b, by in w.picked.items() if rng.random() < by[kind]}
        made.append(Attempted(kind, rng.random() < chance(w, kind, {b for b, (shown, _) in drawn.items() if shown}), drawn))
    return made


def chance(w: World, kind: str, shown: set[str]) -> float:
    """The chance of success of an attempt."""
    return min(1.0, max(0.0, EASE[kind] + sum(w.true[b] for b in shown)))


def real(w: World, made: list[Attempted]) -> dict[str, float]:
    """By bullet what it did to the chance of success in these attempts: a chance goes neither above 1 nor below 0."""
    gains: dict[str, list[float]] = {b: [] for b in w.true}
    for a in made:
        shown = {b for b, (was, _) in a.drawn.items() if was}
        for b in a.drawn:
            gains[b].append(chance(w, a.kind, shown | {b}) - chance(w, a.kind, shown - {b}))
    return {b: fmean(of) for b, of in gains.items()}


def counted(made: list[Attempted]) -> dict[str, float]:
    """By bullet the success of the attempts that were shown it, less that of all."""
    base = fmean(a.won for a in made)
    shown = {b: [a.won for a in made if a.drawn.get(b, (False, 0.0))[0]] for b in {b for a in made for b in a.drawn}}
    return {b: (1 + sum(won)) / (2 + len(won)) - base for b, won in shown.items()}


def auc(scores: Mapping[str, float], of: set[str]) -> float:
    """The chance that one of `of` scores higher than one of the others; a tie counts half."""
    pairs = [(scores[a], scores[b]) for a in of for b in scores if b not in of]
    return fmean(1.0 if x > y else 0.5 if x == y else 0.0 for x, y in pairs)


@dataclass(frozen=True)
class Told:
    """What one world came to."""

    help: float
    harm: float
    counts_help: float
    counts_harm: float
    covered: float
    calls: int
    false: int


def told(seed: int, hold_out: float, n: int = EPISODES) -> Told:
    rng = random.Random(seed)
    w = world(rng)
    made = attempts(w, rng, hold_out, n)
    found = draws(made)
    estimated, counts = effects(found), counted(made)
    tau = {b: e.mean for b, e in estimated.items()}
    helps, harms = ({b for b, t in w.true.items() if t * sign > 0} for sign in (1, -1))
    values = {b: evidence(d) for b, d in found.items()}
    calls = called({b: v.any for b, v in values.items()}, RATE)
    false = sum((values[b].help - values[b].harm) * w.true[b] <= 0 for b in calls)
    lower, worse = ({b: -s for b, s in scores.items()} for scores in (tau, counts))
    true = real(w, made)
    covered = fmean(_covers(estimated[b], true[b]) for b in estimated)
    return Told(auc(tau, helps), auc(lower, harms), auc(counts, helps), auc(worse, harms), covered, len(calls), false)


def _covers(e: Effect, true: float) -> bool:
    low, high = e.interval
    return low <= true <= high


def success(seed: int, hold_out: float, harmful: int) -> float:
    """The success of the attempts of one world."""
    rng = random.Random(seed)
    return fmean(a.won for a in attempts(world(rng, harmful), rng, hold_out))


def cost(worlds: int, harmful: int) -> float:
    """Points of success that holding out costs while learning."""
    return 100 * fmean(success(s, 0.0, harmful) - success(s, HOLD_OUT, harmful) for s in range(worlds))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    worlds = 30 if parser.parse_args().quick else 200
    with timed() as seconds:
        all_told = [told(seed, HOLD_OUT) for seed in range(worlds)]
    print(f"{worlds} worlds, {EPISODES:,} attempts each, {HOLD_OUT:.0%} left out ({seconds():.0f} s)")
    met = [
        show("AUC of drawn effects: help", fmean(t.help for t in all_told), 0.93, least=True, digits=3),
        show("AUC of drawn effects: harm", fmean(t.harm for t in all_told), 0.93, least=True, digits=3),
        show("AUC of shown counts: help", fmean(t.counts_help for t in all_told), 0.80, digits=3),
        show("AUC of shown counts: harm", fmean(t.counts_harm for t in all_told), 0.80, digits=3),
        show("false share of the calls of e-BH", fmean(t.false / max(1, t.calls) for t in all_told), RATE, digits=3),
        show("95 % intervals that hold the effect", fmean(t.covered for t in all_told), 0.92, least=True, digits=3),
    ]
    show("bullets that e-BH calls, of 12", fmean(t.calls - t.false for t in all_told))
    few = [told(seed, 0.5, 3 * EPISODES) for seed in range(worlds // 10)]
    show("the same with half left out, 3,000 attempts", fmean(t.calls - t.false for t in few))
    show("points of success it costs: as many harm as help", cost(worlds // 4, PLANTED))
    show("points of success it costs: none harms", cost(worlds // 4, 0))
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
