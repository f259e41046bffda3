"""Lessons that are taught again.

A curator that adds what a live bullet says already changes nothing. The operation is refused with the id of the bullet that
says the same, and is noted as what that bullet rests on too: its reason and episodes are part of the bullet's lineage, while
the bullet keeps its id, its place and what is known of it. What says the same has the same gist, so asking costs one look into
an index, however large the playbook is.

A bullet that rests on untrusted origins alone does not stand for what trusted attempts teach: it is not shown where work is
done, so the lesson would be missing there, and a sender could keep true lessons out by telling them first. The lesson is added
beside it, and is noted as what that bullet rests on too.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
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
_SUPPORT = insertion(RepeatRow, tail="ON CONFLICT DO NOTHING")


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
_UNTRUSTED = Sql("SELECT id FROM episodes WHERE id IN ({keys}) AND origin <> '' AND trust <> 'trusted'", str)
_ANY = Sql("SELECT 1 FROM delta_episodes WHERE trust <> 'trusted' LIMIT 1", int)
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


def repeats(c: Connection, playbook: int, delta: Delta, distrusted: Callable[[], Container[str]]) -> dict[int, Repeat]:
    """Which operations of a curator's `delta` add what is there already, by their places. What the same delta changes
    otherwise does not count as there: a lesson may be added anew where the old one goes. The `distrusted` bullets do not count
    either, unless the delta rests on untrusted episodes itself."""
    adds = _adds(delta)
    there = _there(c, playbook, delta, adds.values())
    unseen = distrusted() if any(there.values()) and _is_trusted(c, delta) else ()
    found: dict[int, Repeat] = {}
    new: dict[int, list[int]] = {}
    for i, text in adds.items():
        # Texts that are the same have the same gist.
        number = gist(text)
        twin = next((id for id, said in there[number] if id not in unseen and _same(said, text)), None)
        earlier = next((j for j in new.get(number, ()) if _same(adds[j], text)), None)
        if twin is None and earlier is None:
            new.setdefault(number, []).append(i)
        else:
            found[i] = Repeat(twin or "", -1 if twin or earlier is None else earlier)
    return found


def _adds(delta: Delta) -> dict[int, str]:
    """The texts that a curator's `delta` adds, by their places."""
    if delta.author != CURATOR:
        return {}
    return {i: text for i, o in enumerate(delta.operations) if o.op is Op.ADD and (text := clean(o.text))}


def _there(c: Connection, playbook: int, delta: Delta, texts: Iterable[str]) -> dict[int, list[tuple[str, str]]]:
    """By gist of `texts`, the ids and texts of the live bullets that have it and that `delta` does not change, in order."""
    touched = {id for o in delta.operations if o.op is not Op.ADD for id in (o.id, *o.sources)}
    found: dict[int, list[tuple[str, str]]] = {gist(text): [] for text in texts}
    for _, id, number, text in sorted(_SAME_GIST.among(c, found, playbook=playbook)):
        if id not in touched:
            found[number].append((id, text))
    return found


def _is_trusted(c: Connection, delta: Delta) -> bool:
    return not _UNTRUSTED.among(c, delta.episodes)


def _same(a: str, b: str) -> bool:
    return compare(a, b).kind is Kind.SAME


def note(c: Connection, playbook: int, key: int, twins: Mapping[int, str]) -> None:
    """Write down for each place in the delta of this key which bullet its operation repeats."""
    _NOTE.many(c, [{"playbook": playbook, "bullet": b, "delta": key, "position": i} for i, b in sorted(twins.items())])


def note_support(c: Connection, playbook: int, key: int, delta: Delta, taught: Container[int]) -> None:
    """Write down which distrusted bullets say what the trusted `delta` of this key taught, with its operations at the places
    `taught`: it counts for them, though they do not stand for it."""
    if not (_ANY.first(c) and (adds := {i: text for i, text in _adds(delta).items() if i in taught})):
        return
    there = _there(c, playbook, delta, adds.values())
    found = [(i, id) for i, text in adds.items() for id, said in there[gist(text)] if _same(said, text)]
    _SUPPORT.many(c, [{"playbook": playbook, "bullet": id, "delta": key, "position": i} for i, id in found])


def repeated(c: Connection, playbook: int, ids: Iterable[str]) -> dict[str, list[tuple[int, Operation]]]:
    """By bullet, the operations that were to add what it says, each with the key of its delta, oldest first."""
    found: dict[str, list[tuple[int, Operation]]] = {}
    for bullet, delta, body in _OF.among(c, ids, playbook=playbook):
        found.setdefault(bullet, []).append((delta, operation(body)))
    return found
