"""Lessons that are taught again.

A curator that adds what a live bullet says already changes nothing. The operation is refused with the id of the bullet that
says the same, and is noted as what that bullet rests on too: its reason and episodes are part of the bullet's lineage, while
the bullet keeps its id, its place and what is known of it. What says the same has the same gist, so asking costs one look into
an index, however large the playbook is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection

from ace.memory.database.codec import operation
from ace.memory.database.sql import Sql, insertion
from ace.memory.database.tables import RepeatRow
from ace.playbooks.bullet import clean
from ace.playbooks.operations import Delta, Op, Operation
from ace.playbooks.similarity.compare import Kind, compare, gist

CURATOR = "curator"
"""The author whose repeats are taken for what they are; what a person adds, or a file brings, is wanted as it is."""

_NOTE = insertion(RepeatRow)


class _Twin(NamedTuple):
    rank: str
    id: str
    gist: int
    text: str


class _Repeated(NamedTuple):
    bullet: str
    delta: int
    body: str


_SAME_GIST = Sql(
    "SELECT rank, id, gist, text FROM bullets WHERE playbook = :playbook AND gist IN ({keys}) AND state <> 'retired'", _Twin
)
_OF = Sql(
    "SELECT r.bullet, r.delta, o.body FROM repeats r JOIN operations o ON o.delta = r.delta AND o.stage = 'delta' "
    "AND o.position = r.position WHERE r.playbook = :playbook AND r.bullet IN ({keys}) ORDER BY r.bullet, r.delta, r.position",
    _Repeated,
)


@dataclass(frozen=True, slots=True)
class Repeat:
    """An `add` that says what bullet `bullet` says, or what the earlier operation `of` of the same delta is to add."""

    bullet: str
    of: int = -1


def repeats(c: Connection, playbook: int, delta: Delta) -> dict[int, Repeat]:
    """Which operations of a curator's `delta` add what is there already, by their places. What the same delta changes
    otherwise does not count as there: a lesson may be added anew where the old one goes."""
    adds = {i: clean(o.text) for i, o in enumerate(delta.operations) if o.op is Op.ADD} if delta.author == CURATOR else {}
    gists = {i: gist(text) for i, text in adds.items() if text}
    touched = {id for o in delta.operations if o.op is not Op.ADD for id in (o.id, *o.sources)}
    there: dict[int, list[tuple[str, str]]] = {}
    for _, id, number, text in sorted(_SAME_GIST.among(c, gists.values(), playbook=playbook)):
        if id not in touched:
            there.setdefault(number, []).append((id, text))
    found: dict[int, Repeat] = {}
    for i, number in gists.items():
        twin = next((id for id, text in there.get(number, ()) if _same(text, adds[i])), None)
        earlier = next((j for j in gists if j < i and j not in found and gists[j] == number and _same(adds[j], adds[i])), None)
        if twin is not None or earlier is not None:
            found[i] = Repeat(twin or "", -1 if twin or earlier is None else earlier)
    return found


def _same(a: str, b: str) -> bool:
    return compare(a, b).kind is Kind.SAME


def note(c: Connection, playbook: int, delta: int, found: Mapping[int, str]) -> None:
    """Write down for each place in a delta which bullet its operation repeats."""
    _NOTE.many(c, [{"playbook": playbook, "bullet": b, "delta": delta, "position": i} for i, b in sorted(found.items())])


def repeated(c: Connection, playbook: int, ids: Iterable[str]) -> dict[str, list[tuple[int, Operation]]]:
    """By bullet, the operations that were to add what it says, each with the key of its delta, oldest first."""
    found: dict[str, list[tuple[int, Operation]]] = {}
    for bullet, delta, body in _OF.among(c, ids, playbook=playbook):
        found.setdefault(bullet, []).append((delta, operation(body)))
    return found
