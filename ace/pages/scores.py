"""Success with its interval, and the floors beside it: as a chart, and as the table with its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ace.memory.values import Run
from ace.pages.axes import shares
from ace.pages.charts import Bar, Frame, estimates
from ace.pages.html import Html, el
from ace.pages.tables import Head, table
from ace.pages.words import count, interval, share
from ace.results.result import Result
from ace.results.score import Score

_FLOORS = (("oracle", "knows the answers"), ("random", "random choice"), ("nothing", "does nothing"))
_HEADS = (Head(""), Head("success", True), Head("95 % interval", True), Head("cases", True), Head("with"))


@dataclass(frozen=True, slots=True)
class Scored:
    """One row: its estimate, the number of cases, and what was measured."""

    bar: Bar
    n: int
    what: str


def told(success: float | None, bounds: Sequence[float] | None) -> str:
    """Success with its interval, in words."""
    return f"{share(success)} ({interval(bounds)})" if bounds else share(success)


def scored(name: str, s: Score, what: str, tone: int = 1) -> list[Scored]:
    """The row of a score; none where it has no case."""
    return [Scored(Bar(name, s.success, s.interval, told(s.success, s.interval), tone), s.n, what)] if s.n else []


def held_out(run: Run, r: Result) -> list[Scored]:
    """Success before and after learning, with the oracle and the floors."""
    found = scored("before", r.before, "empty playbook", 0)
    found += scored("start", r.start, "the playbook as it was found", 0) if r.start else []
    found += scored("after", r.after, f"{r.playbook}@{r.revision}, {count(r.bullets, 'bullet')}")
    return found + floors(run)


def floors(run: Run) -> list[Scored]:
    """The oracle and the floors that a run has measured."""
    kept = run.result.get("floors")
    found = []
    for name, what in _FLOORS:
        f = kept.get(name) if isinstance(kept, dict) else None
        if isinstance(f, dict):
            success, (low, high) = float(f["success"]), (float(bound) for bound in f["interval"])
            found.append(Scored(Bar(name, success, (low, high), told(success, (low, high)), 0), int(f["n"]), what))
    return found


def chart(rows: Sequence[Scored], title: str = "Success on held-out cases") -> Html:
    """The rows drawn; nothing where there is none."""
    if not rows:
        return Html()
    words = "; ".join(f"{row.bar.name} {row.bar.told}" for row in rows)
    frame = Frame("success", title, f"With 95 % intervals: {words}.")
    drawn = estimates(frame, shares("share of cases won"), [row.bar for row in rows])
    return el("figure", el("figcaption", f"{title}, with 95 % intervals"), drawn)


def scores(rows: Sequence[Scored], title: str = "Success on held-out cases") -> Html:
    """The rows as a table."""
    if not rows:
        return el("p", "Nothing was measured.")
    cells = [(r.bar.name, share(r.bar.value), interval(r.bar.interval), f"{r.n:,}", r.what) for r in rows]
    return table(f"{title}, with 95 % intervals", _HEADS, cells)
