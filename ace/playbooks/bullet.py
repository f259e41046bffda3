"""A bullet: one lesson of a playbook.

A bullet is a value. Its place is a rank, a string that sorts bytewise, so that putting one bullet between two others changes
no other bullet, in a playbook of any size.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from ace.playbooks.invisible import one_seen
from ace.types import digest

MAX_TEXT = 2000
"""Characters a bullet's text may have."""
MAX_SECTION = 60
"""Characters a section's name may have."""

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
"""What ranks and ids are written with, in their order."""
_WIDTH = 8
_FIRST = "10000000"
_BLANKS = re.compile(r"\s+")
_ID = re.compile(r"[a-z]{1,4}-[0-9a-z]{4,16}")


class State(StrEnum):
    """`candidate` waits for evidence, `active` is shown, `retired` is a tombstone that `restore` brings back."""

    CANDIDATE = "candidate"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Bullet:
    """One lesson. `version` counts its texts from 1; `parents` are the bullets it was merged from; `rank` is its place. Where
    it is `escalated`, a stronger model decides the cases that it applies to, in runs that have one."""

    id: str
    section: str
    text: str
    state: State = State.ACTIVE
    rank: str = ""
    pinned: bool = False
    version: int = 1
    parents: tuple[str, ...] = ()
    escalated: bool = False

    @property
    def content(self) -> str:
        """Digest of what the bullet says and where it stands (text, section, order, state, marks): no counters, no times."""
        marks = ["escalated"] if self.escalated else []
        return digest(self.id, self.section, self.text, self.rank, self.state.value, self.pinned, list(self.parents), *marks)


def is_id(text: str) -> bool:
    """Whether `text` has the form of a bullet id: up to four letters of the section, a hyphen, up to 16 characters."""
    return _ID.fullmatch(text) is not None


def new_id(section: str, *origin: str | int) -> str:
    """A bullet id that depends on nothing but where the bullet comes from: parent revision, place in the delta, text."""
    prefix = re.sub(r"[^a-z]", "", section.lower())[:3] or "b"
    number = int(digest(section, *origin)[:16], 16)
    letters = ""
    while len(letters) < 10:
        number, digit = divmod(number, 36)
        letters += DIGITS[digit]
    return f"{prefix}-{letters}"


def clean(text: str) -> str:
    """`text` as one line: control characters and runs of white space become single blanks, and invisible characters go that no
    script and no emoji needs. Cleaning a clean text changes nothing."""
    if text.isprintable() and "  " not in text:
        return text.strip(" ")
    return _BLANKS.sub(" ", one_seen(text)).strip()


def clean_before_joiners(text: str) -> str:
    """`text` as bullets were cleaned before joiners were kept: every character that is not printable becomes a blank. Logs that
    were written then are replayed with it."""
    return _BLANKS.sub(" ", "".join(c if c.isprintable() else " " for c in text)).strip()


def rank_between(low: str | None, high: str | None) -> str:
    """A rank that sorts bytewise after `low` and before `high`; `None` is the open end.

    Appended ranks are eight base-36 digits, counting; a rank between two others is their midpoint, read as a fraction. Ranks
    grow by a digit for every five or more insertions at the very same place, and nowhere else. `ValueError`: there is none.
    """
    if high is not None:
        return _midpoint(low or "", high)
    number = int((low or _FIRST)[:_WIDTH].ljust(_WIDTH, "0"), 36) + 1
    digits = ""
    for _ in range(_WIDTH):
        number, digit = divmod(number, 36)
        digits = DIGITS[digit] + digits
    return digits


def _midpoint(low: str, high: str) -> str:
    prefix, bounded, i = "", True, 0
    while low < high and (not bounded or i < len(high)):
        a = DIGITS.index(low[i]) if i < len(low) else 0
        b = (DIGITS.index(high[i]) if i < len(high) else 0) if bounded else 36
        if b - a > 1:
            return prefix + DIGITS[(a + b) // 2]
        prefix += DIGITS[a]
        bounded = bounded and b == a
        i += 1
    raise ValueError(f"there is no rank between {low!r} and {high!r}")
