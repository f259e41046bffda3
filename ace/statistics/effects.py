"""What showing an item does to success, from attempts in which it was left out by chance.

Where chance alone decides whether an item is shown, the difference between attempts that were shown it and attempts that were
not is its effect. Kinds of attempts differ in how hard they are, so what an attempt came to is taken less the success m of its
kind in earlier attempts; with Z = 1 shown and 0 left out, and weights 1 / P(Z) where the chance varies,

    tau = sum_s w_s [mean(y - m | Z = 1, s) - mean(y - m | Z = 0, s)],    w_s the share of kind s.

Its variance v comes from both sides. Effects of few draws look large by accident, so each is shrunk by s2 / (s2 + v), where s2
is the spread of the true effects: the solution of sum tau^2 / (s2 + v) = n over the items (Paule and Mandel, Consensus values
and weighting factors, Journal of Research of the National Bureau of Standards 87 (1982), 377-385). One item more, known to have
`USUAL`, keeps it from 0, at which an interval would have no width.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

UPPER = NormalDist().inv_cdf(0.975)
USUAL = 0.1
"""An effect of a usual size: what is assumed of one item before anything was drawn."""
_CERTAIN = 1e-9
"""Chances nearer than this to 0 or 1 leave nothing to draw."""


@dataclass(frozen=True, slots=True)
class Attempted:
    """One attempt: its `kind`, whether it was `won`, and by item whether it was shown and with what chance of being shown."""

    kind: str
    won: bool
    drawn: Mapping[str, tuple[bool, float]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One draw of one item: the `kind` of the attempt, `rest` (what it came to less what its kind came to before, in [-1, 1]),
    whether the item was `shown`, with which `chance`, and whether the attempt was `won`."""

    kind: str
    rest: float
    shown: bool
    chance: float
    won: bool = False

    @property
    def weight(self) -> float:
        """1 / P(what was drawn)."""
        return 1 / (self.chance if self.shown else 1 - self.chance)


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of one item on the chance of success. `raw` is the difference of means and `error` its standard error; both
    are `None` where one side has no attempt. `mean` and `spread` are of the effect after shrinkage. `shown` and `left_out`
    count attempts."""

    shown: int
    left_out: int
    raw: float | None
    error: float | None
    mean: float
    spread: float

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the effect after shrinkage."""
        return self.mean - UPPER * self.spread, self.mean + UPPER * self.spread

    @property
    def harm(self) -> float:
        """P(effect < 0)."""
        return NormalDist(self.mean, self.spread).cdf(0.0)


@dataclass(frozen=True, slots=True)
class _Side:
    """Attempts on one side of a draw: how many, their weighted mean, and the variance of that mean."""

    n: int
    mean: float
    variance: float


@dataclass(frozen=True, slots=True)
class _Difference:
    shown: int
    left_out: int
    raw: float | None = None
    variance: float = 0.0


def draws(attempts: Iterable[Attempted]) -> dict[str, list[Drawn]]:
    """By item its draws, in the order of `attempts`, which are oldest first. An item that was shown for certain was not drawn,
    and counts for nothing here."""
    found: dict[str, list[Drawn]] = defaultdict(list)
    expected = _Expected()
    for a in attempts:
        rest = a.won - expected.of(a.kind)
        for item, (shown, chance) in a.drawn.items():
            if _CERTAIN < chance < 1 - _CERTAIN:
                found[item].append(Drawn(a.kind, rest, shown, chance, a.won))
        expected.add(a.kind, a.won)
    return dict(found)


class _Expected:
    """The success of each kind in the attempts so far; that of all attempts counts as two attempts of each kind."""

    def __init__(self) -> None:
        self._all = [1.0, 2.0]
        self._kinds: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])

    def of(self, kind: str) -> float:
        won, n = self._kinds[kind]
        return (won + 2 * self._all[0] / self._all[1]) / (n + 2)

    def add(self, kind: str, won: bool) -> None:
        for counts in (self._all, self._kinds[kind]):
            counts[0] += won
            counts[1] += 1


def effects(found: Mapping[str, Sequence[Drawn]]) -> dict[str, Effect]:
    """By item its effect, from its draws (`draws`); the items together say how far effects lie from 0."""
    sides = {item: _difference(drawn) for item, drawn in found.items()}
    prior = _spread([(d.raw, d.variance) for d in sides.values() if d.raw is not None])
    return {item: _shrunk(d, prior) for item, d in sides.items()}


def by_kind(drawn: Sequence[Drawn]) -> dict[str, list[Drawn]]:
    """The draws of one item by the kind of the attempt, kinds in alphabetical order."""
    return {kind: [d for d in drawn if d.kind == kind] for kind in sorted({d.kind for d in drawn})}


def _difference(drawn: Sequence[Drawn]) -> _Difference:
    shown = sum(d.shown for d in drawn)
    pairs = [([d for d in ds if d.shown], [d for d in ds if not d.shown]) for ds in by_kind(drawn).values()]
    sides = [(_side(a), _side(b)) for a, b in pairs if a and b]
    counts = shown, len(drawn) - shown
    if not sides:
        return _Difference(*counts)
    total = sum(a.n + b.n for a, b in sides)
    raw = sum((a.n + b.n) * (a.mean - b.mean) for a, b in sides) / total
    return _Difference(*counts, raw, sum((a.n + b.n) ** 2 * (a.variance + b.variance) for a, b in sides) / total**2)


def _side(drawn: Sequence[Drawn]) -> _Side:
    """One side. An observation more, with the largest variance that outcomes of 0 and 1 can have, stands against few attempts
    that came out alike by accident."""
    total = sum(d.weight for d in drawn)
    mean = sum(d.weight * d.rest for d in drawn) / total
    n = total**2 / sum(d.weight**2 for d in drawn)
    squares = n * sum(d.weight * (d.rest - mean) ** 2 for d in drawn) / total
    return _Side(len(drawn), mean, (squares + 0.25) / n / n)


def _spread(measured: Sequence[tuple[float, float]]) -> float:
    """The variance of the true effects over items, of which each has an estimate and its variance."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        fits = USUAL**2 / middle + sum(raw**2 / (middle + v) for raw, v in measured)
        low, high = (middle, high) if fits > len(measured) + 1 else (low, middle)
    return high


def _shrunk(d: _Difference, prior: float) -> Effect:
    if d.raw is None:
        return Effect(d.shown, d.left_out, None, None, 0.0, sqrt(prior))
    kept = prior / (prior + d.variance)
    return Effect(d.shown, d.left_out, d.raw, sqrt(d.variance), kept * d.raw, sqrt(kept * d.variance))
