"""Tables: aligned and coloured on a terminal, plain aligned lines elsewhere.

What is piped is for programs and files, so it is not folded to a width, unless `COLUMNS` asks for one, nor padded with blanks
at the ends of lines. Where there is a width no cell is ever cut: the last column is folded between words, and columns that
find no room on a line go to the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ace.playbooks.visible import visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

GAP = "  "
READABLE = 32
"""Characters that a folded column needs to stand on the same line as those before it."""
_LEAST = 8
"""Characters that a line is never narrower than."""
_STEP = 4
"""By how much the columns that found no room are indented."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, whether it is aligned to the right, and the style of its cells."""

    heading: str = ""
    right: bool = False
    style: str = ""


def print_table(
    screen: Console, columns: Sequence[Column], rows: Iterable[Sequence[str | Text]], title: str = "", indent: int = 0
) -> None:
    """Print `rows` under their headings, which are left out where all are empty; the last column may be long."""
    cells = list(rows)
    if title:
        screen.print(title, style="bold")
    grid = Grid(screen, columns, cells, indent)
    grid.head()
    for row in cells:
        grid.put(row)


def print_groups(
    screen: Console, columns: Sequence[Column], groups: Sequence[tuple[str, Sequence[Sequence[str | Text]]]]
) -> None:
    """Print groups of rows, each under its title, all aligned alike, with the headings before them."""
    grid = Grid(screen, columns, [row for _, rows in groups for row in rows])
    grid.head()
    for title, rows in groups:
        screen.print()
        screen.print(title, style="bold")
        for row in rows:
            grid.put(row)


class Grid:
    """Where the cells of `rows` come to stand: what is printed with `put` is aligned with all of them."""

    def __init__(
        self, screen: Console, columns: Sequence[Column], rows: Sequence[Sequence[str | Text]], indent: int = 0
    ) -> None:
        self._screen, self._columns, self._indent = screen, columns, indent
        headings = [c.heading for c in columns]
        self._headed = any(headings)
        lines = [headings, *rows] if self._headed else rows
        self._widths = [max((_width(line[i]) for line in lines), default=0) for i in range(len(columns))]
        self._lines = self._places() if folds(screen) else [range(len(columns))]

    def head(self) -> None:
        """Print the headings, if there are any."""
        if self._headed:
            self._print([c.heading for c in self._columns], dim=True)

    def put(self, row: Sequence[str | Text]) -> None:
        self._print(row)

    def _print(self, row: Sequence[str | Text], dim: bool = False) -> None:
        if not folds(self._screen):
            put_plain(self._screen, self._plain(row))
            return
        for line in self._drawn(row, dim):
            if line or not dim:
                self._screen.print(line)

    def _places(self) -> list[range]:
        """The columns of each line. All but a line's last need their whole width."""
        lines, start, used = [], 0, self._indent
        for i, width in enumerate(self._widths):
            need = min(width, READABLE) if i == len(self._widths) - 1 else width
            if i > start and used + need > self._screen.width:
                lines.append(range(start, i))
                start, used = i, self._indent + _STEP
            used += width + len(GAP)
        return [*lines, range(start, len(self._widths))]

    def _plain(self, row: Sequence[str | Text]) -> str:
        cells = (self._padded(i, str(cell)) for i, cell in enumerate(row))
        return " " * self._indent + GAP.join(cells)

    def _padded(self, i: int, cell: str) -> str:
        room = " " * (self._widths[i] - _width(cell))
        return room + cell if self._columns[i].right else cell + room

    def _drawn(self, row: Sequence[str | Text], dim: bool) -> Iterator[Text]:
        from rich.text import Text

        for line in self._lines:
            left = Text(" " * (self._indent + (_STEP if line.start else 0)))
            for i in line[:-1]:
                left.append_text(self._cell(i, row[i], dim)).append(GAP)
            yield from folded(self._screen, left, self._cell(line[-1], row[line[-1]], dim), left.cell_len)

    def _cell(self, i: int, cell: str | Text, dim: bool) -> Text:
        from rich.text import Text

        made = Text(cell, style="dim" if dim else self._columns[i].style) if isinstance(cell, str) else cell.copy()
        room = " " * (self._widths[i] - _width(cell))
        if self._columns[i].right:
            return Text(room).append_text(made)
        return made if i == len(self._widths) - 1 else made.append(room)


def folds(screen: Console) -> bool:
    """Whether lines are folded to the width of `screen`."""
    return not screen.soft_wrap


def put_plain(screen: Console, text: str) -> None:
    """One line where there is no width. Written as it is: laying it out would cost more than all else."""
    screen.file.write(visible(text.rstrip()) + "\n")


def folded(screen: Console, left: Text, text: Text, indent: int) -> Iterator[Text]:
    """`left` and `text` in lines broken between words of `text`, the later ones indented; no blanks at their ends."""
    from rich.text import Text

    first = max(_LEAST, screen.width - left.cell_len)
    lines = list(text.wrap(screen, first)) if text.cell_len > first else [text]
    rest = text[len(lines[0]) :] if indent != left.cell_len and len(lines) > 1 else Text()
    if rest:
        lines[1:] = rest[len(rest.plain) - len(rest.plain.lstrip()) :].wrap(screen, max(_LEAST, screen.width - indent))
    for n, line in enumerate(lines):
        whole = Text(" " * indent) if n else left.copy()
        whole.append_text(line)
        whole.rstrip()
        yield whole


def _width(cell: str | Text) -> int:
    if isinstance(cell, str):
        from rich.cells import cell_len

        return cell_len(cell)
    return cell.cell_len
