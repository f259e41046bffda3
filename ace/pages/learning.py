"""The learning curve of one run: success of first attempts at training cases, in the order in which they were played."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ace.pages.axes import counts, shares
from ace.pages.charts import Dot, Frame, Series, lines
from ace.pages.html import Html, el
from ace.pages.scores import told
from ace.pages.tables import Head, numbered, table
from ace.pages.words import interval, share
from ace.results.score import Score

_MOST = 12
"""Points of the curve: batches are put together until there are no more than these."""
_HEADS = (Head("batches"), Head("cases won", True), Head("of", True), Head("success", True), Head("95 % interval", True))


@dataclass(frozen=True, slots=True)
class _Window:
    """Neighbouring batches put together: the `first` and the `last` number (from 1), the cases so `far`, and their score."""

    first: int
    last: int
    far: int
    score: Score

    @property
    def name(self) -> str:
        return f"{self.first} to {self.last}" if self.first < self.last else f"{self.first}"

    @property
    def dot(self) -> Dot:
        s = self.score
        low, high = s.interval or (None, None)
        words = f"batches {self.name}: {told(s.success, s.interval)}, {s.n:,} cases"
        return Dot(self.far, s.success or 0.0, words, low, high)


def curve(batches: Sequence[Score]) -> Html:
    """The curve with its intervals, and its numbers as a table."""
    windows = _windows(batches)
    dots = [w.dot for w in windows if w.score.n]
    ends = f"From {share(dots[0].y)} to {share(dots[-1].y)}" if dots else "No valid case"
    frame = Frame("learning", "Success of first attempts while learning", f"{ends} over {len(batches)} batches.", 260)
    drawn = lines(frame, counts("training cases so far", windows[-1].far), shares("first attempts won"), [Series(dots)])
    rows = [(w.name, f"{s.wins:,}", f"{s.n:,}", share(s.success), interval(s.interval)) for w in windows for s in [w.score]]
    return el("figure", drawn, numbered(table("Success of first attempts by batches", _HEADS, rows)))


def _windows(batches: Sequence[Score]) -> list[_Window]:
    size, far, found = -(-len(batches) // _MOST), 0, []
    for i in range(0, len(batches), size):
        part = batches[i : i + size]
        s = Score(sum(b.wins for b in part), sum(b.n for b in part), sum(b.invalid for b in part))
        far += s.n + s.invalid
        found.append(_Window(i + 1, i + len(part), far, s))
    return found
