"""What an agent's program says came of an attempt, as an outcome.

Three values and no guessing. An unknown outcome is `None`, and nothing is learned from it; any other value is refused at once,
where the mistake was made.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypedDict

from ace.bounds import bounded
from ace.errors import BadSetting
from ace.playbooks.bullet import is_id
from ace.session.transcript import Transcript
from ace.types import Outcome, Verdict

UNKNOWN = "its program could not tell whether it was a success"


class OutcomeReport(TypedDict, total=False):
    """What can be said of an attempt besides its success: `feedback` for the learner in plain words, bullets the agent `cited`
    (ids) and a `score` in [0, 1]."""

    feedback: str
    cited: Iterable[str]
    score: float | None


class OutcomeKeywords(OutcomeReport, total=False):
    """A report with the `transcript`: a text, chat messages, or any JSON."""

    transcript: Transcript


def outcome(success: bool | None, feedback: str, score: float | None) -> Outcome:
    """The outcome that a verdict stands for; `None` is invalid. Raises `BadSetting` for a verdict, feedback or score of
    another type."""
    if success is not None and (isinstance(success, str) or success not in (True, False)):
        raise BadSetting(f"success is {success!r}; it must be True, False, or None where that cannot be told")
    if not isinstance(feedback, str):
        raise BadSetting(f"feedback is a {type(feedback).__name__}; it must be a text")
    if score is not None and not (isinstance(score, int | float) and math.isfinite(score) and 0 <= score <= 1):
        raise BadSetting(f"score is {score!r}; it must be from 0 to 1, or not given")
    feedback = bounded(feedback)
    if success is None:
        return Outcome(Verdict.INVALID, score, feedback, UNKNOWN)
    return Outcome(Verdict.SUCCESS if success else Verdict.FAILURE, score, feedback)


def named(cited: Iterable[str]) -> tuple[str, ...]:
    """Bullet ids as an agent gave them, brackets or not; other texts are left out, because agents make ids up."""
    given = (cited,) if isinstance(cited, str) else cited
    return tuple(dict.fromkeys(id for id in (str(c).strip("[]` ") for c in given) if is_id(id)))
