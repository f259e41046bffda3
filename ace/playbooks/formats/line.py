"""What a file says of a playbook, and what is written into one, whatever the format.

The decision behind it: a file says what a bullet is, never what happened with it. What another system counted or wrote about a
bullet travels as a note for people, because it is that system's opinion and no evidence of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ace.errors import BadInput
from ace.playbooks.bullet import Bullet, State, clean, is_id
from ace.types import Record

LONGEST_LINE = 100_000
"""Characters of a line that is read at all."""
_COUNTER = re.compile(r".*-\d+")


@dataclass(frozen=True, slots=True)
class Line:
    """A bullet from a file: the `number` of its line (from 1), its section, id (empty where the file gives none that can be
    kept), text, state (`active` or `candidate`) and pin. `parents` are ids it was merged from, `note` is what else the file
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

    @property
    def place(self) -> str:
        """Where it stands, as an error message says it."""
        return self.entry or f"line {self.number}"


@dataclass(frozen=True, slots=True)
class Copy:
    """A playbook at one revision, to be written into a file: its live bullets in order, and what is known of them by id."""

    playbook: str
    revision: int
    hash: str
    digest: str
    bullets: Sequence[Bullet]
    records: Mapping[str, Record] = field(default_factory=dict)

    def record(self, id: str) -> Record:
        return self.records.get(id) or Record()


def numbered(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text file with their numbers from 1, without what ends them. Raises `BadInput` for one too long."""
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if len(line) > LONGEST_LINE:
            raise BadInput(f"line {number}: it has {len(line):,} characters; a line may have {LONGEST_LINE:,}")
        yield number, line.rstrip()


def kept_id(foreign: str) -> str:
    """The id that a bullet of another system's file keeps; empty where it needs a new one.

    Those systems count: two files have a `-00001` each, and in one prompt or one merge they would be taken for the same bullet.
    So an id that ends in a number is not kept, and one of ours, which comes back from such a file, is.
    """
    return foreign if is_id(foreign) and not _COUNTER.fullmatch(foreign) else ""


def short(text: str) -> str:
    """`text` in quotes, as long as an error message bears."""
    kept = clean(text)
    return repr(kept if len(kept) <= 60 else kept[:57] + "...")
