"""An attempt in one line as it was observed, for those that no reflector has described: its facts, and what was done."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ace.playbooks.triggers.facts import read_facts
from ace.types import Episode

_TEXT = 300
"""Characters kept of a text in which no facts are named."""
_PARAGRAPHS = re.compile(r"\n[^\S\n]*\n\s*")
_NAMED = 2
"""Named facts from which on a case is told by them."""


def situation(e: Episode) -> str:
    """The facts of `e` as `name: value; name: value`, from its task and all observations; where fewer than two are named, the
    part of the task's text that tells its case."""
    texts = [e.first.text, *(s.observation.text for s in e.steps if s.observation is not None)]
    facts = read_facts(texts, prose=False)
    return facts.line() if len(facts.fields) >= _NAMED else _case_of(e.task.text)


def _case_of(text: str) -> str:
    """The last paragraphs of `text` that can be kept: instructions, which all tasks may share, come first and the case after
    them. The beginning of the last paragraph where it is longer."""
    if len(text) <= _TEXT:
        return text
    starts = [0, *(m.end() for m in _PARAGRAPHS.finditer(text.rstrip()))]
    start = next((s for s in starts if len(text) - s <= _TEXT), starts[-1])
    return text[start : start + _TEXT]


def choice(e: Episode) -> str:
    """What `e` did that counts: the actions that did more than show facts, then the answer, joined by " > ". Where nothing was
    listed to choose from it is the last text alone."""
    if not e.steps:
        return ""
    if not (e.first.actions or e.first.answers):
        return e.steps[-1].action
    steps = [(s.action, s.observation.text if s.observation is not None else "") for s in e.steps]
    shown = {action for action, _ in looks(e.first.text, steps)}
    return " > ".join(action for action, _ in steps if action not in shown)


def looks(first: str, steps: Sequence[tuple[str, str]]) -> list[tuple[str, tuple[str, ...]]]:
    """The actions among `steps` (action, what came of it) that showed facts not named before, each with their names."""
    known = set(read_facts([first]).fields)
    found = []
    for action, seen in steps:
        fresh = tuple(name for name in read_facts([seen]).fields if name not in known)
        if fresh and action:
            found.append((action, fresh))
            known.update(fresh)
    return found
