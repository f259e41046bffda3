"""Finding text that breaks off: in a word, a sentence, a bracket, a block of code.

Many good lessons end without a full stop, so a missing one proves nothing. A text is cut short where its last words cannot be
last, where something it opened stays open, or where it stops inside a line that used to go on.
"""

from __future__ import annotations

import re
from collections import Counter

_SHOWN = 40
"""Characters of the end that a reason quotes."""
_SHORTEST = 12
"""Characters that a cut line must share with the line that it was; shorter ones are alike by chance."""

_CUT_MARK = re.compile(r"\(cut(?:: \d+ more characters)?\)$|\[(?:truncated|cut)\]$", re.IGNORECASE)
_NEVER_LAST = re.compile(
    r"(?<![\w\"'`])(?:the|an|and|or|but|nor|because|although|unless|whether|whereas|than|their|your|our|every|into|"
    r"e\.g\.|i\.e\.|such as|und|oder|aber|weil|dass|der|eine|et|mais|parce que|pero|porque|los|las)\s*(?:\.{3}|…)?$"
)
_SELDOM_LAST = re.compile(r"(?<![\w\"'`])(?:a|to|of|for|with|from|in|on|at|by|as|is|are|was|be|that|which|if|when|while|not)$")
_OPEN_END = re.compile(r"[\w)\"'”][,:–—]$|(?<=\w)\s?[-–—(\[{]$|\w-$")
_FINAL = re.compile(r"[.!?:;。！？…)\]}\"'”’»`*>]$")
_CLOSERS = {")": "(", "]": "[", "}": "{", "”": "“", "»": "«"}
_OPENERS = frozenset(_CLOSERS.values())
_QUOTED = re.compile(r"`[^`\n]*`|\"[^\"\n]*\"|(?<!\w)'[^'\n]*'(?!\w)|‘[^’\n]*’")
_ENDINGS = ("s", "es", "ed", "d", "ing", "ly", "er", "n", "en", "e")
_TAG = re.compile(r"<(/?)([A-Za-z][\w-]*)>")


def cut_short(before: str, after: str) -> str:
    """The end of `after`, where it breaks off; empty where it does not. `before` is what the text was; empty for a new one."""
    lines = [line for line in after.splitlines() if line.strip()]
    if not lines:
        return ""
    last = lines[-1].strip()
    broken = (
        _CUT_MARK.search(last) is not None
        or _dangles(last, before)
        or _stays_open(last, before)
        or (len(lines) > 1 and _block_open(before, after))
        or _stops_within(last, before)
    )
    return last[-_SHOWN:] if broken else ""


def _dangles(last: str, before: str) -> bool:
    if _NEVER_LAST.search(last) or _OPEN_END.search(last):
        return not before.rstrip().endswith(last)
    closes = _FINAL.search(before.rstrip()) is not None
    return closes and _SELDOM_LAST.search(last) is not None


def _stays_open(last: str, before: str) -> bool:
    """Whether the text ends inside a bracket or quote. A half-open interval, as in (0, 1], counts as closed."""
    if last in before or last[-1] in ".!?。！？":
        return False
    text = _QUOTED.sub("", re.sub('```|"""', "", last))
    depth = 0
    for c in text:
        if c in _OPENERS:
            depth += 1
        elif c in _CLOSERS:
            depth = max(0, depth - 1)
    quotes = len(re.findall(r'(?<!\d)"', text)) + text.count("`")
    return depth > 0 or quotes % 2 == 1


def _block_open(before: str, after: str) -> bool:
    """Whether a block of code, or a tag of which `before` left none open, is still open at the end."""
    if after.count("```") % 2 and not before.count("```") % 2:
        return True
    return any(n > 0 and not _open_tags(before)[tag] > 0 and tag in _paired(before) for tag, n in _open_tags(after).items())


def _open_tags(text: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for slash, tag in _TAG.findall(text):
        counts[tag] += -1 if slash else 1
    return counts


def _paired(text: str) -> set[str]:
    return {tag for slash, tag in _TAG.findall(text) if slash}


def _stops_within(last: str, before: str) -> bool:
    """Whether the last line is one of before's, broken off in a word, or without the full stop that it had."""
    if len(last) < _SHORTEST or _FINAL.search(last) or not last[-1].isalpha():
        return False
    for line in map(str.strip, before.splitlines()):
        if not line.startswith(last) or line == last:
            continue
        rest = line[len(last) :]
        tail = re.match(r"[^\W\d_]*", rest)
        word = tail[0] if tail else ""
        if word and word not in _ENDINGS and not _whole_word(last.rsplit(maxsplit=1)[-1], before):
            return True
        if not word and line[-1] in ".!?。！？":
            return True
    return False


def _whole_word(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None
