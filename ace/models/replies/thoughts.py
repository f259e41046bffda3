"""Where the thoughts in a reply end, in every form in which models mark them.

A draft among thoughts must never be taken for the answer. So thoughts that do not end leave no answer, a lone end makes all
before it thoughts, and a mark counts unless it stands inside a string of an object that can be read.
"""

from __future__ import annotations

import re

from ace.models.replies.json_text import Unreadable, find_objects, load, mend

_WORD = (
    r"(?:\w+[:_])?(?:ant)?(?:think(?:ing)?|thoughts?|reasoning|reflection|analysis|scratchpad|(?:internal_?)?monologue|internal"
    r"|draft|plan(?:ning)?|rationale|思考)"
)
_BARE = r"(?:think(?:ing)?|reasoning|思考)"
_L, _R = r"(?:[<＜]|&lt;)", r"(?:[>＞]|&gt;)"
_MARK = re.compile(
    rf"(?P<open>{_L}{_WORD}{_R}|\[{_BARE}\]|◁{_BARE}▷|<\|begin_of_thought\|>|<\|start_thinking\|>|<\|{_BARE}\|>"
    rf"|<\|channel\|>(?:analysis|commentary)\b[^<]{{0,80}}<\|message\|>)"
    rf"|(?P<close>{_L}/{_WORD}\s*{_R}|\[/{_BARE}\]|◁/{_BARE}▷|<\|end_of_thought\|>|<\|end_thinking\|>|<\|/{_BARE}\|>"
    r"|<\|channel\|>final\b[^<]{0,80}<\|message\|>)",
    re.IGNORECASE,
)
_MOST_MARKS = 12
"""Marks that are looked at one by one; a reply with more is not taken for an answer."""


def unthought(text: str) -> tuple[str, bool | None]:
    """What follows the thoughts in a reply, and whether there were any; `None`: they never end."""
    marks = _outside(text)
    if not marks:
        return text, False
    depth, rest = 0, 0
    for i, mark in enumerate(marks):
        if mark["close"]:
            depth, rest = 0 if "final" in mark[0] else max(0, depth - 1), mark.end()
        elif depth == 0 or not _follows(text, marks[i - 1], mark):
            depth += 1
    left = text[rest:].strip()
    if depth == 0 or (rest and marks[-1]["close"] and _is_object(left)):
        return left, True
    return "", None


def _follows(text: str, before: re.Match[str], mark: re.Match[str]) -> bool:
    """Whether a mark only says again what the one before it said: a template and the model both began the thoughts."""
    return bool(before["open"]) and not text[before.end() : mark.start()].strip()


def _outside(text: str) -> list[re.Match[str]]:
    """The marks that stand in no string of an object outside of thoughts."""
    marks = list(_MARK.finditer(text))
    if len(marks) > _MOST_MARKS:
        return marks
    kept: list[re.Match[str]] = []
    at, thinking = 0, False
    for mark in marks:
        if mark.start() < at:
            continue
        end = None if thinking else _object_around(text, at, mark)
        if end is not None:
            at = end
            continue
        kept.append(mark)
        at, thinking = mark.end(), bool(mark["open"])
    return kept


def _object_around(text: str, at: int, mark: re.Match[str]) -> int | None:
    """The end of the object after `at` that holds `mark` and can be read."""
    for start, end in find_objects(text[at:]).places:
        if at + start < mark.start() and mark.end() < at + end:
            return at + end if _is_object(text[at + start : at + end]) else None
    return None


def _is_object(text: str) -> bool:
    bare = re.sub(r"\A```\w*\s*|\s*```\Z", "", text)
    for read in (str, mend):
        try:
            return isinstance(load(read(bare)), dict)
        except Unreadable:
            continue
    return False
