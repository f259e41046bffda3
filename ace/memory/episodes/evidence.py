"""What happened with each bullet: counts, and the episodes that used it.

Counts are kept as episodes are committed and read by key, so that asking costs the same however much has happened. Valid
training episodes count, and no others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from ace.memory.bullets.present import keys_of
from ace.memory.database.codec import unpack
from ace.memory.database.sql import Sql, Values, insertion
from ace.memory.database.tables import COUNTS, CitationRow, RecordRow
from ace.memory.episodes.episodes import StoredAttempt, pasts
from ace.memory.episodes.inheritance import known_to
from ace.memory.episodes.seen import SEEN
from ace.memory.values import Followed
from ace.types import Episode, Past, Record, Reflection, Trust


class _Used(NamedTuple):
    id: str
    won: bool
    n: int


class _UsedText(NamedTuple):
    id: str
    text: str
    won: bool
    n: int


class _Added(NamedTuple):
    bullet: str
    name: str
    n: int


class _Family(NamedTuple):
    id: str
    key: int
    parents: str


_ADD = insertion(
    RecordRow, tail="ON CONFLICT (bullet) DO UPDATE SET " + ", ".join(f"{n} = records.{n} + excluded.{n}" for n in COUNTS)
)
_CITE = insertion(CitationRow, tail="ON CONFLICT DO NOTHING")
_RECORDS = Sql(f"SELECT bullet, {', '.join(COUNTS)} FROM records WHERE bullet IN ({{keys}})", tuple[int, ...])
_NOW = Sql(
    "SELECT b.id, c.won, count(*) AS n FROM bullets b JOIN citations c ON c.bullet = b.key "
    "JOIN exposures x ON x.episode = c.episode AND x.bullet = b.id AND x.version = b.version "
    "JOIN episodes e ON e.key = c.episode "
    f"WHERE b.playbook = :playbook AND {SEEN} AND b.id IN ({{keys}}) GROUP BY b.id, c.won",
    _Used,
)
_REVISED = Sql("SELECT id FROM bullets WHERE playbook = :playbook AND version > 1 AND id IN ({keys})", str)
_BY_TEXT = Sql(
    "SELECT b.id, v.text, c.won, count(DISTINCT c.episode) AS n FROM bullets b JOIN citations c ON c.bullet = b.key "
    "JOIN exposures x ON x.episode = c.episode AND x.bullet = b.id "
    "JOIN bullet_versions v ON v.playbook = b.playbook AND v.bullet = b.id AND v.version = x.version "
    "JOIN episodes e ON e.key = c.episode "
    f"WHERE b.playbook = :playbook AND {SEEN} AND b.id IN ({{keys}}) GROUP BY b.id, v.text, c.won",
    _UsedText,
)
_FAMILY = Sql("SELECT id, key, parents FROM bullets WHERE playbook = :playbook AND id IN ({keys})", _Family)
_CITED = Sql(
    "SELECT c.episode FROM citations c JOIN episodes e ON e.key = c.episode WHERE c.bullet = :bullet AND c.won = :won "
    f"AND e.purged IS NULL AND {SEEN} ORDER BY c.episode DESC LIMIT :limit",
    int,
)
_UNCITED = Sql(
    "SELECT e.key FROM episodes e WHERE e.playbook = :source AND e.verdict = :verdict AND e.key <= :upto "
    f"AND e.purged IS NULL AND {SEEN} AND NOT EXISTS ("
    "SELECT 1 FROM citations c JOIN bullets b ON b.key = c.bullet AND b.playbook = :playbook "
    "WHERE c.episode = e.key AND b.state <> 'retired') ORDER BY e.key DESC LIMIT :limit",
    int,
)
_UNCITED_AT = Sql(
    "SELECT e.key FROM episodes e WHERE e.playbook = :source AND e.verdict = :verdict AND e.key <= :upto "
    f"AND e.purged IS NULL AND {SEEN} AND NOT EXISTS ("
    "SELECT 1 FROM citations c JOIN bullets b ON b.key = c.bullet AND b.playbook = :playbook "
    "JOIN bullet_versions v ON v.playbook = b.playbook AND v.bullet = b.id AND v.since <= :number "
    "AND (v.until IS NULL OR v.until > :number) "
    "WHERE c.episode = e.key AND v.state <> 'retired') ORDER BY e.key DESC LIMIT :limit",
    int,
)

_UNTRUSTED = Sql("SELECT 1 FROM episodes e WHERE e.playbook = :source AND e.origin <> '' AND e.trust <> 'trusted' LIMIT 1", int)
_LEARNED = "e.playbook = :source AND e.trust <> 'trusted' AND e.phase = 'learn' AND e.verdict <> 'invalid'"
_ENDED = "CASE WHEN e.verdict = 'success' THEN 'won' ELSE 'lost' END"
_ADDED = Sql(
    f"SELECT x.bullet, 'shown_' || {_ENDED} AS name, count(DISTINCT e.key) AS n FROM episodes e "
    f"JOIN exposures x ON x.episode = e.key AND x.shown WHERE {_LEARNED} AND e.key <= :episodes GROUP BY 1, 2 "
    f"UNION ALL SELECT b.id, 'cited_' || {_ENDED}, count(DISTINCT e.key) FROM episodes e "
    "JOIN citations t ON t.episode = e.key JOIN bullets b ON b.key = t.bullet AND b.playbook = e.playbook "
    f"WHERE {_LEARNED} AND e.key <= :episodes GROUP BY 1, 2 "
    "UNION ALL SELECT v.bullet, v.vote, count(DISTINCT r.key) FROM episodes e JOIN reflections r ON r.episode = e.key "
    f"JOIN votes v ON v.reflection = r.key WHERE {_LEARNED} AND r.key <= :reflections AND NOT EXISTS (SELECT 1 FROM votes u "
    "WHERE u.reflection = v.reflection AND u.bullet = v.bullet AND u.position < v.position) GROUP BY 1, 2",
    _Added,
)
"""What untrusted episodes of a playbook added to the counts of bullets."""


def note(
    c: Connection,
    playbook: int,
    episodes: Sequence[Episode],
    reflections: Sequence[Reflection],
    found: Mapping[str, StoredAttempt],
) -> None:
    """Count newly written training episodes and reflections. `found` are the stored episodes by id."""
    valid = [e for e in episodes if e.phase == "learn" and e.outcome.valid]
    used = {e.id: _cited(e) for e in valid}
    named = {x.bullet for e in valid for x in e.render.exposures} | {b for ids in used.values() for b in ids}
    keys = keys_of(c, playbook, sorted(named | {b for r in reflections for b, _ in r.votes}))
    counts: dict[int, Counter[str]] = {}
    for e in valid:
        end = "won" if e.outcome.success else "lost"
        for id in {x.bullet for x in e.render.exposures if x.shown} & keys.keys():
            counts.setdefault(keys[id], Counter())[f"shown_{end}"] += 1
        for id in used[e.id] & keys.keys():
            counts.setdefault(keys[id], Counter())[f"cited_{end}"] += 1
    for r in reflections:
        for id, vote in {b: v for b, v in reversed(r.votes) if b in keys}.items():
            counts.setdefault(keys[id], Counter())[vote.value] += 1
    _ADD.many(c, [{"bullet": key, **{n: counted[n] for n in COUNTS}} for key, counted in sorted(counts.items())])
    cited = [(keys[b], e.outcome.success, found[e.id].key) for e in valid for b in sorted(used[e.id] & keys.keys())]
    _CITE.many(c, [{"bullet": b, "won": won, "episode": e} for b, won, e in cited])


def _cited(e: Episode) -> set[str]:
    return set(e.cited) | {x.bullet for x in e.render.exposures if x.cited}


def records(c: Connection, playbook: int, ids: Iterable[str], trust: Trust = Trust.UNTRUSTED) -> dict[str, Record]:
    """The record of each of `ids`, counted over the episodes that a request of `trust` may see; one that was never in one has
    an empty record."""
    wanted = list(ids)
    keys = keys_of(c, playbook, wanted)
    found = {row[0]: Record(*row[1:]) for row in _RECORDS.among(c, keys.values())}
    made = {id: found.get(keys.get(id, 0), Record()) for id in wanted}
    return made if trust is Trust.UNTRUSTED else _without_untrusted(c, playbook, made)


def _without_untrusted(c: Connection, playbook: int, records: dict[str, Record]) -> dict[str, Record]:
    """`records` less what untrusted episodes added to them. A branch may have counted fewer of another one's, never more."""
    less: dict[str, Counter[str]] = {}
    for source, known in known_to(c, playbook).items():
        if not _UNTRUSTED.first(c, source=source):
            continue
        for bullet, name, n in _ADDED.all(c, source=source, episodes=known.episodes, reflections=known.reflections):
            less.setdefault(bullet, Counter())[name] += n
    return {id: _less(r, less.get(id, Counter())) for id, r in records.items()} if less else records


