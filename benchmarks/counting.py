"""What counting alone learns on a hidden world: the search over facts, with no model that reads or writes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import islice
from statistics import mean

from hidden_worlds import Hidden, view_of

from ace.evidence.candidates import candidates
from ace.evidence.cases import PastCase
from ace.playbooks.triggers.trigger import Trigger
from ace.types import Split, Task

HELD_OUT = 1000


def tasks(world: Hidden, split: Split, n: int) -> list[Task]:
    return list(islice(world.tasks(split), n))


def found(cases: Sequence[PastCase], start: Sequence[Trigger], seed: int) -> list[Trigger]:
    """The best list of rules that the search finds in `cases`, beginning from `start`."""
    best = candidates(cases, start, seed, most=1)
    return list(best[0].rules) if best else []


def decided(rules: Sequence[Trigger], task: Task) -> str:
    """The answer of the first rule that covers `task`, or an empty text."""
    view = view_of(task)
    return next((r.plan.choice for r in rules if r.covers(view)), "")


def level(world: Hidden, rules: Sequence[Trigger]) -> float:
    """Success of `rules` on the held-out cases; one that no rule decides is answered by chance."""
    wins = 0.0
    for task in tasks(world, "test", HELD_OUT):
        answer = decided(rules, task)
        wins += answer == world.rules.right(task.data) if answer else 1 / len(world.domain.answers)
    return wins / HELD_OUT


def attempts(world: Hidden, task: Task, rules: Sequence[Trigger], retries: int, rng: random.Random) -> list[PastCase]:
    """The attempts at a case until it is solved: what the rules say first, else and afterwards answers that were not lost yet,
    by chance."""
    first, rest = decided(rules, task), rng.sample(world.domain.answers, len(world.domain.answers))
    made: list[PastCase] = []
    for answer in [first, *(a for a in rest if a != first)] if first else rest:
        made.append(world.past_case(task, answer))
        if made[-1].won or len(made) > retries:
            break
    return made


def learned(world: Hidden, retries: int, seed: int, n: int = 30, batch: int = 5) -> tuple[list[Trigger], int]:
    """The rules found from `n` cases in batches, each played with the rules found before it; and the attempts that took."""
    rng = random.Random(f"{world.world} {seed}")
    train, cases, rules = tasks(world, "train", n), list[PastCase](), list[Trigger]()
    for at in range(0, n, batch):
        for task in train[at : at + batch]:
            cases += attempts(world, task, rules, retries, rng)
        rules = found(cases, rules, seed)
    return rules, len(cases)


def blind(world: Hidden, retries: int, seed: int, n: int = 30) -> tuple[list[Trigger], int]:
    """As `learned`, with every answer by chance and one search at the end."""
    rng = random.Random(f"{world.world} {seed}")
    cases = [c for task in tasks(world, "train", n) for c in attempts(world, task, (), retries, rng)]
    return found(cases, (), seed), len(cases)


def revealed(world: Hidden, seed: int, n: int = 30) -> list[Trigger]:
    """The rules found from the right answers of the same cases: every answer's verdict is known."""
    cases = [world.past_case(t, a) for t in tasks(world, "train", n) for a in world.domain.answers]
    return found(cases, (), seed)


def ceiling(world: Hidden, n: int = 30, seeds: int = 3) -> float:
    """Held-out success of the search when the right answers of the `n` training cases are revealed, the mean over `seeds`."""
    return mean(level(world, revealed(world, seed, n)) for seed in range(seeds))
