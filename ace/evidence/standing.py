"""What a bullet rests on: the origins behind its present text, and whether that makes it distrusted.

A text that a curator wrote rests on every episode of the request that it was written in, on the text that it was made of, and
on the bullets that it was merged from: all of these were read before it was written, so it has the least of their trust. What a
person wrote, or a file brought, rests on the person or the file; what stood there before is told and does not count. An edit
that gives back a text which the bullet had before (undoing, going back, merging branches) gives back what that text rests on.

Names of episodes in an operation were written by a model: they narrow which origins are counted, never which trust counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import lru_cache

from ace.origins import ENVIRONMENT, IMPORT, PERSON, EpisodeOrigin, covers, folded_origin, marked, named
from ace.playbooks.operations import PERSON as BY_HAND
from ace.playbooks.operations import Op
from ace.types import UNVERIFIED, Trust

ORIGINS = 3
"""Independent authenticated origins that have to support what untrusted origins taught."""
Place = tuple[int, str]
"""A bullet of a playbook: the playbook's key, and the bullet's id."""
_Unit = tuple[str, str, str]
"""An origin, the episode or delta that speaks for it, and its trust."""
_Units = frozenset[_Unit]
_NONE: _Units = frozenset()
_REMEMBERED = 4096
"""Sets of units whose count is remembered: the bullets of one lesson rest on the same ones."""
_APPROVES = (Op.PIN.value, Op.ACTIVATE.value)
_IMPORT_AUTHOR = "import"
_CHANGE = "delta "
"""How the source of a unit begins that is a change without episodes: by hand, or an import."""


@dataclass(frozen=True, slots=True)
class Teacher:
    """A delta as far as its origin goes: its author, the person or file by name, and the origins of its episodes. A merge of
    branches has the playbook and the revision that was `merged`. `accepted` is who accepted it in review, empty where their
    name is not known; `None` where it was not reviewed."""

    author: str
    name: str = ""
    episodes: Mapping[str, EpisodeOrigin] = field(default_factory=dict)
    merged: tuple[int, int] | None = None
    accepted: str | None = None


@dataclass(frozen=True, slots=True)
class PastText:
    """A bullet as a delta left it, in revision `since`: its text, what it was merged from, and the operation that did it, with
    the episodes that this names."""

    since: int
    delta: int
    text: str
    parents: tuple[str, ...] = ()
    op: str = ""
    episodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Repeated:
    """A delta that was to add what the bullet says already, with the episodes that the operation names."""

    delta: int
    episodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lineage:
    """The past of bullets: their texts, oldest first, what was taught again, and the deltas that did it, by their keys."""

    texts: Mapping[Place, Sequence[PastText]]
    repeats: Mapping[Place, Sequence[Repeated]]
    teachers: Mapping[int, Teacher]


@dataclass(frozen=True, slots=True)
class OriginCount:
    """An origin, its trust, and `count` of it there are: episodes, and `changes` (edits, imports) without one."""

    name: str
    trust: Trust
    count: int
    changes: int = 0

    def __str__(self) -> str:
        kinds = ((self.count - self.changes, "episode"), (self.changes, "change"))
        told = [f"{n:,} {kind}{'s' if n > 1 else ''}" for n, kind in kinds if n]
        return f"{self.name} ({', '.join(told)})"


@dataclass(frozen=True, slots=True)
class Standing:
    """What bullet `bullet` rests on: `origins` of its present text, origins that `support` it by teaching the same or approving
    of it, and those of what stood `before` it. `trust` is the least over its text's origins. `origins_for` are the independent
    authenticated origins that speak for it, folded; `person`: a person does. `helped`: its effect or fit is positive, where
    that was measured. `sources` are the episodes behind its text, and `delta N` for what has none."""

    bullet: str
    origins: tuple[OriginCount, ...]
    support: tuple[OriginCount, ...] = ()
    before: tuple[OriginCount, ...] = ()
    trust: Trust = Trust.TRUSTED
    origins_for: frozenset[str] = frozenset()
    person: bool = False
    helped: bool = False
    sources: frozenset[str] = frozenset()

    @property
    def supported(self) -> bool:
        """Whether a person or enough independent authenticated origins speak for it."""
        return self.person or len(self.origins_for) >= ORIGINS

    @property
    def distrusted(self) -> bool:
        """Whether it is left out where work is done or measured: it rests on untrusted origins, and is not lifted by support
        together with a measured benefit."""
        return self.trust is Trust.UNTRUSTED and not (self.supported and self.helped)

    def rests_on(self, origin: str) -> bool | None:
        """Whether its text rests on `origin` (a sender, or a channel with all its names): alone (true), together with others
        (`None`), or not."""
        return _share(covers(origin, o.name) for o in self.origins)

    def rests_on_episodes(self, ids: Set[str]) -> bool | None:
        """Whether its text rests on these episodes, as `rests_on` says."""
        return _share(source in ids for source in self.sources)

    @property
    def why(self) -> str:
        """Its standing in words."""
        rests = f"rests on {_listed(self.origins)}" if self.origins else "rests on nothing that is known"
        again = f", supported by {_listed(self.support)}" if self.support else ""
        if self.trust is Trust.TRUSTED:
            return f"trusted: {rests}{again}"
        if not self.distrusted:
            return f"lifted: {rests}{again}; it was measured to help"
        if self.supported:
            return f"distrusted: {rests}{again}; it has support, and no measured benefit yet"
        has = f"{len(self.origins_for)} of {ORIGINS} independent authenticated origins and no person support it"
        return f"distrusted: {rests}{again}; {has}"


@dataclass(frozen=True, slots=True)
class _Behind:
    """The units behind a text, and those of what stood before it."""

    text: _Units
    before: _Units = _NONE
    made: int = 0
    """The delta that gave the bullet this text."""


def standings(lineage: Lineage, places: Iterable[Place]) -> dict[Place, Standing]:
    """The standing of each of the bullets at `places`, as their last texts in `lineage` are."""
    known: dict[tuple[Place, int], _Behind] = {}
    found = {}
    for place in places:
        if texts := lineage.texts.get(place):
            found[place] = _standing(lineage, place, _resolved(lineage, (place, len(texts) - 1), known))
    return found


def _standing(lineage: Lineage, place: Place, behind: _Behind) -> Standing:
    support: set[_Unit] = set()
    for again in lineage.repeats.get(place, ()):
        if again.delta > behind.made:
            support |= _taught(lineage.teachers[again.delta], again.delta, again.episodes)
    for past in lineage.texts[place]:
        teacher = lineage.teachers[past.delta]
        if past.delta >= behind.made and past.op in _APPROVES and teacher.author == BY_HAND and teacher.merged is None:
            support |= _taught(teacher, past.delta, ())
    if behind.made in lineage.teachers and (by := lineage.teachers[behind.made].accepted) is not None:
        support.add((named(PERSON, by), f"delta {behind.made}", Trust.TRUSTED.value))
    support -= behind.text
    speaking = {name for name, _, trust in behind.text | support if trust == Trust.TRUSTED and name != UNVERIFIED}
    by_hand = {name for name in speaking if _channel(name) == PERSON}
    return Standing(
        bullet=place[1],
        origins=_counts(behind.text),
        support=_counts(frozenset(support)),
        before=_counts(behind.before - behind.text),
        trust=Trust.UNTRUSTED if any(trust != Trust.TRUSTED for _, _, trust in behind.text) else Trust.TRUSTED,
        origins_for=_independent(frozenset(speaking - by_hand)),
        person=bool(by_hand),
        sources=frozenset(source for _, source, _ in behind.text),
    )


def _resolved(lineage: Lineage, wanted: tuple[Place, int], known: dict[tuple[Place, int], _Behind]) -> _Behind:
    """What is behind a text of a bullet; all that it was made of first, without recursion: a lineage may be long."""
    waiting = [wanted]
    while waiting:
        node = waiting[-1]
        missing = [] if node in known else [need for need in _made_of(lineage, node) if need not in known]
        if missing:
            waiting += missing
            continue
        waiting.pop()
        if node not in known:
            known[node] = _behind(lineage, node, known)
    return known[wanted]


def _made_of(lineage: Lineage, node: tuple[Place, int]) -> Iterator[tuple[Place, int]]:
    """The texts that a text was made of: the one before it, those of the bullets it was merged from, and in a merge of branches
    the other branch's."""
    (playbook, id), at = node
    past = lineage.texts[playbook, id][at]
    if at:
        yield (playbook, id), at - 1
    else:
        for parent in past.parents:
            yield from _until(lineage, (playbook, parent), past.since - 1)
    if merged := lineage.teachers[past.delta].merged:
        other, number = merged
        for each in (id, *past.parents):
            yield from _until(lineage, (other, each), number)


