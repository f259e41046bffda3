r"""A bullet's text within Markdown: what would hide it or turn it into something else gets a backslash.

Code, emphasis and links stay as they are written, because a reviewer reads them so; only what a viewer of Markdown would not
show (tags, comments, pictures, entities) or take for structure (a leading `#`, `-`, `1.`) is escaped. Backslashes count only
before such a sign, as in a shell: `n` of them become `2n` or `2n + 1`, so every text comes back exactly.

Source: CommonMark 0.31.2 (spec.commonmark.org), sections 2.4, 4, 5.2 and 6.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_CODE = re.compile(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)")
_HIDING = re.compile(r"(?<!\\)(\\*)(<(?=\\*[A-Za-z/!?])|&(?=#?\w+;)|!(?=\[))")
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)<!--.*?-->", re.DOTALL)
_LEADING = re.compile(r"(\d{1,9})(\\*)([.)])|()(\\*)([-#>+*_`~\[])")
_STRUCTURE = re.compile(
    r"#{1,6}(?:\s|$)|>|[-+*](?:\s|$)|\d{1,9}[.)](?:\s|$)|([-*_])(?:\s*\1){2,}\s*$|--$|`{3,}[^`]*$|~{3}|\[[ xX]\]\s|\[[^\]]*\]:"
)


def escape(text: str) -> str:
    """`text` (one line) as it is written in Markdown."""
    return _lead(_outside_code(text, lambda m: "\\" * (2 * len(m[1]) + 1) + m[2]), int(_STRUCTURE.match(text) is not None))


def unescape(written: str) -> str:
    """The text that `escape` made `written` of; of what a person wrote, the text that a reader sees."""
    leading = _LEADING.match(written)
    if leading:
        written = _rebuilt(leading, lambda n: n // 2)
    return _outside_code(written, lambda m: "\\" * (len(m[1]) // 2) + m[2])


def _lead(text: str, more: int) -> str:
    """`text` with the backslashes before a leading sign doubled, and one `more` where it is to be no structure."""
    leading = _LEADING.match(text)
    return _rebuilt(leading, lambda n: 2 * n + more) if leading else text


def _rebuilt(leading: re.Match[str], slashes: Callable[[int], int]) -> str:
    digits, run, sign = leading.group(1, 2, 3) if leading[3] else leading.group(4, 5, 6)
    return digits + "\\" * slashes(len(run)) + sign + leading.string[leading.end() :]


def without_comments(written: str) -> str:
    """What is written in Markdown without HTML comments, which a reader does not see; those in code stay."""
    return _parts_outside_code(written, lambda part: _COMMENT.sub(r"\1 ", part))


def _outside_code(text: str, change: Callable[[re.Match[str]], str]) -> str:
    """`text` with the hiding signs changed that do not stand in code."""
    return _parts_outside_code(text, lambda part: _HIDING.sub(change, part))


def _parts_outside_code(text: str, change: Callable[[str], str]) -> str:
    if "`" not in text or "\\`" in text:
        return change(text)
    made, at = [], 0
    for code in _CODE.finditer(text):
        made += [change(text[at : code.start()]), code[0]]
        at = code.end()
    return "".join([*made, change(text[at:])])
