"""Fenced blocks of code in Markdown.

What stands in one is shown, not said, so a mark or a bullet there is an example. A fence that is never closed counts as none,
because one forgotten line must not hide the rest of a file from us; and whether it is closed is found out in one pass from
below, so that no file makes this slow.

Source: CommonMark 0.31.2 (spec.commonmark.org), section 4.5.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_ITEM = r"(?:[-*+]|\d{1,9}[.)])[ \t]+"
_OPENING = re.compile(rf"[ \t]*(?:[•‣–][ \t]+)?(?:{_ITEM})*(`{{3,}}(?=[^`]*$)|~{{3,}})")
_CLOSING = re.compile(r"[ \t]*(`{3,}|~{3,})[ \t]*$")


def opening(line: str) -> str:
    """The fence that a line may open a block of code with, also as the first line of a list item; empty where it is none."""
    found = _OPENING.match(line)
    return found[1] if found else ""


def in_fences(lines: Sequence[str]) -> list[bool]:
    """Which `lines` stand in a fenced block of code, its fences included."""
    fence, inside = "", []
    for line, longest in zip(lines, _closings_below(lines), strict=True):
        if fence:
            inside.append(True)
            fence = "" if _closes(line, fence) else fence
        else:
            opened = opening(line)
            fence = opened if opened and len(opened) <= longest[opened[0]] else ""
            inside.append(bool(fence))
    return inside


def _closes(line: str, fence: str) -> bool:
    closing = _CLOSING.match(line)
    return closing is not None and closing[1].startswith(fence)


def _closings_below(lines: Sequence[str]) -> list[dict[str, int]]:
    """For each line the longest fence of either sign that stands alone on a line below it."""
    longest = {"`": 0, "~": 0}
    found = []
    for line in reversed(lines):
        found.append(longest)
        if closing := _CLOSING.match(line):
            longest = {**longest, closing[1][0]: max(longest[closing[1][0]], len(closing[1]))}
    return found[::-1]
