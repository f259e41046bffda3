"""docs/triggers.md shows what happens."""

from __future__ import annotations

import re
from pathlib import Path

from ace.playbooks.triggers.conditions import Kind
from ace.playbooks.triggers.grammar import read_trigger

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "triggers.md").read_text(encoding="utf-8")


def test_its_python_runs() -> None:
    names: dict[str, object] = {}
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 4
    for block in blocks:
        exec(block, names)


def test_its_sentences_are_triggers() -> None:
    sentences = re.findall(r"^    (When .*|In every .*)$", PAGE, re.MULTILINE)
    conditions = re.findall(r"^\| `(.*?)` \|", PAGE, re.MULTILINE)
    stated = [c for c in conditions if c.startswith(('"', "the "))]
    assert len(sentences) == 1
    assert len(stated) == 8
    for text in [*sentences, *(f'When {c}: choose "x".' for c in stated)]:
        trigger = read_trigger(text)
        assert trigger is not None
        assert trigger.sentence() == text


def test_every_kind_of_condition_is_in_its_grammar() -> None:
    words = {"omits": "does not contain", "mentions": "the text says", "lacks": "the text does not say"}
    for kind in Kind.__args__:  # type: ignore[attr-defined]
        assert words.get(kind, kind.removeprefix("count ")) in PAGE.partition("## What people")[0]
