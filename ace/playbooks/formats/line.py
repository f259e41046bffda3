"""What every format reads from a file and writes into one: lines, and a copy of a playbook.

A file says what a bullet is, never what happened with it. What another system counted or wrote about a bullet travels as a
note for people, because it is that system's opinion and no evidence of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ace.errors import BadInput
from ace.playbooks.bullet import MAX_TEXT, Bullet, State, clean, is_id
from ace.types import Record

LONGEST_LINE = 100_000
"""Characters of a line, and of the lines that make one bullet, that are read at all."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_COUNTER = re.compile(r".*-\d+")


@dataclass(frozen=True, slots=True)
class Line:
    """A bullet from a file: the `number` of its line (from 1), its section, id (empty where the file gives none that can be
    kept), text, state (`active` or `candidate`) and marks. `parents` are ids it was merged from, `note` is what else the file
    says of it, and `entry` where it stands in a file that does not go by lines."""

    number: int
    section: str
    id: str
    text: str
    state: State = State.ACTIVE
    pinned: bool = False
    parents: tuple[str, ...] = ()
    note: str = ""
    entry: str = ""
    escalated: bool = False

    @property
    def place(self) -> str:
        """Where it stands, as an error message says it."""
        return self.entry or f"line {self.number}"


def flags_of(b: Bullet) -> list[str]:
    """The words that stand behind the id of a bullet in the comment that a file has of it."""
    said = (("candidate", b.state is State.CANDIDATE), ("pinned", b.pinned), ("escalated", b.escalated))
    return [word for word, holds in said if holds]


@dataclass(frozen=True, slots=True)
class Copy:
    """A playbook at one revision, to be written into a file: its live bullets in order, what is known of them by id, and how
    many more there are that are distrusted, and so `left_out`."""

    playbook: str
    revision: int
    hash: str
    digest: str
    bullets: Sequence[Bullet]
    records: Mapping[str, Record] = field(default_factory=dict)
    left_out: int = 0

    def record(self, id: str) -> Record:
        return self.records.get(id) or Record()


def numbered(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text file with their numbers from 1, without blanks and line ends behind them. Raises `BadInput` for one
    that is too long or holds what would control a terminal."""
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if len(line) > LONGEST_LINE:
            raise BadInput(f"line {number}: it has {len(line):,} characters; a line may have {LONGEST_LINE:,}")
        kept = line.rstrip()
        if control := control_in(kept, allowed="\t"):
            raise BadInput(f"line {number} holds a control character ({control}); take it out")
        yield number, kept


def control_in(text: str, allowed: str = "") -> str:
    """The first control character of `text` that is not `allowed`, as U+001B; empty where there is none."""
    found = next((m[0] for m in _CONTROL.finditer(text) if m[0] not in allowed), "")
    return found and f"U+{ord(found):04X}"


def joined(number: int, pieces: Sequence[str]) -> str:
    """The lines of the bullet that begins at line `number`, as one. Raises `BadInput` for one that is too long."""
    if (length := sum(map(len, pieces))) > LONGEST_LINE:
        raise BadInput(f"line {number}: the bullet has {length:,} characters; its lines may have {LONGEST_LINE:,} together")
    return " ".join(pieces)


def no_code(number: int) -> BadInput:
    """The refusal of a fenced block of code where bullets are: joined into one line it would be neither code nor a lesson."""
    way_out = "write the code on that line between `backticks`, or take the block out"
    return BadInput(f"line {number}: a block of code begins here, and a bullet is one line: {way_out}")


def kept_id(foreign: str) -> str:
    """The id that a bullet of another system's file keeps; empty where it needs a new one.

    Those systems count: two files have a `-00001` each, and in one prompt or one merge they would be taken for the same bullet.
    So an id that ends in a number is not kept, and one of ours, which comes back from such a file, is.
    """
    return foreign if is_id(foreign) and not _COUNTER.fullmatch(foreign) else ""


def noted(said: Sequence[str]) -> str:
    """What another system says of a bullet as a note, cut where it is longer than a bullet may be."""
    note = ", ".join(said)
    return note if len(note) <= MAX_TEXT else note[: MAX_TEXT - 1] + "…"


def short(text: str) -> str:
    """`text` in quotes, as long as an error message bears."""
    kept = clean(text)
    return repr(kept if len(kept) <= 60 else kept[:57] + "...")
