"""Sentences on a screen: folded between words and indented where there is a width, one line each elsewhere.

What models and environments wrote may hold anything, so it passes through `line` before it is printed: no control character of
theirs reaches a terminal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ace.commands.terminal.folding import command_rows, parted
from ace.commands.terminal.palette import MARKS, VERDICTS, WORDS
from ace.commands.terminal.tables import READABLE, Column, Grid, folded, folds, put_plain
from ace.playbooks.bullet import clean

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from ace.memory.log.lineage import Witness
    from ace.memory.values import Followed

_ALIKE = 0.3
"""Share of a text that must have stayed for its words to be marked one by one."""


def line(text: str, most: int = 0) -> str:
    """`text` on one line, without control characters; cut between words after about `most` characters, if given, and within a
    word where less than half of them would be left."""
    kept = clean(text)
    if not most or len(kept) <= most:
        return kept
    words = kept[:most].rpartition(" ")[0]
    return f"{words} …" if len(words) * 2 > most else f"{kept[:most]}…"


def cut(text: str, most: int) -> str:
    """`text` on one line of at most `most` characters, for a name in a table; `…` stands for what was left out."""
    kept = clean(text)
    return kept if len(kept) <= most else f"{kept[: most - 1]}…"


def day(at: str) -> str:
    """A time as minutes, UTC."""
    return at[:16].replace("T", " ")


def say(screen: Console, text: str | Text, indent: int = 0, *, first: str | Text = "", style: str = "") -> None:
    """Print `text`, indented; `first` stands before its first line and the others are indented as far, where there is room."""
    from rich.text import Text

    left = Text(" " * indent).append(first)
    body = Text(text, style=style) if isinstance(text, str) else text
    if not folds(screen):
        put_plain(screen, left.plain + body.plain)
        return
    told, command = parted(body.plain) if isinstance(text, str) and left.cell_len + body.cell_len > screen.width else ("", "")
    if command:
        _say_command(screen, left, told, command, style)
        return
    for row in folded(screen, left, body, indent + 2 if screen.width - left.cell_len < READABLE else left.cell_len):
        screen.print(row)


def _say_command(screen: Console, left: Text, told: str, command: str, style: str) -> None:
    """`told` and the command behind it, which begins a line; its lines can be copied into a shell."""
    from rich.text import Text

    if told:
        for row in folded(screen, left, Text(told, style=style), left.cell_len):
            screen.print(row)
    for n, words in enumerate(command_rows(command, screen.width - left.cell_len)):
        begins = Text(" " * left.cell_len) if told or n else left.copy()
        screen.print(begins.append(words, style=style), soft_wrap=True)


def other_texts(f: Followed) -> str:
    """What came of a bullet's other texts, in a few words; nothing where none was followed."""
    return f"  (other texts: won {f.other_won}, lost {f.other_lost})" if f.others else ""


def facts(screen: Console, pieces: Sequence[str | Text], indent: int = 0) -> None:
    """Print short `pieces` side by side; where they find no room, they go on on the next line, none of them broken."""
    Grid(screen, [Column()] * len(pieces), [pieces], indent).put(pieces)


def coloured(screen: Console) -> bool:
    """Whether colours reach the reader."""
    return screen.is_terminal and screen.color_system is not None and not screen.no_color


def marked(before: str, after: str, screen: Console) -> Text:
    """How a text became another one: the words that went and came in brackets, in colour where there is any."""
    from rich.text import Text

    from ace.playbooks.diff import word_diff

    pieces = word_diff(before, after)
    kept = sum(len(piece) for mark, piece in pieces if mark == "same")
    if kept < _ALIKE * max(len(before), len(after)):
        pieces = [("removed", before), ("same", " "), ("added", after)]
    made, plain = Text(), not coloured(screen)
    for mark, piece in pieces:
        # The marks stand beside colours too: not every reader sees those, and a copy of the line has none.
        left, right = MARKS[mark]
        bare = piece.lstrip()
        made.append(piece[: len(piece) - len(bare)])
        made.append(left + bare + right, style="" if plain else WORDS[mark])
    return made


def attempt(w: Witness, most: int = 0) -> tuple[Text, Text]:
    """An episode: its verdict and id, and what the case was (cut after about `most` characters) and what was done."""
    from rich.text import Text

    first = Text(f"{w.verdict:<7}  ", style=VERDICTS.get(w.verdict, "")).append(f"{w.episode}  ", style="dim")
    if w.purged:
        return first, Text(f"purged {day(w.purged)} UTC", style="dim")
    told = Text(line(w.situation, most)).append(" → ").append(line(w.choice, 80) or "nothing", style="bold")
    return first, told