def _less(record: Record, gone: Counter[str]) -> Record:
    return Record(**{name: max(0, getattr(record, name) - gone[name]) for name in COUNTS})


def as_they_read_now(
    c: Connection, playbook: int, ids: Iterable[str], trust: Trust = Trust.UNTRUSTED
) -> dict[str, tuple[int, int]]:
    """How often each bullet was used with the text it has now, and won and lost; those that never were are left out."""
    found: dict[str, tuple[int, int]] = {}
    for id, won, n in _NOW.among(c, ids, playbook=playbook, least=trust.value):
        before = found.get(id, (0, 0))
        found[id] = (before[0] + n, before[1]) if won else (before[0], before[1] + n)
    return found


def followed(c: Connection, playbook: int, texts: Mapping[str, str], trust: Trust = Trust.UNTRUSTED) -> dict[str, Followed]:
    """How often each bullet of `texts` was followed with that text, and with others. A text that came back after a change is
    the same text. What was followed without having been shown, so with an unknown text, counts as another where there are
    others."""
    revised = set(_REVISED.among(c, texts, playbook=playbook))
    now = {id: [0, 0] for id in revised}
    for row in _BY_TEXT.among(c, revised, playbook=playbook, least=trust.value):
        if row.text == texts[row.id]:
            now[row.id][0 if row.won else 1] += row.n
    totals = records(c, playbook, texts, trust)
    made = {}
    for id, r in totals.items():
        won, lost = now.get(id, (r.cited_won, r.cited_lost))
        made[id] = Followed(won, lost, r.cited_won - won, r.cited_lost - lost)
    return made


