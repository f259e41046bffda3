"""The new attempts, each with its diagnosis; or of the diagnoses what says more than a row of facts does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ace.models import layout
from ace.types import Episode, Reflection

_LEAST, _LEAST_OF = 60, {"done": 200}
"""Characters of an item that are kept however often the evidence is halved: half an answer is another one."""


def diagnosed(episode: Episode, r: Reflection, numbers: dict[str, int], halvings: int) -> str:
    number = numbers[episode.id] = len(numbers) + 1
    used = " ".join(f"[{c}]" for c in episode.cited) or layout.NO_BULLET
    rows = [
        ("situation", r.situation),
        ("done", r.choice),
        ("diagnosis", r.diagnosis),
        ("lesson", r.lesson),
        ("the environment said", layout.item(episode.outcome.feedback, 200)),
    ]
    lines = [f"{name}: {layout.item(text, _half(text, halvings, _LEAST_OF.get(name, _LEAST)))}" for name, text in rows if text]
    return "\n".join([f"## #{number} {episode.outcome.verdict.value}, used {used}", *lines])


def _half(text: str, halvings: int, least: int = _LEAST) -> int:
    """The characters of an item that are kept."""
    return max(min(layout.MAX_LINE, len(text)) >> halvings, least) if halvings else layout.MAX_LINE


_WORD = re.compile(r"\w+")
_OF_VERDICTS = """
the and was were for this that with not but are has had did its it's here case attempt agent answer answers choice
chose choose chosen choosing success succeeded succeed failure failed fail right wrong won lost correct incorrect
outcome result environment proves prove shows show only after confirms confirm excluded exclude excludes which what
when where then does lesson lessons followed given fact facts value said says than from into such like one know known
unknown remains
"""
"""Words in which any diagnosis says right or wrong."""
_MORE = 3
"""Words that a diagnosis must have which its row has not."""


def beyond(new: Iterable[tuple[Episode, Reflection]], numbers: Mapping[str, int], halvings: int) -> list[str]:
    """A line for each diagnosis that says more than its row: what was listed to choose from says why it failed; where nothing
    was listed all of it counts."""
    lines = []
    for e, r in new:
        free = not e.first.actions and not e.first.answers
        row = _words(f"{r.situation} {r.choice} {' '.join((*e.first.actions, *e.first.answers)) if not free else ''}")
        told = [
            f"{name}: {layout.item(text, _half(text, halvings))}"
            for name, text in (("diagnosis", r.diagnosis), ("lesson", r.lesson))
            if text and (free or len(_words(text) - row - set(_OF_VERDICTS.split())) >= _MORE)
        ]
        if told:
            lines.append(layout.row([f"- #{numbers[e.id]}", *told]))
    return lines


def _words(text: str) -> set[str]:
    return {w for w in _WORD.findall(text.casefold()) if len(w) > 2 and not w.isdigit()}
