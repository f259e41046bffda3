"""Finding the bullets that concern a text.

Words common to many bullets cost most and say least, so candidates come from the rarest words of the question alone, as many
of them as a fixed number of postings allows; the best candidates are then scored on all words with BM25 (Robertson & Zaragoza,
"The Probabilistic Relevance Framework: BM25 and Beyond", 2009, section 3.2). All counts are of one playbook at one revision,
so other playbooks in the store change no ranking. An earlier revision is searched with the present index, corrected by the
bullets that have changed since.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from sqlalchemy import Connection

from ace.memory.bullets.words import words
from ace.memory.database.sql import Sql

POSTINGS = 6000
"""Postings that one question may read."""
RESCORED = 160
"""Candidates that are scored on all words, where nothing else is asked for."""
_K1, _B = 1.2, 0.75


@dataclass(frozen=True, slots=True)
class Indexed:
    """A bullet as search sees it: its key, and its text or `None` where it is not to be found."""

    key: int
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is searched: live `bullets` and their `words` in all. `changed` corrects the index for another revision than the
    present: by bullet key, the present text and the text at that revision (`None`: not live)."""

    playbook: int
    bullets: int
    words: int
    changed: Mapping[int, Indexed] = field(default_factory=dict)


class SearchIndex(Protocol):
    """Full-text search behind three methods, so that another database may bring its own."""

    def update(self, c: Connection, playbook: int, changes: Sequence[Indexed]) -> None:
        """Note that texts changed, within the transaction that changes them."""
        ...

    def find(self, c: Connection, corpus: Corpus, text: str, limit: int, rescored: int = RESCORED) -> list[tuple[int, float]]:
        """Keys of the bullets nearest to `text` with their scores, best first, equals in the order they were made. As many
        as `rescored` candidates are looked at closely."""
        ...

    def faults(self, c: Connection, playbook: int, texts: Mapping[int, str]) -> Iterator[str]:
        """What is wrong with the index of a playbook whose live bullets have these `texts` by key, a line each."""
        ...


_COUNT = Sql(
    "INSERT INTO terms (playbook, term, df) VALUES (:playbook, :term, :df) "
    "ON CONFLICT (playbook, term) DO UPDATE SET df = terms.df + excluded.df"
)


class _Term(NamedTuple):
    key: int
    term: str
    df: int


class _Word(NamedTuple):
    term: str
    key: int


class _Miscounted(NamedTuple):
    term: str
    df: int
    n: int


class _Posted(NamedTuple):
    bullet: int
    n: int
    total: int


class _Text(NamedTuple):
    key: int
    text: str


_TERMS = Sql("SELECT key, term, df FROM terms WHERE playbook = :playbook AND term IN ({keys})", _Term)
_POST = Sql("INSERT INTO postings (term, bullet) VALUES (:term, :bullet)")
_UNPOST = Sql("DELETE FROM postings WHERE term = :term AND bullet = :bullet")
_POSTED = Sql("SELECT bullet FROM postings WHERE term = :term", int)
_ALL_TERMS = Sql("SELECT term, key FROM terms WHERE playbook = :playbook", _Word)
_OF_TERM = "SELECT count(*) FROM postings p WHERE p.term = t.key"
_MISCOUNTED = Sql(
    f"SELECT t.term, t.df, ({_OF_TERM}) FROM terms t WHERE t.playbook = :playbook AND t.df <> ({_OF_TERM})", _Miscounted
)
_SUMS = Sql(
    "SELECT p.bullet, count(*), sum(p.term) FROM terms t JOIN postings p ON p.term = t.key WHERE t.playbook = :playbook "
    "GROUP BY p.bullet",
    _Posted,
)
_TEXTS = Sql("SELECT key, text FROM bullets WHERE key IN ({keys})", _Text)


