"""How much of a text from outside is kept: one bound for observations, actions, thoughts, feedback and reasons.

An environment or a model may give any amount of text, and every episode is stored. A cut is noted in the text itself, so that
the rest is not taken for the whole. A text that was cut once is not cut again.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ace.types import Episode, Observation, Outcome, Step

MOST_BYTES = 200_000
"""Bytes (UTF-8) of one text that are kept, the note on what was cut included."""
MOST_LISTED = 1_000_000
"""Characters that the options of one observation may have together. Options are exact, so they cannot be cut."""
LONGEST_KIND = 100
"""Characters of a task's kind."""
_NOT_IN_A_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LONG_NUMBER = re.compile(r"[0-9]{41,}")
_NOTE = "\n(cut: {more:,} more characters; at most {most:,} bytes of a text are kept)"


def bounded(text: str, most: int = MOST_BYTES) -> str:
    """`text`, or its beginning with a note on how many characters were cut, in at most `most` bytes."""
    if len(text) * 4 <= most:
        return text
    data = text.encode("utf-8", "surrogatepass")
    if len(data) <= most:
        return text
    room = most - len(_NOTE.format(more=len(text), most=most))
    kept = data[: max(room, 0)].decode("utf-8", "ignore")
    return kept + _NOTE.format(more=len(text) - len(kept), most=most)


def why_unread(error: ValueError | RecursionError) -> str:
    """Why a text was not read as JSON or TOML; a number with more digits than are read is told in our own words."""
    return "it holds a number with too many digits" if "integer string conversion" in str(error) else str(error)


def without_long_numbers(text: str) -> str:
    """`text` with each number of more than forty digits cut to its first ones, for a message."""
    return _LONG_NUMBER.sub(lambda m: f"{m[0][:20]}... ({len(m[0]):,} digits)", text)


def shortened(text: str, most: int = 500) -> str:
    """`text` on one line, cut to `most` characters for a message."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most].rstrip() + " ..."


def kind_fault(kind: object) -> str:
    """Why `kind` cannot be the kind of a task; empty if it can."""
    return line_fault("kind", "a kind", kind, LONGEST_KIND)


def line_fault(what: str, a: str, text: object, most: int) -> str:
    """Why `text` cannot be a short line of at most `most` characters; empty if it can. It is called `what`, with its article
    `a`."""
    if not isinstance(text, str):
        return f"{a} must be a text, not {type(text).__name__}"
    if len(text) > most:
        return f"the {what} {text[:40]!r}... has {len(text):,} characters; at most {most} are accepted"
    if _NOT_IN_A_LINE.search(text):
        return f"the {what} {text!r} holds a control character; {a} is one line of plain text"
    return f"the {what} {text!r} begins or ends with a blank; leave it out" if text != text.strip() else ""


def observation(seen: Observation) -> Observation:
    """`seen` with its text bounded; its options stay as they are."""
    text = bounded(seen.text)
    return seen if text is seen.text else replace(seen, text=text)


def outcome(came: Outcome) -> Outcome:
    """`came` with its texts bounded."""
    return replace(came, feedback=bounded(came.feedback), reason=bounded(came.reason))


def episode(e: Episode) -> Episode:
    """`e` with every text that an environment or an agent wrote bounded. The number of steps stays."""
    return replace(e, first=observation(e.first), steps=tuple(map(_step, e.steps)), outcome=outcome(e.outcome))


def _step(step: Step) -> Step:
    seen = None if step.observation is None else observation(step.observation)
    return replace(step, action=bounded(step.action), observation=seen, thought=bounded(step.thought))
