"""The twelve operations, and the delta that lists them.

One flat frozen value for all operations instead of ten classes. Models, files and the database all write it as one row, and
what an operation needs is checked in one table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from ace.bounds import shortened
from ace.playbooks.bullet import clean_before_joiners
from ace.types import JSON, Usage

PERSON = "person"
"""The author of what a person does by hand. Pins hold against every other author."""
AUTHORS = ("curator", PERSON, "import")


class Op(StrEnum):
    ADD = "add"
    REVISE = "revise"
    MERGE = "merge"
    MOVE = "move"
    RETIRE = "retire"
    RESTORE = "restore"
    ACTIVATE = "activate"
    DEMOTE = "demote"
    PIN = "pin"
    UNPIN = "unpin"
    ESCALATE = "escalate"
    DEESCALATE = "deescalate"


class Status(StrEnum):
    """What became of a delta. `quarantined` and `refused` deltas are kept, with their reason, and change nothing."""

    ACCEPTED = "accepted"
    QUARANTINED = "quarantined"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Operation:
    """One small edit.

    `add` makes a bullet of `text` in `section`, last, or right after `after` (a bullet id, "first": at the section's top, or
    "top": before all other bullets); its `sources` are the bullets it was merged from where it was made, in a branch. `revise`
    gives bullet `id` a new `text`. `merge` makes one bullet of `text` out of `sources` (two or more ids, which retire), right
    after `after`, as in `add`, or in the place of the first. `move` puts `id` into `section` (empty: its own) right after
    `after`, as in `add`. `retire`, `restore`, `activate`, `demote` (makes a lesson a guess again), `pin`, `unpin`, `escalate`
    (a stronger model decides where the bullet applies, in runs that have one) and `deescalate` take an `id` alone. Every
    operation carries its `reason` and the `episodes` behind it. `new_id` is set where the id of the new bullet is already known
    (replay, import); otherwise applying derives it. `state` is the state an added, merged or restored bullet starts in: active
    or candidate.
    """

    op: Op
    id: str = ""
    section: str = ""
    text: str = ""
    after: str = ""
    sources: tuple[str, ...] = ()
    reason: str = ""
    episodes: tuple[str, ...] = ()
    new_id: str = ""
    state: str = "active"

    def as_json(self) -> dict[str, Any]:
        """The canonical form, empty fields left out: what revisions are hashed over and files hold."""
        row: dict[str, Any] = {"op": self.op.value}
        for name in ("id", "section", "text", "after", "reason", "new_id"):
            if value := getattr(self, name):
                row[name] = value
        if self.sources:
            row["sources"] = list(self.sources)
        if self.episodes:
            row["episodes"] = list(self.episodes)
        if self.state != "active":
            row["state"] = self.state
        return row

    def before_joiners(self) -> Operation:
        """The operation with its section and text as they were cleaned before joiners were kept."""
        return replace(self, section=clean_before_joiners(self.section), text=clean_before_joiners(self.text))

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Operation:
        known = dict(row)
        return cls(
            op=Op(known.pop("op")),
            sources=tuple(known.pop("sources", ())),
            episodes=tuple(known.pop("episodes", ())),
            **known,
        )


@dataclass(frozen=True, slots=True)
class Delta:
    """A list of operations against the revision `base` (a revision hash; empty for the empty playbook), its author
    (`curator`, `PERSON`, `import`), the reason for it as a whole, the episodes behind it, the name of the person who made
    it (`by`; empty for a curator), and of an import the name of the `file`, without its folder."""

    base: str
    operations: tuple[Operation, ...]
    author: str = "curator"
    reason: str = ""
    episodes: tuple[str, ...] = ()
    by: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Operation `operation`, at place `index` of its delta, was not applied, because of `reason`. Where it was to add what a
    bullet says already, `twin` is that bullet."""

    index: int
    operation: Operation
    reason: str
    twin: str = ""

    @property
    def told(self) -> str:
        """The operation, by its bullets, or by its text where it was to add one, and why it was not applied."""
        o = self.operation
        about = f'"{shortened(o.text, 80)}"' if o.op is Op.ADD else o.id or ", ".join(o.sources)
        return f"{o.op.value} {about}: {self.reason}"


REVIEW = "review"
"""What stands for the gate's name in the judgement of a person who reviewed a delta."""
ANSWERS = ("pass", "refuse", "hold", "again")
"""What a gate can answer."""
REFUSALS = ("refuse", "again")
"""The answers by which a delta does not go into the playbook: one that asks once more refuses the second proposal."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one gate decided on a delta: its `answer` (`pass`, `refuse`, `hold` or `again`: the strategy was asked once more),
    the `reason`, the `figures` it measured (JSON), and what its model calls and the cases it had played cost."""

    gate: str
    answer: str
    reason: str = ""
    figures: Mapping[str, JSON] = field(default_factory=dict)
    usage: Usage = Usage()

    @property
    def passed(self) -> bool:
        return self.answer == "pass"

    @classmethod
    def from_json(cls, row: Mapping[str, JSON]) -> Judgement:
        """What `as_json` gave."""
        cost = dict(row["usage"])
        estimated = cost.pop("estimated_tokens", 0)
        return cls(row["gate"], row["answer"], row["reason"], dict(row["figures"]), Usage(**cost, estimated=estimated))

    def as_json(self) -> dict[str, JSON]:
        return {
            "gate": self.gate,
            "answer": self.answer,
            "reason": self.reason,
            "figures": dict(self.figures),
            "usage": self.usage.as_json(),
        }
