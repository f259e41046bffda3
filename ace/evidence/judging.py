"""What an ordered list of rules is worth, in nats.

The log-likelihood of the shown verdicts, less the price of writing the list down. Following a rule's plan wins with a chance of
the rule's own, integrated out, so that a rule which is right for half of its cases beats one that was never tried; any other
plan wins by the share of verdicts that are wrong by chance. Cases are bits of an integer, so that a rule is tested on all of
them in one operation.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from ace.evidence.terms import Terms

K = TypeVar("K")
V = TypeVar("V")

BOLD, CAREFUL = 0.3, 0.6
"""Shares of a rule's price that are charged: while more attempts follow, and for the last list. A guess is tested by the next
cases, so one that is only likely is worth writing down, but less so where nothing more is learned."""
STEP_PRICE = 4.0
"""Nats charged for a plan with a step before the answer."""
DIFFERENT = 0.3
"""Nats that a list gains with each different choice in it: what there is to choose from is right somewhere. So of plans that
are as likely the one whose choice has no place yet is tried first, alone or after a step. Little, so that it decides between
equals only: with 2, lists were worse where verdicts are wrong by chance."""
OPEN_PRICE = 5.0
"""Nats charged for a list that leaves cases undecided: nothing is learned from those but by chance."""
CHANCES = ((1.0, 0.9), (0.6, 0.1))
"""How often a rule's plan is right where it applies, each with the belief in it: nearly always, or in most cases."""

Rule = tuple[tuple[int, ...], int]
"""Conditions and plan as indices into the terms."""

_Plan = tuple[int, int, int, float]
"""Of a plan: the cases that show it right, those that show it wrong, those it won where nothing was revealed, and its price."""


class Memo(dict[K, V]):
    """What `work` gives for a key, worked out when it is first asked for. Asked for again, it costs no call,
    which in a search of thousands of edits is much of the time."""

    def __init__(self, work: Callable[[K], V]) -> None:
        super().__init__()
        self._work = work

    def __missing__(self, key: K) -> V:
        made = self[key] = self._work(key)
        return made


class Judge:
    """Scores lists of rules over `terms`; higher is better. `noise` is the share of verdicts that are wrong by chance,
    `charged` the share of a rule's price that counts."""

    def __init__(self, terms: Terms, noise: float, charged: float = BOLD) -> None:
        self.terms, self._noise = terms, noise
        self._other_won, self._other_lost = math.log(noise), math.log(1 - noise)
        self._known: dict[tuple[int, int], float] = {}
        facts = math.log(max(2, len(terms.of_fact)))
        self._prices = [charged * (facts + math.log(len(terms.of_fact[c.name]))) for c in terms.conditions]
        self._per_rule = charged * (math.log(max(2, len(terms.plans))) + 1.0)
        self.fits: Mapping[tuple[int, int], float] = Memo(lambda key: self._fit(*key))
        """The log-likelihood of covered cases under a plan, by both, less what a step before the answer costs."""
        self.priced: Mapping[tuple[int, ...], tuple[int, float]] = Memo(self._price)
        """The cases in which conditions hold, and the price of a rule with them, by the conditions."""
        names = {name: 1 << n for n, name in enumerate(dict.fromkeys(p.choice for p in terms.plans))}
        self.choices = tuple(names[p.choice] for p in terms.plans)
        """The choice of each plan, as a bit of its own."""
        self._best: dict[int, tuple[int, ...]] = {}
        self._tried = [r | w for r, w in zip(terms.followed_won, terms.followed_lost, strict=True)]
        self._unrevealed_won = terms.won & ~terms.revealed
        self._plans: list[_Plan] = [
            (r, w, r & self._unrevealed_won, STEP_PRICE if p.step else 0.0)
            for r, w, p in zip(terms.followed_won, terms.followed_lost, terms.plans, strict=True)
        ]
        by_chance = (1 - noise) / len(terms.plans) + noise * (1 - 1 / len(terms.plans))
        self._lucky, self._unlucky = math.log(by_chance), math.log(1 - by_chance)

    def _price(self, conditions: tuple[int, ...]) -> tuple[int, float]:
        mask = self.terms.everything
        for c in conditions:
            mask &= self.terms.masks[c]
        return mask, self._per_rule + sum(self._prices[c] for c in conditions)

    def score(self, rules: Sequence[Rule]) -> float:
        """The score of a whole list."""
        left, total, used = self.terms.everything, 0.0, 0
        for conditions, plan in rules:
            mask, price = self.priced[conditions]
            total += self.fits[left & mask, plan] - price
            left &= ~mask
            used |= self.choices[plan]
        return total + self.whole(used, closed=bool(rules) and not rules[-1][0]) + self.rest(left)

    def whole(self, used: int, *, closed: bool) -> float:
        """What the choices that a list has used add to its score, and whether it ends in a rule for every case."""
        return DIFFERENT * used.bit_count() + (self._per_rule if closed else -OPEN_PRICE)

    def rest(self, left: int) -> float:
        """What the cases `left` undecided add to the score."""
        lucky = (left & self.terms.won).bit_count()
        return lucky * self._lucky + (left.bit_count() - lucky) * self._unlucky

    def _fit(self, covered: int, plan: int) -> float:
        count = covered.bit_count()
        elsewhere = (covered & self._unrevealed_won).bit_count()
        return self._fit_of(covered, self._plans[plan], count, elsewhere)

    def _fit_of(self, covered: int, plan: _Plan, count: int, elsewhere: int) -> float:
        """`count` cases covered, `elsewhere` of them won where nothing was revealed."""
        right, wrong, won_here, price = plan
        won, lost = (covered & right).bit_count(), (covered & wrong).bit_count()
        other = elsewhere - (covered & won_here).bit_count()
        followed = self._known.get((won, lost))
        if followed is None:
            followed = self._known[won, lost] = self._followed(won, lost)
        return followed + other * self._other_won + (count - won - lost - other) * self._other_lost - price

    def _followed(self, won: int, lost: int) -> float:
        """The log-likelihood of `won` wins and `lost` losses by following a rule."""
        chances = []
        for right, belief in CHANCES:
            wins = right * (1 - self._noise) + (1 - right) * self._noise
            chances.append(math.log(belief) + won * math.log(wins) + lost * math.log(1 - wins))
        top = max(chances)
        return top + math.log(sum(math.exp(c - top) for c in chances))

    def best_plan(self, mask: int, rng: random.Random) -> int:
        """The plan that fits the cases in `mask` best; ties by chance."""
        best = self._best.get(mask)
        if best is None:
            count, elsewhere = mask.bit_count(), (mask & self._unrevealed_won).bit_count()
            untried = elsewhere * self._other_won + (count - elsewhere) * self._other_lost
            fits = [
                self._fit_of(mask, plan, count, elsewhere) if mask & tried else untried - plan[3]
                for tried, plan in zip(self._tried, self._plans, strict=True)
            ]
            top = max(fits) - 1e-9
            best = self._best[mask] = tuple(p for p, fit in enumerate(fits) if fit >= top)
        return best[0] if len(best) == 1 else rng.choice(best)
