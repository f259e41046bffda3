"""Finding an ordered list of rules that explains wins and losses.

Minimum description length. A list is worth the log-likelihood of the shown verdicts under it, less the price of writing it
down: the logarithm of how many conditions and plans there were to choose from (`judging.py`). Search is by small random edits
of the present list, keeping what is better and, at a falling temperature, some of what is not (simulated annealing,
Kirkpatrick, Gelatt and Vecchi 1983); decision lists are Rivest's (1987). An edit leaves the rules above it as they are, so a
list is scored from the edited place on. Work is counted, never timed, so the same request gives the same list.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from ace.evidence.judging import BOLD, CAREFUL, Judge, Rule
from ace.evidence.terms import Terms
from ace.playbooks.triggers.trigger import Trigger

NOISES = (0.02, 0.08, 0.2, 0.3)
"""Shares of verdicts that may be wrong by chance."""
FIRST_NOISE = 1
"""The place in `NOISES` of the one that a walk begins with, before it is estimated."""
ESTIMATES = 6
"""How often on a walk the noise is estimated."""
EDITS = 12_000
"""Edits tried at most."""
EDITS_PER_CASE = 1_200
"""The same for each case: a few cases are soon told apart in all ways there are."""
WORK = 900_000_000
"""(1000 + cases) * (40 + plans) * edits at most: what an edit takes grows with both, and by how much was measured."""
FROM_WINS = 0.7
"""Share of new rules that are drawn from a case that was won."""
HEAT = 1.5
"""Nats that an edit may cost at first and still be kept now and then."""
MAX_RULES = 14
MAX_CONDITIONS = 3

Draft = tuple[Rule, ...]
Found = tuple[float, list[Trigger]]
"""A list and its score."""


def search(terms: Terms, start: Sequence[Trigger], seed: int, most: int = 1, *, last: bool = False) -> list[Found]:
    """The best distinct lists found, at most `most`, the best first: by a walk from `start`, and by one or more from
    nothing, which share the edits. With `last` no more attempts follow, so that no guess will be tested."""
    begin = _as_draft(terms, start)
    judges = [Judge(terms, noise, CAREFUL if last else BOLD) for noise in NOISES]
    rng = random.Random(seed)
    found: dict[Draft, float] = {}
    origins = [begin, *[()] * max(1, most - 1)]
    edits = edits_for(len(terms.holds), len(terms.plans)) // len(origins)
    for origin in origins:
        score, draft = _Walk(judges, origin, rng).anneal(edits)
        found[draft] = max(score, found.get(draft, -math.inf))
    ranked = sorted(found.items(), key=lambda x: -x[1])
    return [(score, [_as_trigger(terms, r) for r in draft]) for draft, score in ranked[:most]]


def edits_for(cases: int, plans: int) -> int:
    """How many edits are tried, so that a search takes no longer the more there is to count, and less where there is little."""
    return min(EDITS, EDITS_PER_CASE * cases, WORK // ((1000 + cases) * (40 + plans)))


class _Walk:
    """A list being edited, with what is left undecided above each rule, what the rules above it add to the score, and their
    choices."""

    def __init__(self, judges: Sequence[Judge], draft: Draft, rng: random.Random) -> None:
        self._judges, self._judge, self._rng = judges, judges[FIRST_NOISE], rng
        self._rules: list[Rule] = []
        self._lefts, self._sums, self._used = [self._judge.terms.everything], [0.0], [0]
        self._score = 0.0
        self._take(list(draft), 0)

    def anneal(self, effort: int) -> tuple[float, Draft]:
        """The best list met in `effort` edits, with its score. How many verdicts are wrong by chance is estimated anew a few
        times on the way."""
        best = (self._score, tuple(self._rules))
        draw, often = self._rng.random, max(1, effort // ESTIMATES)
        for i in range(effort):
            if i % often == 0:
                best = self._estimate(best[1])
            edited, at = self._edit()
            if edited == self._rules:
                continue
            temperature = HEAT * (1 - i / effort) ** 2 + 1e-6
            # The draw is made first: it says how much worse the list may be.
            if self._take(edited, at, self._score + temperature * math.log(1 - draw())) and self._score > best[0]:
                best = (self._score, tuple(edited))
        return self._estimate(best[1])

    def _estimate(self, best: Draft) -> tuple[float, Draft]:
        """Go on under the judge that thinks most of `best`; gives `best` with its score there."""
        scored = [(judge.score(best), -n) for n, judge in enumerate(self._judges)]
        score, n = max(scored)
        self._judge = self._judges[-n]
        self._take(self._rules, 0)
        return score, best

    def _take(self, rules: list[Rule], at: int, least: float = -math.inf) -> bool:
        """Go over to `rules`, which are as before above `at`, if they score `least`."""
        left, total = self._lefts[at], self._sums[at]
        lefts, sums, used = [left], [total], [self._used[at]]
        fits, priced, choices = self._judge.fits, self._judge.priced, self._judge.choices
        for _, plan in rules[at:]:
            used.append(used[-1] | choices[plan])
        # Each rule takes from the score, and so do the cases that are left: what scores less already stays there.
        least -= (whole := self._judge.whole(used[-1], closed=bool(rules) and not rules[-1][0]))
        for conditions, plan in rules[at:]:
            mask, price = priced[conditions]
            covered = left & mask
            left ^= covered
            total += fits[covered, plan] - price
            if total < least:
                return False
            lefts.append(left)
            sums.append(total)
        score = total + self._judge.rest(left)
        if score < least:
            return False
        self._rules, self._score = rules, score + whole
        self._lefts[at:], self._sums[at:], self._used[at:] = lefts, sums, used
        return True

    def _edit(self) -> tuple[list[Rule], int]:
        """An edited copy, and the place from which on it differs."""
        rng, rules = self._rng, list(self._rules)
        kind = rng.random()
        if not rules or (kind < 0.3 and len(rules) < MAX_RULES):
            at = int(rng.random() * (len(rules) + 1))
            rules.insert(at, self._drawn_rule(at))
        elif kind < 0.42:
            at = int(rng.random() * len(rules))
            rules.pop(at)
        elif kind < 0.55 and len(rules) > 1:
            a, b = int(rng.random() * len(rules)), int(rng.random() * len(rules))
            rules.insert(b, rules.pop(a))
            at = min(a, b)
        else:
            at = int(rng.random() * len(rules))
            rules[at] = self._changed(at)
        return rules, at

    def _drawn_rule(self, at: int) -> Rule:
        """A rule whose conditions hold together in some case that comes as far as `at`, with the plan that fits best."""
        t, rng = self._judge.terms, self._rng
        left = self._lefts[at] or t.everything
        telling = left & t.won if rng.random() < FROM_WINS else 0
        holds = t.holds[_random_bit(telling or left, rng)]
        wanted = min(rng.choice((0, 1, 1, 1, 2, 2, 2, 3)), len(holds))
        conditions = tuple(sorted({holds[int(rng.random() * len(holds))] for _ in range(wanted)}))
        return conditions, self._judge.best_plan(left & self._judge.priced[conditions][0], rng)

    def _changed(self, at: int) -> Rule:
        t, rng = self._judge.terms, self._rng
        conditions = self._rules[at][0]
        kind = rng.random()
        if kind < 0.25 and conditions:
            dropped = rng.choice(conditions)
            conditions = tuple(c for c in conditions if c != dropped)
        elif kind < 0.55 and len(conditions) < MAX_CONDITIONS and t.conditions:
            conditions = tuple(sorted({*conditions, int(rng.random() * len(t.conditions))}))
        elif kind < 0.9 and conditions and t.conditions:
            dropped = rng.choice(conditions)
            similar = t.of_fact[t.conditions[dropped].name]
            added = rng.choice(similar) if rng.random() < 0.5 else int(rng.random() * len(t.conditions))
            conditions = tuple(sorted({*(c for c in conditions if c != dropped), added}))
        elif kind < 0.95:
            return conditions, int(rng.random() * len(t.plans))
        return conditions, self._judge.best_plan(self._lefts[at] & self._judge.priced[conditions][0], rng)


def _random_bit(mask: int, rng: random.Random) -> int:
    """The place of one of the ones in `mask`, found from a random place onwards."""
    start = int(rng.random() * mask.bit_length())
    rest = mask >> start
    low = rest & -rest
    return start + low.bit_length() - 1


def _as_draft(terms: Terms, rules: Sequence[Trigger]) -> Draft:
    """`rules` in indices; those with exceptions, or that use a term no longer seen, are left out."""
    index = {c: i for i, c in enumerate(terms.conditions)}
    plans = {p: i for i, p in enumerate(terms.plans)}
    return tuple(
        (tuple(sorted({index[c] for c in r.conditions})), plans[r.plan])
        for r in rules
        if r.plan in plans and not r.unless and all(c in index for c in r.conditions)
    )


def _as_trigger(terms: Terms, rule: Rule) -> Trigger:
    return Trigger(tuple(terms.conditions[c] for c in rule[0]), terms.plans[rule[1]])
