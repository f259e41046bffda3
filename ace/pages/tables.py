"""Tables, and lists of names with values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ace.pages.html import Child, Html, el, together


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column; `number`: its cells stand to the right."""

    name: str
    number: bool = False


def table(caption: str, heads: Sequence[Head], rows: Iterable[Sequence[Child]]) -> Html:
    """A table whose first column names its rows. It scrolls by itself where it is too wide, also by keyboard."""
    head = el("tr", *(el("th", h.name, scope="col", class_="n" if h.number else None) for h in heads))
    body = together(_row(heads, row) for row in rows)
    made = el("table", el("caption", caption), el("thead", head), el("tbody", body))
    return el("div", made, class_="scroll", tabindex=0, role="region", aria_label=caption)


def _row(heads: Sequence[Head], row: Sequence[Child]) -> Html:
    first, *rest = row
    cells = (el("td", cell, class_="n" if h.number else None) for h, cell in zip(heads[1:], rest, strict=True))
    return el("tr", el("th", first, scope="row"), *cells)


def pairs(rows: Iterable[tuple[str, Child]], class_: str = "pairs") -> Html:
    """Names with values."""
    return el("dl", *(el("div", el("dt", name), el("dd", value)) for name, value in rows), class_=class_)


def folded(summary: Child, *body: Child, class_: str | None = None) -> Html:
    """What is shown when its summary is opened."""
    return el("details", el("summary", summary), *body, class_=class_)


def numbered(numbers: Html, summary: str = "The numbers as a table") -> Html:
    """The table of the numbers of a chart, which opens under it; on paper it is open."""
    return folded(summary, numbers, class_="of-chart")


def within(allowance: int, items: Iterable[Html]) -> tuple[list[Html], int]:
    """The first of `items` that together have at most `allowance` bytes, and how many are left out after them."""
    kept: list[Html] = []
    left = 0
    for item in items:
        allowance -= item.size
        if left or allowance < 0:
            left += 1
        else:
            kept.append(item)
    return kept, left
