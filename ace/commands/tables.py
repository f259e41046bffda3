"""Tables: aligned and coloured on a terminal, plain aligned lines elsewhere.

The decision behind it: what is piped is for programs and files, so it is not folded to a width that nobody has, nor padded
with blanks at the ends of lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

GAP = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, whether it is aligned to the right, the style of its cells, and whether a cell too long for the
    terminal is cut instead of folded."""

    heading: str = ""
    right: bool = False
    style: str = ""
    cut: bool = False


def print_table(screen: Console, columns: Sequence[Column], rows: Iterable[Sequence[str | Text]], title: str = "") -> None:
    """Print `rows` under their headings, which are left out where all are empty; the last column may be long."""
    cells = [list(row) for row in rows]
    if title:
        screen.print(title, style="bold")
    if screen.is_terminal:
        _draw(screen, columns, cells)
    else:
        for line in plain(columns, cells):
            screen.print(line)


def plain(columns: Sequence[Column], rows: Sequence[Sequence[str | Text]]) -> list[str]:
    """The table as lines."""
    headings = [c.heading for c in columns]
    texts = [[str(cell) for cell in row] for row in rows]
    lines = [headings, *texts] if any(headings) else texts
    widths = [max((len(line[i]) for line in lines), default=0) for i in range(len(columns))]
    return [
        GAP.join(cell.rjust(w) if c.right else cell.ljust(w) for cell, c, w in zip(line, columns, widths, strict=True)).rstrip()
        for line in lines
    ]


def _draw(screen: Console, columns: Sequence[Column], rows: Sequence[Sequence[str | Text]]) -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, len(GAP), 0, 0), show_header=any(c.heading for c in columns), header_style="dim")
    for c in columns:
        table.add_column(
            c.heading,
            justify="right" if c.right else "left",
            style=c.style,
            no_wrap=c.cut or c is not columns[-1],
            overflow="ellipsis" if c.cut else "fold",
        )
    for row in rows:
        table.add_row(*row)
    screen.print(table)
