"""How much of a text from outside is kept: one bound for observations, actions, thoughts, feedback and reasons.

An environment or a model may give any amount of text, and every episode is stored. A cut is noted in the text itself, so that
the rest is not taken for the whole. A text that was cut once is not cut again.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from ace.types import UNVERIFIED, Episode, Observation, Outcome, Step

MOST_BYTES = 200_000
"""Bytes (UTF-8) of one text that are kept, the note on what was cut included."""
MOST_LISTED = 1_000_000
"""Characters that the options of one observation may have together. Options are exact, so they cannot be cut."""
LONGEST_KIND = 100
"""Characters of a task's kind."""
LONGEST_ORIGIN = 200
"""Characters of a task's origin."""
CHANNELS = ("person", "operator", "environment", "import")
"""Names of the channels by which texts come besides tasks; no task can have one of them as its origin."""
PURGED = "purged-"
"""How the origin of a purged episode begins: what follows is a mark of the name that stood there."""
_NOT_IN_A_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
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


def shortened(text: str, most: int = 500) -> str:
    """`text` on one line, cut to `most` characters for a message."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most].rstrip() + " ..."


def kind_fault(kind: object) -> str:
    """Why `kind` cannot be the kind of a task; empty if it can."""
    return _line_fault("kind", "a kind", kind, LONGEST_KIND)


def origin_fault(origin: object) -> str:
    """Why `origin` cannot be the origin of a task; empty if it can. What differs from a reserved word by its case, its blanks
    or the form of its characters alone would pass for it where a person reads it, so it is refused too."""
    if (fault := _line_fault("origin", "an origin", origin, LONGEST_ORIGIN)) or not isinstance(origin, str):
        return fault
    folded = folded_origin(origin)
    if folded == UNVERIFIED:
        return (
            "" if origin == UNVERIFIED else f"the origin {origin!r} is not the reserved word {UNVERIFIED!r} and reads like it"
        )
    if folded.partition(":")[0].strip() in CHANNELS:
        reserved = f"{', '.join(CHANNELS)} are names of channels, which the store sets itself"
        return f"the origin {origin!r} is reserved: {reserved}; name the sender, or leave it empty for the environment"
    if folded.startswith(PURGED):
        return f"the origin {origin!r} is reserved: {PURGED}... stands for the origins of purged episodes"
    return "" if folded or not origin else f"the origin {origin!r} has no visible character"


def folded_origin(origin: str) -> str:
    """`origin` without what a reader does not see: case, the form of its characters, invisible ones, and blanks but for one
    between words. Origins that fold alike are counted as one."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", origin).casefold())
    return " ".join("".join(c for c in plain if unicodedata.category(c) != "Cf").split())


def _line_fault(what: str, a: str, text: object, most: int) -> str:
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
