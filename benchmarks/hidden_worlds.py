"""Worlds of hidden rules in prose: an environment for benchmarks.

ace env check benchmarks/hidden_worlds.py:Hidden
ace run benchmarks/hidden_worlds.py:Hidden --set world=3 --episodes 30 --batch 5 --eval 40

A case is a few sentences; one of six listed answers is right. An ordered list of six rules and a default, drawn from the seed
`world`, decides which: a rule tests one fact or two (a category, or a number against a threshold), and the first that applies
counts. On the level `normal` one rule tests two facts and two of the seven facts decide nothing; on `hard` four rules do, and
any fact may decide. Every fact is told by one of several sentences, in any order, among facts and asides that decide nothing.
Every rule decides 5 to 35 % of the cases and no answer is right for more than a third of them. The world's number also chooses
its vocabulary (`vocabularies.py`) in turn, unless `domain` names one.

Agents see the sentences alone. Benchmarks that count without a model take the facts as `past_case` gives them.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, ClassVar, Literal

from vocabularies import DOMAINS, Amount, Category, Domain, Told

from ace.environments.contract import Environment, Policy
from ace.environments.question import Question
from ace.environments.scorers import chosen
from ace.errors import BadSetting, UnknownName
from ace.evidence.cases import PastCase
from ace.playbooks.triggers.conditions import CaseView
from ace.playbooks.triggers.facts import Facts
from ace.playbooks.triggers.trigger import Plan
from ace.types import SPLITS, Observation, Outcome, Split, Task, derive_seed, failure, success

Level = Literal["normal", "hard"]
SHAPES: dict[Level, tuple[int, ...]] = {"normal": (1, 1, 1, 1, 1, 2), "hard": (1, 1, 2, 2, 2, 2)}
"""How many facts each of the six rules tests, in an order that the seed draws."""
DECIDING: dict[Level, tuple[int, int]] = {"normal": (3, 2), "hard": (4, 3)}
"""How many categories and amounts rules may test; the seed draws which. All facts are told."""
DECIDES = (0.05, 0.35)
COMMONEST = 1 / 3
SINGLE = 0.55
"""The most that a rule on the values of one fact alone may get right."""
SAMPLE = 2000
RULES_HELD = "The rules of the place are written down nowhere. One of the listed answers is right for each case."

Values = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Test:
    """One thing that a rule asks of a case."""

    fact: str
    kind: str
    value: str | int

    def holds(self, values: Values) -> bool:
        found = values[self.fact]
        if self.kind == "is":
            return found == self.value
        return (int(found) >= int(self.value)) == (self.kind == "at least")

    def __str__(self) -> str:
        return f"{self.fact} is {'' if self.kind == 'is' else self.kind + ' '}{self.value}"


@dataclass(frozen=True, slots=True)
class Rule:
    """Where all tests hold, this answer; without tests, for all that is left."""

    tests: tuple[Test, ...]
    answer: str

    def applies(self, values: Values) -> bool:
        return all(t.holds(values) for t in self.tests)

    def __str__(self) -> str:
        return f"{'if ' + ' and '.join(map(str, self.tests)) if self.tests else 'otherwise'}: {self.answer}"


@dataclass(frozen=True, slots=True)
class World:
    """The rules in order, the default last; the share of cases that each decides; and the most that the commonest answer,
    and the best rule on a single fact, get right."""

    rules: tuple[Rule, ...]
    shares: tuple[float, ...]
    commonest: float
    single: float

    def right(self, values: Values) -> str:
        return next(r.answer for r in self.rules if r.applies(values))


def draw_values(domain: Domain, rng: random.Random) -> dict[str, str | int]:
    """The facts of a case: each value as likely, independent of the others."""
    return {f.name: rng.choice(f.values) if isinstance(f, Category) else rng.randint(f.low, f.high) for f in domain.facts}


@lru_cache(maxsize=256)
def draw_world(seed: int, name: str, level: Level) -> World:
    """The world of a seed in the domain `name`: the same one everywhere."""
    domain = DOMAINS[name]
    for attempt in itertools.count():
        world = _measured(_drawn(domain, level, random.Random(f"world {level} {name} {seed} {attempt}")), domain)
        if world is not None:
            return world
    raise AssertionError("unreachable: count() does not end")


def _drawn(domain: Domain, level: Level, rng: random.Random) -> tuple[Rule, ...]:
    kinds = ([f for f in domain.facts if isinstance(f, kind)] for kind in (Category, Amount))
    facts = [f for found, n in zip(kinds, DECIDING[level], strict=True) for f in rng.sample(found, n)]
    tests = [tuple(_test(f, rng) for f in rng.sample(facts, n)) for n in rng.sample(SHAPES[level], len(SHAPES[level]))]
    answers = rng.sample([*domain.answers, rng.choice(domain.answers)], len(tests) + 1)
    return (*(Rule(t, a) for t, a in zip(tests, answers, strict=False)), Rule((), answers[-1]))


def _test(fact: Told, rng: random.Random) -> Test:
    if isinstance(fact, Amount):
        return Test(fact.name, rng.choice(("at least", "below")), rng.choice(fact.cuts))
    return Test(fact.name, "is", rng.choice(fact.values))


@lru_cache(maxsize=16)
def _sample(name: str) -> tuple[dict[str, str | int], ...]:
    rng = random.Random(f"sample {name}")
    return tuple(draw_values(DOMAINS[name], rng) for _ in range(SAMPLE))


@lru_cache(maxsize=4096)
def _holding(name: str, test: Test) -> int:
    """The sampled cases that pass `test`, a bit each."""
    return sum(1 << i for i, values in enumerate(_sample(name)) if test.holds(values))


@lru_cache(maxsize=64)
def _groups(name: str, fact: Told) -> tuple[int, ...]:
    """The sampled cases by the value of `fact`, or by the tenth of its range that it is in."""
    found: dict[str | int, int] = {}
    for i, values in enumerate(_sample(name)):
        value = values[fact.name]
        place = (int(value) - fact.low) * 10 // (fact.high - fact.low + 1) if isinstance(fact, Amount) else value
        found[place] = found.get(place, 0) | 1 << i
    return tuple(found.values())


def _measured(rules: tuple[Rule, ...], domain: Domain) -> World | None:
    """The world of `rules`; `None` where it is not worth learning."""
    left, shares, ends = (1 << SAMPLE) - 1, list[float](), dict.fromkeys(domain.answers, 0)
    for rule in rules:
        covered = left
        for test in rule.tests:
            covered &= _holding(domain.name, test)
        left &= ~covered
        ends[rule.answer] |= covered
        shares.append(covered.bit_count() / SAMPLE)
        if not DECIDES[0] <= shares[-1] <= DECIDES[1]:
            return None
    commonest = max(e.bit_count() for e in ends.values()) / SAMPLE
    single = max(sum(max((g & e).bit_count() for e in ends.values()) for g in _groups(domain.name, f)) for f in domain.facts)
    if commonest > COMMONEST or single > SINGLE * SAMPLE:
        return None
    return World(rules, tuple(shares), commonest, single / SAMPLE)


def domain_of(world: int, domain: str = "") -> str:
    """The vocabulary of a world: the one named, else the worlds take them in turn."""
    return domain or list(DOMAINS)[world % len(DOMAINS)]


class Hidden(Environment):
    """Cases told in sentences, six listed answers, and a list of hidden rules that decides between them."""

    name: ClassVar[str] = "hidden"
    instant: ClassVar[bool] = True

    def __init__(
        self,
        *,
        world: Annotated[int, "the seed that draws the rules"] = 0,
        level: Annotated[Level, "how many facts there are that rules may test, and how many rules test two"] = "normal",
        domain: Annotated[str, "the vocabulary; worlds take them in turn where none is named"] = "",
        noise: Annotated[float, "share of training verdicts that are flipped by chance, 0 to 0.5"] = 0.0,
    ) -> None:
        if domain and domain not in DOMAINS:
            raise UnknownName("domain", domain, list(DOMAINS))
        if not 0 <= noise <= 0.5:
            raise BadSetting(f"noise={noise:g} is out of range; it must be from 0 to 0.5")
        self.world, self.noise = world, noise
        self.domain = DOMAINS[domain_of(world, domain)]
        self.rules = draw_world(world, self.domain.name, level)
        self.instructions = f"{self.domain.about} {RULES_HELD}"

    def tasks(self, split: Split) -> Iterator[Task]:
        """Cases without end. Their numbers leave the remainder of their split when divided by three, so no case of one split
        is a case of another. The kind of a case is the way it came in, which decides nothing."""
        for index in itertools.count():
            rng = random.Random(f"{self.domain.name} {self.world} {split} {index}")
            number = 3 * (index * 37 + 400) + SPLITS.index(split)
            values = draw_values(self.domain, rng)
            kind = rng.choice(list(self.domain.channels))
            yield Task(f"{split}-{index + 1}", _told(self.domain, number, values, kind, rng), split, values, kind)

    def open(self, task: Task, seed: int) -> Question:
        flipped = task.split == "train" and random.Random(derive_seed(seed, "noise", self.world)).random() < self.noise
        right = self.rules.right(task.data)

        def check(action: str) -> Outcome:
            return success() if (chosen(action, self.domain.answers) == right) != flipped else failure()

        return Question(Observation(task.text, answers=self.domain.answers), check)

    def oracle(self, task: Task) -> Policy:
        return lambda seen: self.rules.right(task.data)

    def past_case(self, task: Task, answer: str) -> PastCase:
        """The attempt at `task` that gave `answer`, by its facts instead of its sentences."""
        return PastCase(view_of(task), Plan(answer), answer == self.rules.right(task.data))

    def describe(self) -> dict[str, object]:
        rules = [f"{r} ({100 * s:.0f} % of cases)" for r, s in zip(self.rules.rules, self.rules.shares, strict=True)]
        return {
            "domain": self.domain.name,
            "answers": len(self.domain.answers),
            "commonest_share": round(self.rules.commonest, 3),
            "best_single_fact_share": round(self.rules.single, 3),
            "rules": "\n    " + "\n    ".join(rules),
        }


def view_of(task: Task) -> CaseView:
    """The facts of `task` as conditions are tested on them: numbers as numbers, categories in lower case."""
    fields = {name: v.lower() if isinstance(v, str) else float(v) for name, v in task.data.items()}
    return CaseView.of(Facts(fields))


def _told(domain: Domain, number: int, values: Values, kind: str, rng: random.Random) -> str:
    """A case in sentences: its number first, then facts and asides in any order."""
    facts = [rng.choice(f.forms).format(v=values[f.name]) for f in domain.facts]
    rest = [s[0].upper() + s[1:] for s in (*facts, domain.channels[kind], *rng.sample(domain.asides, rng.choice((0, 1, 2))))]
    rng.shuffle(rest)
    return " ".join([domain.case.format(n=number), *rest])
