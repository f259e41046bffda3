"""What an agent's program says came of an attempt, as an outcome.

Three values and no guessing. An unknown outcome is `None`, and nothing is learned from it; any other value is refused at once,
where the mistake was made.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from ace.bounds import bounded
from ace.errors import BadSetting
from ace.memory.store import Store
from ace.playbooks.bullet import is_id
from ace.playbooks.typed import require_text
from ace.session.transcript import Transcript
from ace.types import Outcome, Verdict
from ace.warned import warn

UNKNOWN = "its program could not tell whether it was a success"
_MOST_ODD = 5


class OutcomeReport(TypedDict, total=False):
    """What can be said of an attempt besides its success: `feedback` for the learner in plain words, bullets the agent `cited`
    (ids) and a `score` in [0, 1]."""

    feedback: str | None
    cited: Iterable[str] | None
    score: float | None


class OutcomeKeywords(OutcomeReport, total=False):
    """A report with the `transcript`: a text, chat messages, or any JSON."""

    transcript: Transcript


def outcome(success: bool | None, feedback: str | None, score: float | None) -> Outcome:
    """The outcome that a verdict stands for; `None` is invalid, and no feedback is an empty one. Raises `BadSetting` for a
    verdict, feedback or score of another type."""
    if success is not None and (isinstance(success, str) or success not in (True, False)):
        raise BadSetting(f"success is {success!r:.80}; it must be True, False, or None where that cannot be told")
    feedback = require_text("feedback", "" if feedback is None else feedback)
    # NaN is in no range.
    if score is not None and not (isinstance(score, int | float) and 0 <= score <= 1):
        raise BadSetting(f"score is {score!r:.80}; it must be from 0 to 1, or not given")
    feedback = bounded(feedback)
    if success is None:
        return Outcome(Verdict.INVALID, score, feedback, UNKNOWN)
    return Outcome(Verdict.SUCCESS if success else Verdict.FAILURE, score, feedback)


def named(cited: Iterable[str] | None, store: Store, playbook: str) -> tuple[str, ...]:
    """Bullet ids as a program gave them, brackets or not. Texts that are the id of no bullet of the playbook are warned of and
    left out, because agents make ids up. Raises `BadSetting` for what is not a list of texts."""
    found = {str(c).strip("[]` "): str(c) for c in _listed(cited)}
    if not found:
        return ()
    book = store.view(playbook)
    known = {id for id in found if is_id(id) and book.get(id) is not None}
    if odd := [text for id, text in found.items() if id not in known]:
        it = "it is" if len(odd) == 1 else "they are"
        shown = ", ".join(f"{text!r:.80}" for text in odd[:_MOST_ODD]) + ", ..." * (len(odd) > _MOST_ODD)
        warn(f"cited has {shown}, which is the id of no bullet of playbook {playbook!r}; {it} left out")
    return tuple(id for id in found if id in known)


def _listed(cited: object) -> Iterable[object]:
    if cited is None:
        return ()
    if isinstance(cited, str):
        return (cited,)
    if isinstance(cited, bytes) or not isinstance(cited, Iterable):
        raise BadSetting(f"cited is {cited!r:.80}; it must be a list of bullets' ids, as in cited=['rul-abc123']")
    return cited
