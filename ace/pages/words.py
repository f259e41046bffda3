"""Numbers and times as a page writes them: no line breaks inside a figure, signs that are as wide as digits."""

from __future__ import annotations

from collections.abc import Sequence

SPACE = "\u00a0"
"""A blank at which no line is broken."""
MINUS = "\u2212"


def share(value: float | None) -> str:
    """A share in [0, 1] as a percentage, or a dash."""
    return "–" if value is None else f"{100 * value:.1f}{SPACE}%"


def interval(bounds: Sequence[float] | None) -> str:
    """The bounds of a share, in percent."""
    return "–" if bounds is None else f"{100 * bounds[0]:.1f} to {100 * bounds[1]:.1f}{SPACE}%"


def points(value: float | None) -> str:
    """A difference of two shares in percentage points, with its sign."""
    return "–" if value is None else signed(100 * value)


def signed(value: float) -> str:
    """A number with one decimal and its sign."""
    return f"{value:+.1f}".replace("-", MINUS)


def money(usd: float | None) -> str:
    """A cost in US dollars; unknown is said."""
    return "unknown" if usd is None else f"${usd:,.4f}" if usd else "$0"


def about(n: float) -> str:
    """A number to two or three figures: 840, 4,530, 12 k, 1.4 M."""
    return f"{n / 1e6:.1f}{SPACE}M" if n >= 1e6 else f"{n / 1e3:.0f}{SPACE}k" if n >= 1e4 else f"{int(n):,}"


def seconds(value: float) -> str:
    """A duration: 4.2 s, 3 min 20 s, 2 h 05 min."""
    if value < 60:
        return f"{value:.1f}{SPACE}s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes}{SPACE}min {rest:02}{SPACE}s"
    return f"{minutes // 60}{SPACE}h {minutes % 60:02}{SPACE}min"


def count(n: int, word: str) -> str:
    """A number with its noun: 1 bullet, 2 bullets."""
    return f"{n:,}{SPACE}{word}{'' if n == 1 else 's'}"


def moment(at: str) -> str:
    """A time of the store (UTC, ISO 8601) to the second."""
    return f"{at[:10]} {at[11:19]}{SPACE}UTC" if at else "–"


def cut(value: str, most: int) -> str:
    """`value`, of which at most `most` characters are shown; what is left out is counted."""
    return value if len(value) <= most else f"{value[:most].rstrip()} … ({len(value) - most:,} more characters)"
