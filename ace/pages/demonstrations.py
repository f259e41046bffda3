"""What the page of an experiment says of static demonstrations: two tables."""

from __future__ import annotations

from ace.experiments.demonstrations.figures import BesideArm, Interval, StaticDemonstrations, UncoveredTasks
from ace.pages.html import Child, Html, together
from ace.pages.tables import Head, table
from ace.pages.words import points, share

ABOUT = (
    "The slope is points of success for each doubling of the demonstrations, from each number on; k* is the smallest number "
    "from which on no further rise is found. A demonstration covers a task if it shows the answer, or else the kind, it needs."
)
_CURVE = (Head("demonstrations"), Head("success", True), Head("slope from there", True), Head("95 %"))
_BESIDE = (
    Head("demonstrations"),
    Head("tasks", True),
    Head("success", True),
    Head("beside"),
    Head("success", True),
    Head("change", True),
    Head("95 %"),
)


def demonstrations(found: StaticDemonstrations) -> Html:
    """Success by the number of demonstrations, and on tasks that none of them covers beside the other arms."""
    at = "no plateau was found" if found.plateau is None else f"k* = {found.plateau}"
    curve: list[list[Child]] = [
        [f"{c.shots}", share(c.success), "" if c.slope is None else points(c.slope), _bounds(c.slope, c.interval)]
        for c in found.curve
    ]
    parts = [table(f"Success by number of demonstrations: {at}", _CURVE, curve)]
    rows = [_row(u, b) for u in found.uncovered for b in u.beside]
    if rows:
        what = "answer" if found.need == "operator" else "kind"
        parts.append(table(f"Tasks whose {what} no demonstration shows, beside other arms on the same", _BESIDE, rows))
    return together(parts)


def _row(u: UncoveredTasks, b: BesideArm) -> list[Child]:
    change = points(b.difference)
    return [f"{u.shots}", f"{u.tasks:,}", share(u.success), b.arm, share(b.success), change, _bounds(b.difference, b.interval)]


def _bounds(value: float | None, interval: Interval | None) -> str:
    if interval is None:
        return "" if value is None else "the same everywhere"
    return f"{points(interval[0])} to {points(interval[1])}"
