"""What gates keep and what that costs: simulated proposals, verdicts that are chance, and a curator that lies.

proposals  40 proposals, 3 of them real (+.15), 17 of no effect, 20 harmful (-.08), at most 300 pairs each, of which a share
           (the discordance) comes out differently; beside a gate that plays all pairs and keeps what won more (greedy). A/A:
           40 proposals of no effect.
random     real runs of the novice at a desk whose verdicts are drawn by chance in every split: 300 cases, and the gate `final`
           with 300 pairs. Kept: what was learned stays. Beside it runs with `trial`, which may keep single deltas.
planted    real runs of the novice at the desk, whose curator puts a wrong rule first with a chance of a half: with `trial`, and
           without a gate, on 1,000 held-out cases, less the better of a run without lies and the empty playbook.

python benchmarks/bench_gates.py                                   all of it; hours
python benchmarks/bench_gates.py --part proposals                  400 simulated runs, about a minute
python benchmarks/bench_gates.py --part random --runs 300          about 3 s of a processor a run
python benchmarks/bench_gates.py --part planted --worlds 40        some minutes a world
python benchmarks/bench_gates.py --quick                           a small size of each
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from common import show, timed
from gate_worlds import LEVEL, Chance, Lying, Ran, ran

from ace.environments.desk import Desk
from ace.environments.desk.levels import LEVELS, Level
from ace.models.novice import Novice
from ace.runs.gates.pairs import CHUNK
from ace.statistics.distributions import binomial_tail, t_quantile
from ace.statistics.sequential import Stop, needed, stopped

ALPHA, PAIRS = 0.05, 300
EFFECTS = (0.15,) * 3 + (0.0,) * 17 + (-0.08,) * 20
EPISODES, HELD_OUT, PLANTED_PAIRS = 300, 1000, 1000


@dataclass(frozen=True)
class Kept:
    """What a gate kept in one simulated run: real proposals, false ones, and the pairs that it played."""

    real: int
    false: int
    pairs: int


def _pair(effect: float, discordance: float, rng: random.Random) -> int:
    draw = rng.random()
    return 1 if draw < (discordance + effect) / 2 else -1 if draw < discordance else 0


def gated(effects: Sequence[float], discordance: float, rng: random.Random) -> Kept:
    """A run of the gate `trial`: its levels, its looks and its ways to stop."""
    kept: list[float] = []
    spent = 0
    for question, effect in enumerate(effects, 1):
        wanted, won, lost, played, stop = needed(ALPHA, question, len(kept)), 0, 0, 0, None
        while stop is None:
            drawn = [_pair(effect, discordance, rng) for _ in range(CHUNK)]
            won, lost, played = won + drawn.count(1), lost + drawn.count(-1), played + CHUNK
            stop = stopped(won, lost, PAIRS - played, wanted, ALPHA)
        spent += played
        kept += [effect] if stop is Stop.SUCCESS else []
    return Kept(sum(e > 0 for e in kept), sum(e <= 0 for e in kept), spent)


def greedy(effects: Sequence[float], discordance: float, rng: random.Random) -> Kept:
    """A gate that plays all pairs and keeps what won more."""
    kept = [e for e in effects if sum(_pair(e, discordance, rng) for _ in range(PAIRS)) > 0]
    return Kept(sum(e > 0 for e in kept), sum(e <= 0 for e in kept), PAIRS * len(effects))


def _runs(seed: int, n: int, effects: Sequence[float], discordance: float, *, by_gate: bool = True) -> list[Kept]:
    found = []
    for run in range(n):
        rng = random.Random(f"{seed} {run} {discordance}")
        shuffled = rng.sample(list(effects), len(effects))
        found.append((gated if by_gate else greedy)(shuffled, discordance, rng))
    return found


def proposals(n: int) -> bool:
    met = []
    for d in (0.2, 0.3, 0.4):
        print(f"discordance {d}, {n} simulated runs of {len(EFFECTS)} proposals, at most {PAIRS} pairs each")
        mine, theirs = _runs(1, n, EFFECTS, d), _runs(1, n, EFFECTS, d, by_gate=False)
        same = _runs(2, n, (0.0,) * len(EFFECTS), d)
        first = d == 0.2
        any_false = fmean(k.false > 0 for k in mine)
        met += [
            show("  P(any false proposal kept)", any_false, 0.05 if first else None, digits=3),
            show("  real proposals kept, of 3", fmean(k.real for k in mine), 2.5 if first else None, least=True),
            show(
                "  attempts, as a share of the greedy gate's",
                fmean(k.pairs for k in mine) / fmean(k.pairs for k in theirs),
                0.6 if first else None,
            ),
            show("  A/A proposals kept, share", fmean(k.false for k in same) / len(EFFECTS), 0.05, digits=4),
        ]
        show("  greedy: P(any false proposal kept)", fmean(k.false > 0 for k in theirs), digits=3)
        show("  greedy: false proposals kept", fmean(k.false for k in theirs))
    return all(met)


def by_chance(n: int, trials: int, first: int) -> bool:
    print(f"verdicts drawn by chance, {EPISODES} cases, gate final, {PAIRS} pairs, {n} runs from seed {first} on")
    ended: list[Ran] = []
    with timed() as seconds:
        for seed in range(first, first + n):
            ended.append(_by_chance(seed, ("final",)))
            print(f"    run {seed}: {ended[-1]}; kept in {_kept(ended)} of {len(ended)} so far", file=sys.stderr, flush=True)
    kept = _kept(ended)
    met = show("  runs in which what was learned is kept over the start", kept, max(1, 8 * n / 300), digits=0)
    show("  95 % upper bound of the chance of that (Clopper-Pearson, one-sided)", _most(kept, n), digits=4)
    show("  revisions made in a run", fmean(r.revisions for r in ended))
    show("  attempts of the gate in a run", fmean(r.gated for r in ended), digits=0)
    show("  seconds a run", seconds() / n)
    if trials:
        tried = [_by_chance(seed, ("trial",)) for seed in range(trials)]
        show(
            f"  with trial instead, {trials} runs: those in which a delta is kept",
            sum(r.revisions > 0 for r in tried),
            digits=0,
        )
        show("  attempts of the gate in a run", fmean(r.gated for r in tried), digits=0)
    return met


def _kept(ended: Sequence[Ran]) -> int:
    """The runs that gates left at a revision of their own, the last one or an earlier one."""
    return sum(r.kept > 0 for r in ended)


def _most(k: int, n: int) -> float:
    """The largest chance of which `k` or fewer of `n` have a probability of 5 % still."""
    low, high = k / n, 1.0
    while high - low > 1e-6 and k < n:
        middle = (low + high) / 2
        low, high = (middle, high) if binomial_tail(k, n, middle) > 0.05 else (low, middle)
    return high


def _by_chance(seed: int, gates: Sequence[str]) -> Ran:
    environment = Chance(world=seed, level=LEVEL)
    said = {"episodes": EPISODES, "eval": 10, "batch": 20, "seed": seed, "gate_pairs": PAIRS}
    return ran(environment, Novice(), gates, (), **said)


@dataclass(frozen=True)
class Arms:
    """The success of one world's runs: without lies, with lies and the gate `trial`, and with lies alone."""

    clean: Ran
    gated: Ran
    ungated: Ran

    @property
    def better(self) -> float:
        """The success of the better of the run without lies and the empty playbook."""
        return max(self.clean.after, self.clean.before)

    def less(self, arm: Ran) -> float:
        """The success of `arm` less that, in points."""
        return 100 * (arm.after - self.better)