def _until(lineage: Lineage, place: Place, number: int) -> Iterator[tuple[Place, int]]:
    """The last text of a bullet up to revision `number`, if it had one."""
    upto = [i for i, past in enumerate(lineage.texts.get(place, ())) if past.since <= number]
    if upto:
        yield place, upto[-1]


def _behind(lineage: Lineage, node: tuple[Place, int], known: Mapping[tuple[Place, int], _Behind]) -> _Behind:
    place, at = node
    texts = lineage.texts[place]
    past, teacher = texts[at], lineage.teachers[texts[at].delta]
    if at and past.text == texts[at - 1].text:
        return known[place, at - 1]
    sources = [(need, known[need]) for need in _made_of(lineage, node)]
    before = frozenset[_Unit]().union(*(b.text | b.before for _, b in sources))
    for earlier in range(at):
        if texts[earlier].text == past.text:
            return replace(known[place, earlier], before=before)
    quoting = teacher.author == BY_HAND or teacher.merged is not None
    for (where, number), b in sources:
        if quoting and lineage.texts[where][number].text == past.text:
            return _Behind(b.text, before, past.delta)
    own = _taught(teacher, past.delta, past.episodes)
    if teacher.author in (BY_HAND, _IMPORT_AUTHOR):
        return _Behind(own, before, past.delta)
    read = _NONE.union(*(b.text for _, b in sources))
    return _Behind(own | read, before - read, past.delta)


