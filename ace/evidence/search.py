"""Finding an ordered list of rules that explains wins and losses.

Minimum description length. A list is worth the log-likelihood of the shown verdicts under it, less the price of writing it
down: the logarithm of how many conditions and plans there were to choose from. Following a rule's plan wins with a probability
of the rule's own (integrated out under a Beta prior, so that a rule which is right for half of its cases beats one that was
never tried); any other plan wins by the share of verdicts that are wrong by chance, estimated with the list. Search is by
small random edits of the present list, keeping what is better and, at a falling temperature, some of what is not (simulated
annealing, Kirkpatrick, Gelatt and Vecchi 1983); decision lists are Rivest's (1987). Cases are bits of an integer, so that a
rule is tested on all of them in one operation.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ace.evidence.cases import PastCase
from ace.playbooks.triggers.conditions import Condition
from ace.playbooks.triggers.trigger import Plan, Trigger

NOISES = (0.02, 0.08, 0.2, 0.3)
"""Shares of verdicts that may be wrong by chance, each tried."""
BOLDNESS = 0.3
"""Share of a rule's price that is charged. Below 1 because a guess is tested by the next cases: one that is only likely is
worth writing down, as it is not where nothing more is ever learned."""
STEP_PRICE = 4.0
"""Nats charged for a plan with a step before the answer."""
OPEN_PRICE = 5.0
"""Nats charged for a list that leaves cases undecided: nothing is learned from those but by chance."""
FIRMNESS = 5.0
"""How many cases the prior belief in a rule's success weighs."""
EFFORT = 3000
"""Edits tried for each noise level."""
MAX_RULES = 14
MAX_CONDITIONS = 3


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything that rules can be made of, as bits over the cases."""

    conditions: tuple[Condition, ...]
    masks: tuple[int, ...]
    plans: tuple[Plan, ...]
    followed_won: tuple[int, ...]
    followed_lost: tuple[int, ...]
    """For each plan, the cases that show it right, and those that show it wrong."""
    other_won: tuple[int, ...]
    """For each plan, the cases won by another one."""
    everything: int
    won: int
    holds: tuple[tuple[int, ...], ...]
    """For each case, the conditions that hold in it."""


def terms_of(cases: Sequence[PastCase], plans: Sequence[Plan], conditions: Iterable[Condition]) -> Terms:
    """`conditions` that hold in some cases and not in all, and `plans`, as bits over `cases`."""
    chosen: dict[int, Condition] = {}
    everything = (1 << len(cases)) - 1
    for condition in conditions:
        mask = _bits(condition.holds(c.view) for c in cases)
        if mask and mask != everything:
            chosen.setdefault(mask, condition)
    masks = tuple(chosen)
    right = tuple(_bits(c.shows(p) is True for c in cases) for p in plans)
    wrong = tuple(_bits(c.shows(p) is False for c in cases) for p in plans)
    won = _bits(c.won for c in cases)
    other = tuple(won & ~(r | w) for r, w in zip(right, wrong, strict=True))
    holds = tuple(tuple(i for i, m in enumerate(masks) if m >> n & 1) for n in range(len(cases)))
    return Terms(tuple(chosen.values()), masks, tuple(plans), right, wrong, other, everything, won, holds)


def _bits(flags: Iterable[bool]) -> int:
    return int("".join("1" if f else "0" for f in flags)[::-1] or "0", 2)


Draft = tuple[tuple[tuple[int, ...], int], ...]
"""Rules as indices into the terms: conditions and plan."""


Found = tuple[float, list[Trigger]]
"""A list and its score."""
_Sum = tuple[int, int, int, float]
"""Of a plan: its `followed_won`, `followed_lost` and `other_won`, and what its step costs."""


class Judge:
    """Scores drafts in nats; higher is better."""

    def __init__(self, terms: Terms, noise: float) -> None:
        self.terms = terms
        self._other_won, self._other_lost = math.log(noise), math.log(1 - noise)
        self._prior = (FIRMNESS * (1 - noise), FIRMNESS * noise)
        self._known: dict[tuple[int, int], float] = {}
        self._per_condition = BOLDNESS * math.log(max(2, len(terms.conditions)))
        self._per_rule = BOLDNESS * (math.log(max(2, len(terms.plans))) + 1.0)
        prices = (STEP_PRICE if plan.step else 0.0 for plan in terms.plans)
        self._sums = list(zip(terms.followed_won, terms.followed_lost, terms.other_won, prices, strict=True))
        self.of_fact: defaultdict[str, list[int]] = defaultdict(list)
        for i, condition in enumerate(terms.conditions):
            self.of_fact[condition.key].append(i)
        self._fits: dict[tuple[int, int], float] = {}
        self._best: dict[int, tuple[int, ...]] = {}
        by_chance = (1 - noise) / len(terms.plans) + noise * (1 - 1 / len(terms.plans))
        self._lucky, self._unlucky = math.log(by_chance), math.log(1 - by_chance)

    def score(self, draft: Draft) -> float:
        t, left, total = self.terms, self.terms.everything, 0.0
        masks, fits = t.masks, self._fits
        for conditions, plan in draft:
            covered = left
            for c in conditions:
                covered &= masks[c]
            left ^= covered
            fit = fits.get((covered, plan))
            if fit is None:
                fit = fits[covered, plan] = self.fit(covered, plan)
            total += fit - self._per_rule - len(conditions) * self._per_condition
        total += self._per_rule if draft and not draft[-1][0] else -OPEN_PRICE
        lucky = (left & t.won).bit_count()
        return total + lucky * self._lucky + (left.bit_count() - lucky) * self._unlucky

    def fit(self, covered: int, plan: int) -> float:
        """The log-likelihood of the covered cases under `plan`, less what a step before the answer costs."""
        return self._fits_of(covered, self._sums[plan : plan + 1])[0]

    def _fits_of(self, covered: int, sums: Sequence[_Sum]) -> list[float]:
        known, other_won, other_lost = self._known, self._other_won, self._other_lost
        count, fits = covered.bit_count(), []
        for right, wrong, elsewhere, price in sums:
            won, lost, other = (covered & right).bit_count(), (covered & wrong).bit_count(), (covered & elsewhere).bit_count()
            followed = known.get((won, lost))
            if followed is None:
                followed = known[won, lost] = _beta_binomial(won, lost, *self._prior)
            fits.append(followed + other * other_won + (count - won - lost - other) * other_lost - price)
        return fits

    def best_plan(self, mask: int, rng: random.Random) -> int:
        """The plan that fits the cases in `mask` best; ties by chance."""
        best = self._best.get(mask)
        if best is None:
            fits = self._fits_of(mask, self._sums)
            top = max(fits) - 1e-9
            best = self._best[mask] = tuple(p for p, fit in enumerate(fits) if fit >= top)
        return rng.choice(best)


def _beta_binomial(won: int, lost: int, a: float, b: float) -> float:
    """Log-probability of one sequence of `won` wins and `lost` losses when the chance to win is Beta(a, b)."""
    g = math.lgamma
    return g(a + won) + g(b + lost) - g(a + b + won + lost) + g(a + b) - g(a) - g(b)


def search(terms: Terms, start: Sequence[Trigger], seed: int, most: int = 1, effort: int = EFFORT) -> list[Found]:
    """The best distinct lists found in `effort` edits for each noise level, beginning from `start` and from nothing; at most
    `most`, the best first."""
    begin = _as_draft(terms, start)
    found: dict[Draft, float] = {}
    for number, noise in enumerate(NOISES):
        rng = random.Random(seed * len(NOISES) + number)
        judge = Judge(terms, noise)
        for origin in (begin, ()):
            score, draft = _anneal(judge, origin, rng, effort // 2)
            found[draft] = max(score, found.get(draft, -math.inf))
    ranked = sorted(found.items(), key=lambda x: -x[1])
    return [(score, [_as_rule(terms, r) for r in draft]) for draft, score in ranked[:most]]


def _anneal(judge: Judge, draft: Draft, rng: random.Random, effort: int) -> tuple[float, Draft]:
    score = judge.score(draft)
    best = (score, draft)
    for i in range(effort):
        edited = _edit(judge, draft, rng)
        if edited == draft:
            continue
        gained = judge.score(edited)
        temperature = 3.0 * (1 - i / effort) ** 2 + 1e-6
        if gained >= score or rng.random() < math.exp((gained - score) / temperature):
            draft, score = edited, gained
            if score > best[0]:
                best = (score, draft)
    return best


def _edit(judge: Judge, draft: Draft, rng: random.Random) -> Draft:
    rules = list(draft)
    kind = rng.random()
    if not rules or (kind < 0.3 and len(rules) < MAX_RULES):
        at = rng.randint(0, len(rules))
        rules.insert(at, _drawn_rule(judge, draft, at, rng))
    elif kind < 0.42:
        rules.pop(rng.randrange(len(rules)))
    elif kind < 0.55 and len(rules) > 1:
        a, b = rng.randrange(len(rules)), rng.randrange(len(rules))
        rules.insert(b, rules.pop(a))
    else:
        at = rng.randrange(len(rules))
        rules[at] = _changed(judge, draft, at, rng)
    return tuple(rules)


def _reaches(judge: Judge, draft: Draft, at: int) -> int:
    """The cases that come as far as rule `at`."""
    left = judge.terms.everything
    for conditions, _ in draft[:at]:
        covered = left
        for c in conditions:
            covered &= judge.terms.masks[c]
        left &= ~covered
    return left


def _drawn_rule(judge: Judge, draft: Draft, at: int, rng: random.Random) -> tuple[tuple[int, ...], int]:
    """A rule whose conditions hold together in some case that comes as far as `at`, with the plan that fits best."""
    t, left = judge.terms, _reaches(judge, draft, at)
    mask = left or t.everything
    case = _random_bit(mask, rng)
    wanted = rng.choice((0, 1, 1, 1, 2, 2, 2, 3))
    conditions = tuple(sorted(rng.sample(t.holds[case], min(wanted, len(t.holds[case])))))
    for c in conditions:
        mask &= t.masks[c]
    return conditions, judge.best_plan(mask, rng)


def _changed(judge: Judge, draft: Draft, at: int, rng: random.Random) -> tuple[tuple[int, ...], int]:
    t = judge.terms
    conditions = draft[at][0]
    mask = _reaches(judge, draft, at)
    kind = rng.random()
    if kind < 0.25 and conditions:
        dropped = rng.choice(conditions)
        conditions = tuple(c for c in conditions if c != dropped)
    elif kind < 0.55 and len(conditions) < MAX_CONDITIONS and t.conditions:
        conditions = tuple(sorted({*conditions, rng.randrange(len(t.conditions))}))
    elif kind < 0.9 and conditions and t.conditions:
        dropped = rng.choice(conditions)
        similar = [i for i in judge.of_fact[t.conditions[dropped].key] if i != dropped]
        added = rng.choice(similar) if similar and rng.random() < 0.5 else rng.randrange(len(t.conditions))
        conditions = tuple(sorted({*(c for c in conditions if c != dropped), added}))
    elif kind < 0.95:
        return conditions, rng.randrange(len(t.plans))
    for c in conditions:
        mask &= t.masks[c]
    return conditions, judge.best_plan(mask, rng)


def _random_bit(mask: int, rng: random.Random) -> int:
    """The place of one of the ones in `mask`, each as likely; found from a random place onwards."""
    start = rng.randrange(mask.bit_length())
    rest = mask >> start
    low = rest & -rest
    return start + low.bit_length() - 1


def _as_draft(terms: Terms, rules: Sequence[Trigger]) -> Draft:
    """`rules` in indices; those that use a term no longer seen are left out."""
    index = {c: i for i, c in enumerate(terms.conditions)}
    plans = {p: i for i, p in enumerate(terms.plans)}
    return tuple(
        (tuple(sorted({index[c] for c in r.conditions})), plans[r.plan])
        for r in rules
        if r.plan in plans and all(c in index for c in r.conditions)
    )


def _as_rule(terms: Terms, rule: tuple[tuple[int, ...], int]) -> Trigger:
    return Trigger(tuple(terms.conditions[c] for c in rule[0]), terms.plans[rule[1]])
