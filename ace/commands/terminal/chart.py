"""A learning curve made of characters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

_EIGHTHS = " ▁▂▃▄▅▆▇█"


def columns(values: Sequence[float], width: int) -> list[float]:
    """`values` averaged into at most `width` columns, in order."""
    n = min(len(values), width)
    cuts = [round(i * len(values) / n) for i in range(n + 1)] if n else []
    return [sum(values[a:b]) / (b - a) for a, b in pairwise(cuts)]


def chart(values: Sequence[float], label: str, *, width: int = 60, height: int = 6) -> list[str]:
    """Shares in [0, 1] as bars, with an axis of percentages; `label` stands under it."""
    bars = columns(values, width)
    wide = max(1, min(3, width // max(1, len(bars))))
    lines = []
    for row in reversed(range(height)):
        mark = {height - 1: "100 %", 0: "  0 %"}.get(row, " 50 %" if row == height // 2 else "     ")
        cells = (_EIGHTHS[max(0, min(8, round((bar * height - row) * 8)))] * wide for bar in bars)
        lines.append(f"{mark} │{''.join(cells)}".rstrip())
    lines.append("      └" + "─" * max(len(label), wide * len(bars)))
    lines.append("       " + label)
    return lines
