"""Sentences in lines that fit a terminal, and the command that one ends with in lines that a shell takes as they stand.

A terminal breaks what is too long anywhere, so that half of a run's id stands on the next line. Here lines end between words,
and those of a command with the backslash that continues it; a word that is longer than a line stays whole.
"""

from __future__ import annotations

import re

_COMMAND = re.compile(r"""(?:^|: )(ace [a-z](?:[^\s'";,()]|'[^']*'|"[^"]*"| )*)$""")
_WORD = re.compile(r"""(?:[^\s'"]|'[^']*'|"[^"]*"|['"])+""")
_CONTINUED, _STEP = " \\", "    "


def parted(text: str) -> tuple[str, str]:
    """`text` without the command that it ends with, and that command; empty where it ends with none."""
    found = _COMMAND.search(text)
    return (text[: found.start(1)].rstrip(), found[1]) if found else (text, "")


def command_rows(command: str, width: int, step: str = _STEP) -> list[str]:
    """`command` in lines of at most `width` cells, as far as its words allow; all but the last end with a backslash."""
    if cells(command) <= width:
        return [command]
    rows = _filled(_WORD.findall(command), width - len(_CONTINUED), step)
    return [row + _CONTINUED for row in rows[:-1]] + rows[-1:]


def in_rows(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells, as far as its words allow."""
    if cells(text) <= width:
        return [text]
    told, command = parted(text)
    return _filled(told.split(), width, "") + (command_rows(command, width) if command else [])


def _filled(words: list[str], width: int, step: str) -> list[str]:
    rows: list[str] = []
    for word in words:
        if rows and cells(rows[-1]) + 1 + cells(word) <= width:
            rows[-1] += f" {word}"
        else:
            rows.append(step + word if rows else word)
    return rows


def cells(text: str) -> int:
    """How many columns `text` takes on a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