def of_bullets(
    c: Connection, playbook: int, ids: Iterable[str], limits: tuple[int, int], trust: Trust
) -> dict[str, list[Past]]:
    """The last won and lost episodes, as many as `limits` say and of those that a request of `trust` may see, that used each
    bullet or one it was merged from."""
    chosen = {id: _episodes(c, family, limits, trust) for id, family in _families(c, playbook, list(ids)).items()}
    told = pasts(c, {key for keys in chosen.values() for key in keys})
    return {id: [told[key] for key in keys] for id, keys in chosen.items()}


def _families(c: Connection, playbook: int, ids: list[str]) -> dict[str, set[int]]:
    """By id, the keys of the bullet and of all bullets it was merged from, near and far."""
    keys: dict[str, int] = {}
    parents: dict[str, list[str]] = {}
    asked = ids
    while asked:
        for id, key, made_from in _FAMILY.among(c, asked, playbook=playbook):
            keys[id], parents[id] = key, [] if made_from == "[]" else unpack(made_from)
        asked = [p for id in asked for p in parents.get(id, ()) if p not in keys]
    return {id: {keys[m] for m in _with_ancestors(id, parents) if m in keys} for id in ids}


def _with_ancestors(id: str, parents: Mapping[str, list[str]]) -> set[str]:
    seen: set[str] = set()
    left = [id]
    while left:
        one = left.pop()
        if one not in seen:
            seen.add(one)
            left += parents.get(one, ())
    return seen


def _episodes(c: Connection, bullets: set[int], limits: tuple[int, int], trust: Trust) -> list[int]:
    found: set[int] = set()
    for won, limit in zip((True, False), limits, strict=True):
        each = {key for b in bullets for key in _CITED.all(c, bullet=b, won=won, limit=limit, least=trust.value)}
        found |= set(sorted(each, reverse=True)[:limit])
    return sorted(found)


def uncited(c: Connection, playbook: int, number: int | None, limits: tuple[int, int], trust: Trust) -> list[Past]:
    """The last won and lost training episodes, of those that a request of `trust` may see, that used no bullet live at revision
    `number` (`None`: now)."""
    keys: set[int] = set()
    statement = _UNCITED if number is None else _UNCITED_AT
    at: Values = {} if number is None else {"number": number}
    for verdict, limit in zip(("success", "failure"), limits, strict=True):
        found: list[int] = []
        for source, known in known_to(c, playbook).items():
            which: Values = {"playbook": playbook, "source": source, "upto": known.episodes, "verdict": verdict}
            found += statement.all(c, **which, **at, limit=limit, least=trust.value)
        keys.update(sorted(found, reverse=True)[:limit])
    told = pasts(c, keys)
    return [told[key] for key in sorted(keys)]
