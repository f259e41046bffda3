"""The novice as reflector: it says what it saw, chose and got, and which actions showed facts. It never guesses why."""

from __future__ import annotations

from typing import Any

from ace.evidence.observed import looks
from ace.evidence.told import told_answer
from ace.models.contract import Request
from ace.models.novice.lessons import Look, parse_lesson
from ace.models.novice.reading import Attempt, read_attempt, read_cases
from ace.playbooks.triggers.facts import read_facts
from ace.playbooks.triggers.trigger import quoted

NOTHING = "(nothing)"
"""The choice of an attempt that ended before it made one."""


def diagnose(request: Request) -> dict[str, Any]:
    """The diagnosis of the attempt in `request`, or of each of its cases where it has several."""
    text = request.messages[-1].content
    if cases := read_cases(text):
        return {"diagnoses": [{"case": number, **_diagnosis(attempt)} for number, attempt in cases]}
    return _diagnosis(read_attempt(text))


def _diagnosis(attempt: Attempt) -> dict[str, Any]:
    seen_by = looked(attempt)
    shown = {look.action for look in seen_by}
    known = set(attempt.used.values())
    choice = " > ".join(quoted(a) for a, _ in attempt.steps if quoted(a) not in shown) or NOTHING
    texts = [attempt.first, *(seen for _, seen in attempt.steps)]
    got = "won" if attempt.won else "lost"
    answer = told_answer(attempt.said, choice)
    return {
        "situation": read_facts(texts).line(),
        "choice": choice,
        "diagnosis": f"This choice {got} here." + (f" The right answer was {answer}." if answer else ""),
        "lesson": " ".join(look.sentence() for look in seen_by if look.sentence() not in known),
        "votes": [{"lesson_id": id, "vote": vote} for id, vote in _votes(attempt).items()],
    }


def _votes(attempt: Attempt) -> dict[str, str]:
    """By lesson: what came of the last attempt that used it."""
    before = {id: _vote(text, won=False) for id, text in attempt.used_before.items()}
    return before | {id: _vote(text, won=attempt.won) for id, text in attempt.used.items()}


def _vote(lesson: str, *, won: bool) -> str:
    """Where to look decides nothing; what to choose does."""
    if isinstance(parse_lesson(lesson), Look):
        return "neutral"
    return "helpful" if won else "harmful"


def looked(attempt: Attempt) -> list[Look]:
    """The actions that showed named facts not seen before."""
    return [Look(quoted(action), fresh) for action, fresh in looks(attempt.first, attempt.steps)]
