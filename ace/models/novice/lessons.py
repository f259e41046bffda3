"""The lessons the novice thinks in, and the sentences they stand as in a playbook.

A lesson is written as a sentence a person can read, judge and edit, and read back from that sentence alone; the novice
remembers nothing else. Its rules are the triggers that every bullet may state.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ace.playbooks.triggers.grammar import read_sentence
from ace.playbooks.triggers.trigger import Trigger

_Q = r'"([^"]+)"'
_LOOK = re.compile(rf"Before answering, take {_Q}(?::.*)?\.?")
_TOPIC = re.compile(rf"When the text is about ((?:{_Q})(?:, {_Q})*): choose {_Q}\.")


@dataclass(frozen=True, slots=True)
class Topic:
    """A text about `words` calls for `choice`; the nearest topic decides."""

    words: tuple[str, ...]
    choice: str

    def sentence(self) -> str:
        return "When the text is about " + ", ".join(f'"{w}"' for w in self.words) + f': choose "{self.choice}".'


@dataclass(frozen=True, slots=True)
class Look:
    """Taking `action` shows facts and does not end the case: take it before answering."""

    action: str
    shows: tuple[str, ...] = ()

    def sentence(self) -> str:
        shown = f": it shows {', '.join(self.shows)}" if self.shows else ""
        return f'Before answering, take "{self.action}"{shown}.'


Lesson = Trigger | Topic | Look


@lru_cache(maxsize=1 << 12)
def parse_lesson(text: str) -> Lesson | None:
    """The lesson a sentence states, or `None` where it is not in the novice's language."""
    if look := _LOOK.fullmatch(text):
        return Look(look[1])
    if topic := _TOPIC.fullmatch(text):
        return Topic(tuple(re.findall(_Q, topic[1])), text[text.rindex(': choose "') + 10 : -2])
    return read_sentence(text)
