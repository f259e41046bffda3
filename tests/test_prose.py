"""What is written about the code says its subject and uses the field's words: phrases that make a reader guess stay out."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tests.parsed import ROOT, nodes, sources

RIDDLES = re.compile(
    r"\b(?<!there )(?:is|are|was) no (?!longer|more\b|less\b|fewer\b|reason\b|doubt\b)\w+"
    r"|\b(?:somebody|nobody|whoever|whatever|whomever)\b"
    r"|\bwho has it\b|\bit is worth\b|\bit is said\b|The decision behind it",
    re.IGNORECASE,
)
"""Phrases that leave the subject out, or name it by what it is not."""
MESSAGES = re.compile(
    r"\b(?<!there )(?:is|are|was) no (?!longer|more\b|less\b|better\b|reason\b)\w+|\bmerely\b|\bnobody \w+s\b", re.IGNORECASE
)
"""Those that messages are free of: other texts in the code are lists of words and data."""
ALLOWED = frozenset(
    {
        # A customer's letter, which is data of the environment `desk`.
        "ace/environments/desk/texts.py",
    }
)


def prose(source: str) -> Iterator[tuple[int, str]]:
    """Docstrings and comments with their lines; docstrings of attributes too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            # A phrase may go over the end of a line.
            yield node.lineno, " ".join(node.value.value.split())
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def riddles(path: Path) -> Iterator[str]:
    source = sources()[path]
    if not RIDDLES.search(" ".join(source.split())):
        # Most files: taking them apart would cost seconds.
        return
    for line, text in prose(source):
        for found in RIDDLES.finditer(text):
            yield f"{path.relative_to(ROOT)}:{line}: {text[max(0, found.start() - 30) : found.end() + 30]}"


def test_docstrings_and_comments_hold_no_riddles() -> None:
    paths = [p for p in sources() if str(p.relative_to(ROOT)) not in ALLOWED]
    assert [riddle for path in paths for riddle in riddles(path)] == []


def test_messages_say_that_a_thing_is_not_another() -> None:
    found = []
    for path, source in sources().items():
        if str(path.relative_to(ROOT)) not in ALLOWED and MESSAGES.search(source):
            texts = [n for n in nodes(path) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
            found += [f"{path.relative_to(ROOT)}:{n.lineno}: {n.value!r}" for n in texts if MESSAGES.search(str(n.value))]
    assert found == []


def test_a_riddle_is_found_and_plain_words_are_not() -> None:
    said = '"""What somebody\\nsays."""\n# This is no model; there is no other.\n'
    source = said + 'x = 1\n"""Nobody knows."""\ny = "whatever"  # it is no longer there\n'
    found = [m[0] for _, text in prose(source) for m in RIDDLES.finditer(text)]
    assert sorted(found) == ["Nobody", "is no model", "somebody"]