def _taught(teacher: Teacher, delta: int, named_episodes: Sequence[str]) -> _Units:
    """The units that a delta speaks for: a person, a file, or its episodes, of which those that the operation names are enough
    for the count; every untrusted one is among them."""
    if teacher.author in (BY_HAND, _IMPORT_AUTHOR):
        channel = PERSON if teacher.author == BY_HAND else IMPORT
        return frozenset({(named(channel, teacher.name), f"delta {delta}", Trust.TRUSTED.value)})
    if not teacher.episodes:
        return frozenset({(ENVIRONMENT, f"delta {delta}", Trust.TRUSTED.value)})
    chosen = [e for e in named_episodes if e in teacher.episodes] or list(teacher.episodes)
    chosen += [e for e, of in teacher.episodes.items() if of.trust != Trust.TRUSTED]
    return frozenset((teacher.episodes[e].origin or ENVIRONMENT, e, teacher.episodes[e].trust) for e in chosen)


@lru_cache(_REMEMBERED)
def _independent(names: frozenset[str]) -> frozenset[str]:
    """`names`, those that read alike as one; what a purge left of a name is that name."""
    purged = {marked(name) for name in names if marked(name) != name}
    return frozenset(map(folded_origin, names - purged))


def _share(parts: Iterable[bool]) -> bool | None:
    """True where all of `parts` are true, `None` where some are."""
    found = set(parts)
    return None if len(found) == 2 else found == {True}


@lru_cache(_REMEMBERED)
def _counts(units: _Units) -> tuple[OriginCount, ...]:
    """The origins of `units` with how many speak for each, what is untrusted first, then by number and name."""
    if len(units) == 1:
        ((name, source, trust),) = units
        return (OriginCount(name, Trust(trust), 1, int(source.startswith(_CHANGE))),)
    counted = Counter((name, trust) for name, _, trust in units)
    changes = Counter((name, trust) for name, source, trust in units if source.startswith(_CHANGE))
    rows = [OriginCount(name, Trust(trust), n, changes[name, trust]) for (name, trust), n in counted.items()]
    return tuple(sorted(rows, key=lambda o: (o.trust is Trust.TRUSTED, -o.count, o.name)))


def _listed(origins: Sequence[OriginCount], most: int = 4) -> str:
    told = ", ".join(map(str, origins[:most]))
    return f"{told} and {len(origins) - most} more" if len(origins) > most else told


def _channel(name: str) -> str:
    return name.partition(":")[0]