def planted(worlds: range, held_out: int, level: Level) -> bool:
    print(
        f"a curator that puts a wrong rule first in half of the batches, worlds {worlds.start} to {worlds.stop - 1}, "
        f"level {level}, {EPISODES} cases, {held_out} held out"
    )
    found: list[Arms] = []
    with timed() as seconds:
        for world in worlds:
            found.append(_planted(world, held_out, level))
            gated_so_far, ungated_so_far = ([a.less(arm(a)) for a in found] for arm in (_gated, _ungated))
            means = f"gated {fmean(gated_so_far):.2f} (from {_low(gated_so_far):.2f}), ungated {fmean(ungated_so_far):.2f}"
            print(f"    world {world}: {_told(found[-1])}; so far {means}", file=sys.stderr, flush=True)
    trial, without = [a.less(a.gated) for a in found], [a.less(a.ungated) for a in found]
    met = [
        show("  gated less the better of clean and start, points, mean", fmean(trial), -1, least=True),
        show("  95 % lower end over worlds", _low(trial), -3, least=True),
    ]
    show("  the least of a world", min(trial))
    show("  ungated less the same, points, mean", fmean(without))
    show("  95 % lower end over worlds", _low(without))
    show("  the least of a world", min(without))
    show("  success: start", fmean(a.clean.before for a in found), digits=3)
    show("  success: clean", fmean(a.clean.after for a in found), digits=3)
    show("  success: gated", fmean(a.gated.after for a in found), digits=3)
    show("  success: ungated", fmean(a.ungated.after for a in found), digits=3)
    show("  attempts of the gate in a run", fmean(a.gated.gated for a in found), digits=0)
    show("  minutes a world", seconds() / 60 / len(worlds))
    return all(met)


def _gated(a: Arms) -> Ran:
    return a.gated


def _ungated(a: Arms) -> Ran:
    return a.ungated


def _told(a: Arms) -> str:
    rates = f"start {a.clean.before:.3f}, clean {a.clean.after:.3f}, gated {a.gated.after:.3f}, ungated {a.ungated.after:.3f}"
    return f"{rates}; {a.gated.gated} attempts, {dict(a.gated.decided)}"


def _planted(world: int, held_out: int, level: Level) -> Arms:
    environment = Desk(world=world, level=level)
    said = {"episodes": EPISODES, "batch": 20, "eval": held_out, "seed": world, "gate_pairs": PLANTED_PAIRS}
    # The empty playbook is the same in all arms, and its cases are the same: it is measured once.
    clean = ran(environment, Novice(), (), ("before", "after"), **said)
    gated_one, ungated = (ran(environment, Lying(level), gates, ("after",), **said) for gates in (("trial",), ()))
    return Arms(clean, gated_one, ungated)


def _low(points: Sequence[float]) -> float:
    if len(points) < 2:
        return float("-inf")
    half = t_quantile(0.975, len(points) - 1) * stdev(points) / len(points) ** 0.5
    return float(fmean(points) - half)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--part", choices=("proposals", "random", "planted"))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--runs", type=int, help="runs with verdicts by chance")
    parser.add_argument("--first", type=int, default=0, help="the first seed, to go on where a benchmark was ended")
    parser.add_argument("--worlds", type=int, help="worlds with planted lessons")
    parser.add_argument("--level", choices=list(LEVELS), default=LEVEL, help="how hard the worlds with planted lessons are")
    a = parser.parse_args()
    runs, worlds = a.runs or (6 if a.quick else 300), a.worlds or (2 if a.quick else 40)
    met = []
    if a.part in (None, "proposals"):
        met.append(proposals(40 if a.quick else 400))
    if a.part in (None, "random"):
        met.append(by_chance(runs, 0 if a.quick else max(1, runs // 15), a.first))
    if a.part in (None, "planted"):
        met.append(planted(range(a.first, a.first + worlds), 200 if a.quick else HELD_OUT, a.level))
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
