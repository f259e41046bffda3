"""Scales of charts: what an axis measures, in which unit, and where its ticks stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


def _whole(value: float) -> str:
    return f"{value:,.0f}"


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from `low` to `high` with `ticks`, and what it measures, with its unit."""

    label: str
    low: float
    high: float
    ticks: Sequence[float]
    words: Callable[[float], str] = field(default=_whole)

    def at(self, value: float) -> float:
        """The place of `value` as a share of the scale."""
        wide = self.high - self.low
        return min(1.0, max(0.0, (value - self.low) / wide)) if wide else 0.5


def shares(label: str) -> Axis:
    """A scale of shares, 0 to 100 %."""
    return Axis(label, 0, 1, (0, 0.25, 0.5, 0.75, 1), lambda value: f"{100 * value:.0f}\u00a0%")


def differences(label: str, low: float, high: float) -> Axis:
    """A scale of differences of shares in percentage points that holds `low`, `high` and 0."""
    low, high = min(0.0, 100 * low), max(0.0, 100 * high)
    step = _round_step(max(high - low, 4) / 4)
    first, last = int(low // step), -int(-high // step)
    ticks = tuple(n * step / 100 for n in range(first, last + 1))
    return Axis(
        label, ticks[0], ticks[-1], ticks, lambda value: f"{100 * value:+.0f}".replace("-", "\u2212").replace("+0", "0")
    )


def counts(label: str, high: float, low: float = 0) -> Axis:
    """A scale of whole numbers that begins at `low` and ends at `high`, with about four round ticks."""
    step = _round_step(max((high - low) / 4, 1))
    first = -int(-low // step) * step
    ticks = tuple(first + n * step for n in range(int((high - first) / step) + 1))
    return Axis(label, low, max(high, low + 1), ticks, _short)


def heights(label: str, high: float) -> Axis:
    """A scale of whole numbers from 0 to the first round tick that is at least `high`."""
    step = _round_step(max(high / 4, 1))
    ticks = tuple(n * step for n in range(-int(-max(high, 1) // step) + 1))
    return Axis(label, 0, ticks[-1], ticks, _short)


def _round_step(rough: float) -> float:
    """The smallest of 1, 2, 5, 10, 20, ... that is at least `rough`."""
    size = 1.0
    while rough > 5 * size:
        size *= 10
    return next(step for step in (size, 2 * size, 5 * size) if step >= rough)


def _short(value: float) -> str:
    return f"{value / 1e6:g}\u00a0M" if value >= 1e6 else f"{value / 1e3:g}\u00a0k" if value >= 1e4 else _whole(value)
