"""The diversity alarm on runs with a known truth: planted collapses, and runs in which nothing of the kind happened.

Each run has 300 training cases in 30 batches, and the same 200 held-out cases before and after; a case has six answers.

python benchmarks/bench_diversity.py           100 runs of each kind, about two minutes
python benchmarks/bench_diversity.py --quick   20
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable

from common import show, timed

from ace.results.diversity import diversity
from ace.types import Episode, Observation, Render, Step, Task, failure, success

ANSWERS = tuple("abcdef")
FORMS = ("It is so.", "1. read\n2. act", "```x```", "- one\n- two", '{"a": 1}', "A longer text in which the case is told.")
BATCHES, HELD_OUT = 30, 200
NUMBERS = {f"h{n}": n for n in range(BATCHES + 1)}
Reply = tuple[str, str, float]
"""An answer, the text before it, and the chance that the attempt succeeds."""
Agent = Callable[[random.Random, int], Reply]


def varied(rng: random.Random, rate: float) -> Reply:
    return rng.choice(ANSWERS), rng.choice(FORMS), rate


def stable(rng: random.Random, revision: int) -> Reply:
    return varied(rng, 0.5)


def learning(rng: random.Random, revision: int) -> Reply:
    """Choices narrow to three, and success rises."""
    return varied(rng, 0.2) if revision < 10 else (rng.choice("abc"), rng.choice(FORMS[:2]), 0.9)


def worse(rng: random.Random, revision: int) -> Reply:
    """Success falls, choices stay as varied."""
    return varied(rng, 0.5 if revision < 15 else 0.2)


def narrow(rng: random.Random, revision: int) -> Reply:
    """Choices narrow to one, success stays."""
    return varied(rng, 0.5) if revision < 15 else ("a", FORMS[0], 0.5)


def one_answer(rng: random.Random, revision: int) -> Reply:
    return varied(rng, 0.5) if revision < 15 else ("a", rng.choice(FORMS), 0.17)


def after_a_rise(rng: random.Random, revision: int) -> Reply:
    return varied(rng, 0.2 if revision < 6 else 0.9) if revision < 18 else ("a", rng.choice(FORMS), 0.4)


def one_form(rng: random.Random, revision: int) -> Reply:
    return varied(rng, 0.5) if revision < 15 else (rng.choice(ANSWERS), FORMS[0], 0.2)


QUIET = {"stable": stable, "learning": learning, "worse, as varied": worse, "narrow, as successful": narrow}
COLLAPSES = {"one answer": one_answer, "one answer after a rise": after_a_rise, "one form": one_form}


def attempts(agent: Agent, seed: int) -> list[Episode]:
    """The attempts of one run."""
    rng = random.Random(seed)
    learned = [_attempt("learn", n, n // 10, agent, rng) for n in range(10 * BATCHES)]
    measured = [_attempt(p, 1000 + n, at, agent, rng) for p, at in (("before", 0), ("after", BATCHES)) for n in range(HELD_OUT)]
    return [*measured[:HELD_OUT], *learned, *measured[HELD_OUT:]]


def _attempt(phase: str, n: int, revision: int, agent: Agent, rng: random.Random) -> Episode:
    choice, thought, rate = agent(rng, revision)
    outcome = success() if rng.random() < rate else failure()
    step, first = Step(choice, None, thought), Observation("", (), ANSWERS)
    return Episode(
        f"{phase}{n}", Task(f"t{n}", f"case {n}"), 1, phase, 0, n, first, (step,), outcome, Render("", (f"h{revision}",))
    )


def alarms(agent: Agent, runs: int) -> int:
    """How many of `runs` runs raise an alarm."""
    return sum(bool(diversity(attempts(agent, seed), NUMBERS, every_p=False).alarms) for seed in range(runs))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    runs = 20 if parser.parse_args().quick else 100
    met = []
    for name, agent in QUIET.items():
        met.append(show(f"alarms in {runs} runs: {name}", alarms(agent, runs), 0.05 * runs, digits=0))
    for name, agent in COLLAPSES.items():
        met.append(show(f"alarms in {runs} runs: {name}", alarms(agent, runs), 0.95 * runs, least=True, digits=0))
    with timed() as seconds:
        diversity(attempts(stable, 0), NUMBERS, every_p=False)
    show("one run of 700 attempts, for its summary", 1000 * seconds(), unit=" ms")
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
