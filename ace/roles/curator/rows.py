"""All attempts, once, in one flat table: a row an attempt, its facts in columns.

Nothing is grouped by lesson, so that one rule can be looked for across all of them. Attempts at one case stand together. Facts
that all of them share tell none from another: they stand once above the table where that is shorter. Where there are more
attempts than the budget takes, half of it goes to the newest; the other half to the most telling: wins, and losses that
contradict the present list.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ace.evidence.attempts import Attempts
from ace.models import layout
from ace.playbooks.bullet import is_id
from ace.roles.curator.facts import Names, Situation, columns_of, common
from ace.types import Past

HELP = (
    'Oldest first; attempts at one case stand together. "+" is right, "-" is wrong, "new" came since your last edits. '
    f'"{layout.UNSEEN}": the agent did not see this fact. "{layout.SAME_CASE}4": the facts of row #4. '
    f'"{layout.LESSONS}" are the ids of the lessons it followed; "{layout.MORE}" is what few attempts have.'
)
MAX_CELL = 200
"""Characters of a fact; and of a choice, of which half is another one, at least."""
_FORGED = re.compile(rf"^(?={re.escape(layout.SAME_CASE)})")
_FEWEST_COLUMNS = 3
"""Columns from which on the facts of a case are not written twice."""


def size(p: Past) -> int:
    """Tokens of an attempt's row, about. Names of facts stand in the heading."""
    names = sum(len(part.partition(": ")[0]) for part in p.situation.split("; ") if ": " in part)
    return (max(len(p.situation) - names, 0) + len(p.choice) + len(p.revealed) + 11 * len(p.cited) + 12) // 4


def table(
    attempts: Attempts,
    numbers: dict[str, int],
    tokens: int,
    longest: int = layout.MAX_LINE,
    against: Collection[str] = frozenset(),
) -> list[str]:
    """The lines of the table, past attempts within about `tokens` tokens (`kept`); texts of more than `longest` characters are
    cut. The numbers of the rows are added to `numbers`, by episode."""
    past = kept(attempts.past, tokens, against)
    rows = by_case([*past, *attempts.new])
    if not rows:
        return []
    for p in rows:
        numbers[p.episode] = len(numbers) + 1
    names = Names()
    seen = [names.read(p.situation) for p in rows]
    shared = _worth_sharing(common(seen), seen)
    columns = columns_of(seen, shared)
    writer = _Writer(columns, shared, names.names, numbers, frozenset(p.episode for p in attempts.new), longest)
    said = [layout.SAID] if any(p.revealed for p in rows) else []
    heads = (layout.item(names.names[c], MAX_CELL) for c in columns)
    lines = [HELP, *writer.above(), layout.row(["row", *heads, layout.CHOICE, layout.LESSONS, layout.MORE, *said])]
    before: tuple[Past, Situation] | None = None
    for p, situation in zip(rows, seen, strict=True):
        same = before is not None and bool(p.task) and p.task == before[0].task and situation == before[1]
        lines.append(writer.row(p, situation, before[0] if same and before else None))
        before = before if same else (p, situation)
    left = [p for p in attempts.past if p.episode not in numbers]
    return [*lines, *([_rest(left)] if left else [])]


def _worth_sharing(facts: Mapping[str, str], seen: Sequence[Situation]) -> Mapping[str, str]:
    """The `facts`, which all of `seen` have, if the table is clearly shorter with them said once above it: the facts of a few
    attempts are the same by chance."""
    told = {name: value for name, value in facts.items() if value != layout.UNSEEN}
    times = sum(a != b for a, b in pairwise(seen))
    saved = sum(times * (len(value) + len(layout.FIELD)) for value in told.values())
    return told if saved > 2 * len(layout.EVERY_ROW) else {}


def _rest(left: Sequence[Past]) -> str:
    won = sum(p.won for p in left)
    return f"({len(left)} more past attempts are left out: {won} right, {len(left) - won} wrong)"


@dataclass(frozen=True, slots=True)
class _Writer:
    columns: Sequence[str]
    shared: Mapping[str, str]
    names: Mapping[str, str]
    numbers: Mapping[str, int]
    new: frozenset[str]
    longest: int

    def above(self) -> list[str]:
        """The line of the facts that all rows share, if there are any."""
        facts = [layout.item(f"{self.names[name]}: {value}", MAX_CELL) for name, value in self.shared.items()]
        return [layout.row([layout.EVERY_ROW, *facts])] if facts else []

    def row(self, p: Past, situation: Situation, same: Past | None) -> str:
        """The row of `p`; its facts are those of the row of `same`, where that is given."""
        head = f"{'+' if p.won else '-'} #{self.numbers[p.episode]}" + (" new" if p.episode in self.new else "")
        shared = same is not None and len(self.columns) >= _FEWEST_COLUMNS
        if same is not None and shared:
            facts, more = [f"{layout.SAME_CASE}{self.numbers[same.episode]}"], ""
        else:
            facts, more = self._facts(situation), self._more(situation)
        ids = " ".join(id for id in p.cited if is_id(id))
        return layout.row(
            [head, *facts, layout.item(p.choice, max(self.longest, MAX_CELL)), ids, more, layout.item(p.revealed, MAX_CELL)]
        )

    def _facts(self, situation: Situation) -> list[str]:
        return [_cell(situation.facts[c]) if c in situation.facts else layout.UNSEEN for c in self.columns]

    def _more(self, situation: Situation) -> str:
        told = {*self.columns, *self.shared}
        rare = [f"{self.names[c]}: {value}" for c, value in situation.facts.items() if c not in told]
        return layout.item("; ".join([*rare, *([situation.text] if situation.text else [])]), self.longest)


def _cell(value: str) -> str:
    """A value that looks like a reference to a row is marked as none."""
    return _FORGED.sub("'", layout.item(value, MAX_CELL)) or layout.UNSEEN


def by_case(attempts: Sequence[Past]) -> list[Past]:
    """The attempts with those at one case together, in the place of the first of them."""
    cases: dict[str, list[Past]] = {}
    for p in attempts:
        cases.setdefault(p.task or p.episode, []).append(p)
    return [p for case in cases.values() for p in case]


def kept(past: Sequence[Past], tokens: int, against: Collection[str] = frozenset()) -> list[Past]:
    """The past attempts that are shown within about `tokens` tokens, oldest first: the newest up to half of it, then wins and
    those `against` the present list, then others, the newest first."""
    sizes = [size(p) for p in past]
    if sum(sizes) <= tokens:
        return list(past)
    newest = list(reversed(range(len(past))))
    telling = [i for i in newest if past[i].won or past[i].episode in against]
    chosen: set[int] = set()
    spent = 0
    for order, room in ((newest, tokens // 2), (telling, tokens), (newest, tokens)):
        for i in order:
            if i in chosen:
                continue
            if spent + sizes[i] > room:
                break
            chosen.add(i)
            spent += sizes[i]
    return [past[i] for i in sorted(chosen)]