class Postings:
    """A `SearchIndex` in two plain tables: words with their counts, and which bullets they stand in."""

    def update(self, c: Connection, playbook: int, changes: Sequence[Indexed]) -> None:
        gone: list[tuple[str, int]] = []
        come: list[tuple[str, int]] = []
        for b in changes:
            before, after = _distinct(b.before), _distinct(b.after)
            gone += [(t, b.key) for t in before - after]
            come += [(t, b.key) for t in after - before]
        counts = Counter([t for t, _ in come])
        counts.subtract([t for t, _ in gone])
        _COUNT.many(c, [{"playbook": playbook, "term": t, "df": n} for t, n in sorted(counts.items())])
        keys = {t: key for key, t, _ in _TERMS.among(c, counts, playbook=playbook)}
        _UNPOST.tuples(c, ("term", "bullet"), sorted((keys[t], b) for t, b in gone))
        _POST.tuples(c, ("term", "bullet"), sorted((keys[t], b) for t, b in come))

    def find(self, c: Connection, corpus: Corpus, text: str, limit: int, rescored: int = RESCORED) -> list[tuple[int, float]]:
        wanted = set(words(text))
        terms = {t: (key, df) for key, t, df in _TERMS.among(c, sorted(wanted), playbook=corpus.playbook)}
        fresh = {k: Counter(words(b.after)) for k, b in corpus.changed.items() if b.after is not None}
        dfs = _corrected({t: df for t, (_, df) in terms.items()}, corpus, fresh, wanted)
        idf = {t: rarity(corpus.bullets, df) for t, df in dfs.items()}
        rough: dict[int, float] = {}
        for t in _affordable(dfs):
            weight = idf[t]
            for bullet in _POSTED.all(c, term=terms[t][0]) if t in terms else ():
                if bullet not in corpus.changed:
                    rough[bullet] = rough.get(bullet, 0.0) + weight
            for bullet, counts in fresh.items():
                if t in counts:
                    rough[bullet] = rough.get(bullet, 0.0) + weight
        chosen = _heaviest(rough, max(rescored, 2 * limit))
        found = {k: fresh[k] for k in chosen if k in fresh}
        found |= {key: Counter(words(text)) for key, text in _TEXTS.among(c, [k for k in chosen if k not in fresh])}
        average = corpus.words / max(1, corpus.bullets)
        scored = [(key, bm25(counts, idf, average)) for key, counts in found.items()]
        return sorted(scored, key=lambda hit: (-hit[1], hit[0]))[:limit]

    def faults(self, c: Connection, playbook: int, texts: Mapping[int, str]) -> Iterator[str]:
        keys = dict(_ALL_TERMS.all(c, playbook=playbook))
        posted = {bullet: (n, total) for bullet, n, total in _SUMS.all(c, playbook=playbook)}
        for bullet, text in texts.items():
            found = [keys.get(t, 0) for t in _distinct(text)]
            if posted.pop(bullet, (0, 0)) != (len(found), sum(found)):
                yield f"the bullet with key {bullet} is not found by its words"
        yield from (f"the bullet with key {bullet} is found, but is not live" for bullet in posted)
        for term, df, n in _MISCOUNTED.all(c, playbook=playbook):
            yield f"the word {term!r} is counted {df} times and stands in {n} bullets"


def length(text: str) -> int:
    """How many search words a text has."""
    return len(words(text))


def _distinct(text: str | None) -> set[str]:
    return set() if text is None else set(words(text))


def _corrected(dfs: dict[str, int], corpus: Corpus, fresh: Mapping[int, Counter[str]], wanted: set[str]) -> dict[str, int]:
    """In how many bullets of the corpus each wanted word stands, rarest first; words that stand in none are left out."""
    counts = Counter(dfs)
    for key, bullet in corpus.changed.items():
        counts.subtract(wanted & _distinct(bullet.before))
        counts.update(wanted & set(fresh.get(key, ())))
    return {t: n for t, n in sorted(counts.items(), key=lambda item: (item[1], item[0])) if n > 0}


def _affordable(dfs: Mapping[str, int]) -> list[str]:
    """The rarest words whose postings together can be paid for; at least one."""
    chosen: list[str] = []
    cost = 0
    for t, df in dfs.items():
        cost += df
        if chosen and cost > POSTINGS:
            break
        chosen.append(t)
    return chosen


def _heaviest(weights: Mapping[int, float], count: int) -> list[int]:
    """The keys with the largest weights, the lower keys among equals. Weights are few, because they are sums of a few terms,
    so keys are gathered by weight and only those that are wanted are sorted."""
    groups: dict[float, list[int]] = {}
    for key, weight in weights.items():
        groups.setdefault(weight, []).append(key)
    chosen: list[int] = []
    for weight in sorted(groups, reverse=True):
        chosen += sorted(groups[weight])
        if len(chosen) >= count:
            break
    return chosen[:count]


def rarity(of: int, df: int) -> float:
    """What a word weighs that stands in `df` of so many texts."""
    return math.log(1 + (of - df + 0.5) / (df + 0.5))


def bm25(counts: Mapping[str, int], idf: Mapping[str, float], average: float) -> float:
    """The score of a text with these `counts` of words for a question whose words weigh `idf`; `average` is the length of a
    text, in words."""
    norm = _K1 * (1 - _B + _B * sum(counts.values()) / max(average, 1e-9))
    score = 0.0
    for t, weight in idf.items():
        tf = counts.get(t, 0)
        if tf:
            score += weight * tf * (_K1 + 1) / (tf + norm)
    return score
