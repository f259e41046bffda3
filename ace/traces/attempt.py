"""What every reader gives: one attempt that was made elsewhere, with its task, what was said and done, and its verdict."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ace.errors import BadInput
from ace.types import JSON

SUCCESS_WORDS = ("true", "success", "successful", "succeeded", "solved", "won", "win", "pass", "passed", "correct", "c", "yes")
FAILURE_WORDS = (
    *("false", "failure", "failed", "fail", "unsolved", "lost", "loss", "incorrect", "wrong", "i", "n", "no", "noanswer"),
)
UNKNOWN_WORDS = ("", "null", "none", "unknown", "invalid", "error", "skipped")
PARTIAL_WORDS = {"p": 0.5, "partial": 0.5}
"""Inspect's grade for an answer that is partly right counts as half, as its own `value_to_float` has it."""
OTHERS = ("system", "developer", "user", "human", "tool", "function")
"""Roles of messages that are not the agent's."""
ACCEPTED = "true or false, success or failure, pass or fail, C or I, a score from 0 to 1, or null where it is not known"
LONGEST_FEEDBACK = 4000


@dataclass(frozen=True, slots=True)
class Grade:
    """A verdict as a file states it: won, lost, or `None` where it is not known; and the score, where it was a number."""

    success: bool | None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """One attempt. `where` is its file and line or sample, for messages; `task` the statement that the agent was given;
    `transcript` what was said, as messages, a text or JSON; `grade` what came of it. `key` identifies it among the attempts of
    its file, so that reading the file again adds nothing."""

    where: str
    key: str
    task: str
    transcript: JSON
    grade: Grade
    feedback: str = ""
    kind: str = ""
    origin: str = ""
    named: bool = False
    """Whether the file itself gives it its key, which then stands there once."""


@dataclass(frozen=True, slots=True)
class Grading:
    """How files are read: `outcome` names the field, scorer or evaluation that holds the verdict (empty: the one there is), and
    a score wins from `at_least` on."""

    outcome: str = ""
    at_least: float = 1.0


PLAIN = Grading()


@dataclass(slots=True)
class LeftOut:
    """How many attempts were left out because nothing says what came of them, and under what names verdicts would stand. `why`
    counts them by what they have in a verdict's place, where a form knows."""

    ungraded: int = 0
    names: dict[str, None] = field(default_factory=dict)
    why: Counter[str] = field(default_factory=Counter)

    def told(self) -> str:
        """`why` in words, in brackets; empty where nothing is known."""
        return f" ({', '.join(f'{n:,} with {what}' for what, n in self.why.items())})" if self.why else ""


def grade(value: object, where: str, at_least: float = 1.0) -> Grade:
    """The verdict that `value` stands for. Raises `BadInput` for a value that can be read as none."""
    if value is None or isinstance(value, bool):
        return Grade(value)
    if isinstance(value, int | float):
        return _scored(float(value), where, at_least)
    if isinstance(value, str):
        word = " ".join(value.split()).casefold()
        if word in UNKNOWN_WORDS:
            return Grade(None)
        if word in PARTIAL_WORDS:
            return _scored(PARTIAL_WORDS[word], where, at_least)
        if word in SUCCESS_WORDS or word in FAILURE_WORDS:
            return Grade(word in SUCCESS_WORDS)
        try:
            return _scored(float(word), where, at_least)
        except ValueError:
            pass
    raise BadInput(f"{where}: the outcome is {_short(value)}; it must be {ACCEPTED}")


def _scored(score: float, where: str, at_least: float) -> Grade:
    if score != score:
        raise BadInput(f"{where}: the outcome is nan, and nan is not a score; it must be {ACCEPTED}")
    if not 0 <= score <= 1:
        raise BadInput(f"{where}: the outcome is {score:g}; a score is from 0 to 1")
    return Grade(score >= at_least, score)


def replied(transcript: JSON) -> bool:
    """Whether the agent said or did anything in a transcript: where it is a list of messages, one of them is the agent's."""
    if not isinstance(transcript, list):
        return bool(transcript)
    return any(not isinstance(m, Mapping) or m.get("role") not in OTHERS for m in transcript)


def text_of(content: Any) -> str:
    """The text of a message's content, in any of the common forms; empty for what holds none."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(t for part in content if (t := text_of(part)))
    if isinstance(content, Mapping):
        found = next((content[name] for name in ("text", "content", "parts") if content.get(name)), "")
        return text_of(found)
    return ""


def asked(messages: Sequence[Mapping[str, Any]]) -> str:
    """What the agent was asked: the user's messages before its first reply."""
    told = []
    for message in messages:
        if message.get("role") in ("assistant", "model"):
            break
        if message.get("role") == "user":
            told.append(text_of(message.get("content", message.get("parts"))))
    return "\n\n".join(t for t in told if t.strip())


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return repr(text if len(text) <= 60 else f"{text[:60]}...")
