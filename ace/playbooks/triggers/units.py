"""Units that measure the same, so that 7000 g are more than 5 kg and 10 days less than two weeks.

Months and years are of different lengths and stay apart; so do currencies, and pounds and kilograms, because people who write
rules round when they convert.
"""

from __future__ import annotations

_SCALES: tuple[dict[str, float], ...] = (
    {"g": 1, "kg": 1000},
    {"oz": 1, "lb": 16},
    {"mm": 1, "cm": 10, "m": 1000, "km": 1_000_000},
    {"ml": 1, "l": 1000},
    {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800},
)
"""By what is measured: folded units (`fold_unit`), in the smallest of them."""


def in_unit(number: float, unit: str, wanted: str) -> float | None:
    """`number` of `unit` in the unit `wanted`, both folded; `None` where they do not measure the same. A unit that is not
    known ("") is taken to be the other one."""
    if unit == wanted or not unit or not wanted:
        return number
    scale = next((s for s in _SCALES if unit in s and wanted in s), None)
    return None if scale is None else round(number * scale[unit] / scale[wanted], 9)


def same_measure(unit: str, other: str) -> bool:
    """Whether numbers in the two units can be compared."""
    return in_unit(1, unit, other) is not None
