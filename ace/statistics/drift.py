"""Whether something that mostly succeeds has begun to fail: a test that may be looked at after every trial.

Where nothing changes, trials succeed independently with one chance p, of any size. Against that stands a change after trial
k, unknown, to a chance that is unknown too. With a prior h (1 - h)^k on k, and for the trials before and after k the chance
that the rule of Krichevsky and Trofimov gives them,

    E_t = sum_{k<t} h (1 - h)^k KT(x_1..x_k) KT(x_k+1..x_t) / max_p prod_i p^x_i (1 - p)^(1 - x_i),

over those k after which the share of successes is lower than before. The numerator is at most a mixture of predictions that
are each made before what they predict, so E is an e-process under every p (universal inference: Wasserman, Ramdas and
Balakrishnan, Proceedings of the National Academy of Sciences 117 (2020), 16880-16890; for changes: Shin, Ramdas and Rinaldo,
E-detectors, New England Journal of Statistics in Data Science 2 (2024), 229-260). By Ville's inequality the chance that E ever
reaches 1 / alpha, over a record of any length, is at most alpha where nothing changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import exp, inf, lgamma, log

HAZARD = 0.02
"""The prior chance that a change comes after any one trial."""
_AT_ZERO = 2 * lgamma(0.5)


@dataclass(frozen=True, slots=True)
class Worsening:
    """What a record says of a change for the worse: the e-value `evidence`, and the likeliest change, after `before` trials of
    which `won_before` succeeded; of the `after` trials since, `won_after` did. Without evidence all trials stand before."""

    evidence: float
    before: int
    won_before: int
    after: int
    won_after: int

    def alarms(self, alpha: float) -> bool:
        """Whether the evidence reaches 1 / `alpha`, which it does with a chance of at most `alpha` where nothing changes."""
        return alpha > 0 and self.evidence * alpha >= 1


def change(record: Sequence[bool]) -> Worsening:
    """What `record`, oldest trial first, says of a change for the worse."""
    won = [0, *accumulate(map(int, record))]
    n, total = len(record), won[-1]
    null = _likeliest(total, n)
    best, at, evidence = -inf, n, 0.0
    for k in range(1, n):
        if won[k] * (n - k) <= (total - won[k]) * k:
            continue
        weight = log(HAZARD) + k * log(1 - HAZARD) + _kt(won[k], k) + _kt(total - won[k], n - k) - null
        evidence += exp(weight)
        if weight > best:
            best, at = weight, k
    return Worsening(evidence, at, won[at], n - at, total - won[at])


def _kt(won: int, n: int) -> float:
    """The logarithm of the chance that Krichevsky and Trofimov's rule gives to one order of `won` successes in `n` trials."""
    return lgamma(won + 0.5) + lgamma(n - won + 0.5) - lgamma(n + 1) - _AT_ZERO


def _likeliest(won: int, n: int) -> float:
    """The logarithm of the largest chance of one order of `won` successes in `n` trials, over all p."""
    return sum(count * log(count / n) for count in (won, n - won) if count)
