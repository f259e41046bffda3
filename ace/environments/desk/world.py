"""The house rules of a world: an ordered list, of which the first rule that applies decides.

Rules are drawn until they are worth learning. Every rule decides a fair share of the cases, no resolution and no single fact
explains too many of them, and which facts matter, in what order and to what end, is left to the seed alone; so no model can
know them, and what it gets right beyond chance it has learned.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count
from typing import Literal

from ace.environments.desk.facts import Fact, Facts, NumberFact, Value, draw_facts
from ace.environments.desk.levels import LEVELS, Difficulty, Level

SAMPLE = 3000
"""Cases that the shares of a world are measured on."""
_BINS = 10


@dataclass(frozen=True, slots=True)
class RuleCondition:
    """Something that must hold of a case."""

    fact: str
    test: Literal["is", "at least", "below"]
    value: Value

    def holds(self, facts: Facts) -> bool:
        found = facts[self.fact]
        if self.test == "is":
            return found == self.value
        return (int(found) >= int(self.value)) == (self.test == "at least")

    def quoted(self) -> str:
        return (
            f'"{self.fact.lower()}" is "{self.value}"'
            if self.test == "is"
            else f'"{self.fact.lower()}" is {self.test} {self.value}'
        )

    def __str__(self) -> str:
        return f"{self.fact} is {'' if self.test == 'is' else self.test + ' '}{self.value}"


@dataclass(frozen=True, slots=True)
class HouseRule:
    """Where all conditions hold: this resolution, after `step` if there is one."""

    conditions: tuple[RuleCondition, ...]
    resolution: str
    step: str = ""

    def applies(self, facts: Facts) -> bool:
        return all(c.holds(facts) for c in self.conditions)

    def sentence(self) -> str:
        """The rule as one sentence that says what to do."""
        when = f"When {' and '.join(c.quoted() for c in self.conditions)}" if self.conditions else "In every other case"
        return f'{when}: {f"""take "{self.step}" first, then """ if self.step else ""}choose "{self.resolution}".'

    def __str__(self) -> str:
        when = "if " + " and ".join(map(str, self.conditions)) if self.conditions else "otherwise"
        return f"{when}: {self.step + ', then ' if self.step else ''}{self.resolution}"


@dataclass(frozen=True, slots=True)
class Shares:
    """How the sampled cases fall: to each rule, to the commonest resolution, and to the best rule on a single fact."""

    rules: tuple[float, ...]
    commonest: float
    single: float


@dataclass(frozen=True, slots=True)
class World:
    """The rules, in order; the last one applies to everything."""

    rules: tuple[HouseRule, ...]
    shares: Shares

    def deciding(self, facts: Facts) -> HouseRule:
        return next(rule for rule in self.rules if rule.applies(facts))


@lru_cache(maxsize=64)
def draw_world(seed: int, level: Level) -> World:
    """The world of a seed. The same seed gives the same world everywhere."""
    d = LEVELS[level]
    for attempt in count():
        rules = _draw_rules(random.Random(f"desk {level} {seed} {attempt}"), d)
        shares = rules and _shares(rules, d)
        if rules and shares and _between(d.commonest, shares.commonest) and shares.single <= d.single:
            return World(rules, shares)
    raise AssertionError("unreachable: count() does not end")


@dataclass(frozen=True, slots=True)
class Drift:
    """A house rule, the one in place `index` (from 0), that chooses another resolution from some case on: `before` that case
    and `after` it."""

    index: int
    before: World
    after: World

    def sentence(self, case: int) -> str:
        """What changes, in words."""
        was, now = self.before.rules[self.index], self.after.rules[self.index]
        return (
            f"rule {self.index + 1} after training case {case:,}, and in all held-out cases: {now} (before: {was.resolution})"
        )


@lru_cache(maxsize=64)
def drifted(seed: int, level: Level) -> Drift:
    """The world of a seed with one rule changed: which one, and to what resolution, is drawn from the seed. The rule decides
    the same cases before and after, and does not say what the next wider rule says."""
    d, before = LEVELS[level], draw_world(seed, level)
    rng = random.Random(f"desk drift {level} {seed}")
    made = [(i, end) for i in range(len(before.rules) - 1) for end in d.resolutions if end != before.rules[i].resolution]
    rng.shuffle(made)
    found = [(i, w) for i, end in made if (w := _with(before, i, end, d)) is not None]
    # Nothing that was learned of the one resolution may make the other one obvious: the bounds of a world hold where they can.
    best = next((f for f in found if _between(d.commonest, f[1].shares.commonest) and f[1].shares.single <= d.single), found[0])
    return Drift(best[0], before, best[1])


def _with(world: World, index: int, resolution: str, d: Difficulty) -> World | None:
    """`world` with another resolution for one rule; `None` where that makes the rule an exception to nothing."""
    rules = tuple(replace(r, resolution=resolution) if i == index else r for i, r in enumerate(world.rules))
    mine = set(rules[index].conditions)
    near = [r for i, r in enumerate(rules[:-1]) if i != index and (mine < set(r.conditions) or set(r.conditions) < mine)]
    if any(r.resolution == resolution for r in near):
        return None
    shares = _shares(rules, d)
    return World(rules, shares) if shares else None


def _between(bounds: tuple[float, float], share: float) -> bool:
    return bounds[0] <= share <= bounds[1]


def _draw_rules(rng: random.Random, d: Difficulty) -> tuple[HouseRule, ...] | None:
    """Rules of the shapes that the difficulty asks for; `None` where this draw has no place for its exceptions."""
    shapes = rng.sample(d.conditions, len(d.conditions))
    drawn = [_draw_conditions(rng, d.facts, n) for n in shapes]
    broken = _exceptions(rng, shapes, d.exceptions)
    if broken is None:
        return None
    for narrow, wide in broken.items():
        drawn[narrow] = _narrowed(rng, drawn[wide], d.facts)
    ends = _resolutions(rng, d, len(drawn) + 1)
    if any(ends[narrow] == ends[wide] for narrow, wide in broken.items()):
        return None
    steps = dict(zip(rng.sample(range(len(drawn)), d.steps), rng.sample(d.possible, d.steps), strict=True))
    return (*(HouseRule(c, ends[i], steps.get(i, "")) for i, c in enumerate(drawn)), HouseRule((), ends[-1]))


def _resolutions(rng: random.Random, d: Difficulty, wanted: int) -> list[str]:
    """Resolutions for the rules: each of them somewhere, in any order."""
    ends = [*d.resolutions, *rng.choices(d.resolutions, k=max(0, wanted - len(d.resolutions)))]
    return rng.sample(ends, wanted)


def _exceptions(rng: random.Random, shapes: Sequence[int], wanted: int) -> dict[int, int] | None:
    """Pairs of a rule and a later, wider one that it shall be an exception to."""
    pairs = [(i, j) for i, n in enumerate(shapes) for j in range(i + 1, len(shapes)) if n == shapes[j] + 1]
    rng.shuffle(pairs)
    found: dict[int, int] = {}
    for narrow, wide in pairs:
        if len(found) < wanted and not {narrow, wide} & {*found, *found.values()}:
            found[narrow] = wide
    return found if len(found) == wanted else None


def _draw_conditions(rng: random.Random, facts: Sequence[Fact], n: int) -> tuple[RuleCondition, ...]:
    return tuple(_draw_condition(rng, fact) for fact in rng.sample(facts, n))


def _narrowed(rng: random.Random, wide: tuple[RuleCondition, ...], facts: Sequence[Fact]) -> tuple[RuleCondition, ...]:
    used = {c.fact for c in wide}
    return (*wide, _draw_condition(rng, rng.choice([f for f in facts if f.name not in used])))


def _draw_condition(rng: random.Random, fact: Fact) -> RuleCondition:
    if isinstance(fact, NumberFact):
        return RuleCondition(fact.name, rng.choice(("at least", "below")), rng.choice(fact.cuts))
    return RuleCondition(fact.name, "is", rng.choice(fact.values))


@lru_cache(maxsize=1)
def _sample() -> tuple[Facts, ...]:
    rng = random.Random("desk sample")
    return tuple(draw_facts(rng) for _ in range(SAMPLE))


def _bits(test: Callable[[Facts], bool]) -> int:
    """The sampled cases that pass `test`, a bit each."""
    return sum(1 << i for i, facts in enumerate(_sample()) if test(facts))


@lru_cache(maxsize=1024)
def _holding(condition: RuleCondition) -> int:
    return _bits(condition.holds)


@lru_cache(maxsize=64)
def _groups(fact: Fact) -> tuple[int, ...]:
    """The sampled cases by the value of a fact, or by the tenth of its range that it is in."""
    return tuple(_bits(lambda facts, b=b: _bin(fact, facts) == b) for b in sorted({_bin(fact, f) for f in _sample()}, key=str))  # type: ignore[misc]


def _bin(fact: Fact, facts: Facts) -> Value:
    value = facts[fact.name]
    if not isinstance(fact, NumberFact):
        return value
    return (int(value) - fact.low) * _BINS // (fact.high - fact.low + 1)


def _shares(rules: Sequence[HouseRule], d: Difficulty) -> Shares | None:
    """The shares of a world; `None` where a rule decides too few cases or too many."""
    left = (1 << SAMPLE) - 1
    shares: list[float] = []
    ends: dict[str, int] = {}
    for rule in rules:
        covered = left
        for condition in rule.conditions:
            covered &= _holding(condition)
        left &= ~covered
        shares.append(covered.bit_count() / SAMPLE)
        if not _between(d.after_step if rule.step else d.decides, shares[-1]):
            return None
        ends[rule.resolution] = ends.get(rule.resolution, 0) | covered
    commonest = max(cases.bit_count() for cases in ends.values()) / SAMPLE
    single = max(sum(max((group & e).bit_count() for e in ends.values()) for group in _groups(fact)) for fact in d.facts)
    return Shares(tuple(shares), commonest, single / SAMPLE)
