"""The whole history of a playbook as JSON: every delta as it was judged, with its author, reason, time and operations.

The file holds the log and not the bullets, because the log gives the bullets; the reader applies the operations from the empty
playbook and compares every revision's hash and digest with the file's, so a file that was changed or cut is found out. What no
hash covers (authors, times, reasons, refusals, judgements) has a seal in each delta, over it and all before it, and is held to
its form besides. A playbook that others were merged into needs their histories too; they stand in the same file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ace.errors import BadInput
from ace.origins import PURGED, EpisodeOrigin, origin_fault
from ace.playbooks.bullet import clean, is_id
from ace.playbooks.formats.fields import Entry, entry, require_version, written
from ace.playbooks.formats.line import short
from ace.playbooks.operations import ANSWERS, AUTHORS, Judgement, Op, Operation, Refusal, Status
from ace.types import UNVERIFIED, Trust, Usage, digest

FORMAT = "ace-playbook-history"
"""Who makes deltas."""
_HASH = re.compile(r"[0-9a-f]{64}")
_LONGEST_NAME = 100
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_COUNTED = ("calls", "prompt_tokens", "cached_tokens", "completion_tokens", "cost_usd", "seconds")
"""What is kept of what a judgement cost."""
_SEAL = "seal"
"""The field of a delta with the digest of it and of the seal before it; of a history with that of its last delta."""
_TEXTS, _NAMES = ("section", "text", "reason"), ("id", "after", "new_id", "state")


@dataclass(frozen=True, slots=True)
class Made:
    """The revision that a delta made: its number, hash, content digest and its parents' hashes."""

    number: int
    hash: str
    digest: str
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PastDelta:
    """A delta as a history file holds it. `applied` are its operations with their places in it, all of them where it was not
    accepted; `refused` and `guarded` those turned down by the store and by gates before it. `made` is `None` where it made no
    revision. `judgements` are those of gates. `origins` are those of its episodes that are not simply the environment's."""

    author: str
    at: str
    base: str
    status: Status
    reason: str = ""
    why: str = ""
    run: str = ""
    episodes: tuple[str, ...] = ()
    applied: tuple[tuple[int, Operation], ...] = ()
    refused: tuple[Refusal, ...] = ()
    guarded: tuple[Refusal, ...] = ()
    made: Made | None = None
    by: str = ""
    judgements: tuple[Judgement, ...] = ()
    file: str = ""
    origins: Mapping[str, EpisodeOrigin] = field(default_factory=dict)
    place: str = ""
    """Where it stands in the file."""


@dataclass(frozen=True, slots=True)
class History:
    """The log of one playbook, oldest first."""

    playbook: str
    deltas: tuple[PastDelta, ...]


def render_history(histories: Sequence[History]) -> str:
    """The history of a playbook, which is the first, and of those merged into it; a delta stands on one line."""
    books = []
    for h in histories:
        rows = list(_sealed(map(_row, h.deltas)))
        lines = ",\n".join(f"    {written(row)}" for row in rows)
        deltas = f'[\n{lines}\n  ], "{_SEAL}": {written(rows[-1][_SEAL])}' if rows else "[]"
        books.append(f'{{"playbook": {written(h.playbook)}, "deltas": {deltas}}}')
    return f'{{"format": "{FORMAT}", "version": 1, "histories": [\n  ' + ",\n  ".join(books) + "\n]}\n"


def parse_history(file: Entry) -> list[History]:
    """The histories in such a file, the playbook's own first. Raises `BadInput` naming the field."""
    require_version(file)
    found = [History(h.name("playbook"), tuple(_deltas(h))) for h in file.entries("histories")]
    if not found:
        raise BadInput("histories is empty; it must hold the playbook's")
    return found


def _sealed(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    before = ""
    for row in rows:
        before = digest(before, row)
        yield {**row, _SEAL: before}


def _deltas(history: Entry) -> Iterator[PastDelta]:
    """The deltas of a history. Raises `BadInput` for one that is not as its seal says, and where the last ones are missing. A
    file that was exported before there were seals has none, and none is asked for."""
    rows = list(history.entries("deltas"))
    bare = [{name: value for name, value in d.value.items() if name != _SEAL} for d in rows]
    seals = [row[_SEAL] for row in _sealed(bare)] if history.has(_SEAL) or any(d.has(_SEAL) for d in rows) else []
    for i, d in enumerate(rows):
        yield _delta(d)
        if seals and _hash(d, _SEAL) != seals[i]:
            raise BadInput(
                f"{d.path} is not as it was exported, or one before it is missing; import the file as it was written"
            )
    if seals and _hash(history, _SEAL) != seals[-1]:
        raise BadInput(f"{history.path}: deltas are missing at its end; import the file as it was written")


def _row(d: PastDelta) -> dict[str, Any]:
    row: dict[str, Any] = {"author": d.author, "at": d.at, "base": d.base, "status": d.status.value}
    named = {"by": d.by, "file": d.file, "reason": d.reason, "why": d.why, "run": d.run}
    row |= {name: value for name, value in named.items() if value}
    row |= {"episodes": list(d.episodes)} if d.episodes else {}
    row |= {"origins": {e: list(of) for e, of in d.origins.items()}} if d.origins else {}
    row["operations"] = [{"place": place, **o.as_json()} for place, o in d.applied]
    for name, refusals in (("refused", d.refused), ("guarded", d.guarded)):
        if refusals:
            row[name] = [_refusal_row(r) for r in refusals]
    if d.judgements:
        row["judgements"] = [_judgement_row(j) for j in d.judgements]
    if d.made:
        m = d.made
        row["revision"] = {"number": m.number, "hash": m.hash, "digest": m.digest, "parents": list(m.parents)}
    return row


def _refusal_row(r: Refusal) -> dict[str, Any]:
    row = {"place": r.index, "refused": r.reason, **({"twin": r.twin} if r.twin else {})}
    return {**row, "operation": r.operation.as_json()}


def _judgement_row(j: Judgement) -> dict[str, Any]:
    row = {"gate": j.gate, "answer": j.answer, "reason": j.reason, "figures": dict(j.figures)}
    return {**row, "usage": {name: getattr(j.usage, name) for name in _COUNTED}}


def _delta(d: Entry) -> PastDelta:
    status = d.text("status")
    if status not in (known := [s.value for s in Status]):
        raise BadInput(f"{d.at('status')} is {short(status)}; it can be {', '.join(known)}")
    made = _made(entry(d.value["revision"], d.at("revision"))) if d.has("revision") else None
    if (made is not None) != (status == Status.ACCEPTED.value):
        raise BadInput(f"{d.path}: an accepted delta makes a revision, and no other does")
    applied = tuple(_applied(d))
    return PastDelta(
        author=_author(d),
        at=_time(d),
        base=_hash(d, "base") if d.text("base") else "",
        status=Status(status),
        reason=d.text("reason", ""),
        why=d.text("why", ""),
        run=d.name("run", ""),
        episodes=d.names("episodes"),
        applied=applied,
        refused=tuple(_refused(d, {place for place, _ in applied})),
        guarded=tuple(r for r, _ in _refusals(d, "guarded")),
        made=made,
        by=clean(d.text("by", ""))[:_LONGEST_NAME],
        judgements=tuple(map(_judgement, d.entries("judgements") if d.has("judgements") else ())),
        file=clean(d.text("file", ""))[:_LONGEST_NAME],
        origins=dict(_origins(d)),
        place=d.path,
    )


def _origins(d: Entry) -> Iterator[tuple[str, EpisodeOrigin]]:
    """Whose the episodes are; in a history from before there were origins, the environment's. Raises `BadInput`."""
    origins = entry(d.value.get("origins", {}), d.at("origins"))
    for episode in origins.value:
        whose, where = origins.texts(episode), origins.at(episode)
        if len(whose) != 2 or whose[1] not in tuple(Trust):
            raise BadInput(f"{where} must be two texts: who wrote its task, and {' or '.join(Trust)}")
        if (fault := origin_fault(whose[0])) and not whose[0].startswith(PURGED):
            raise BadInput(f"{where}: {fault}")
        yield episode, EpisodeOrigin(whose[0], Trust.UNTRUSTED if whose[0] == UNVERIFIED else whose[1])


def _judgement(j: Entry) -> Judgement:
    if (answer := j.text("answer")) not in ANSWERS:
        raise BadInput(f"{j.at('answer')} is {short(answer)}; it can be {', '.join(ANSWERS)}")
    figures = entry(j.value.get("figures", {}), j.at("figures")).value
    cost = entry(j.value.get("usage", {}), j.at("usage"))
    odd = [name for name, value in cost.value.items() if name not in _COUNTED or not _is_amount(name, value)]
    if odd:
        raise BadInput(f"{cost.at(odd[0])} is not a field of usage; usage has {', '.join(_COUNTED)}, each a number from 0")
    return Judgement(j.name("gate"), answer, j.text("reason", ""), figures, Usage(**cost.value))


def _is_amount(name: str, value: object) -> bool:
    if value is None:
        return name == "cost_usd"
    kinds = (int, float) if name in ("cost_usd", "seconds") else (int,)
    return isinstance(value, kinds) and not isinstance(value, bool) and 0 <= value < 1 << 53


def _author(d: Entry) -> str:
    author = d.text("author")
    if author not in AUTHORS:
        raise BadInput(f"{d.at('author')} must be {', '.join(AUTHORS[:-1])} or {AUTHORS[-1]}, not {short(author)}")
    return author


def _time(d: Entry) -> str:
    at = d.text("at")
    try:
        real = _TIME.fullmatch(at) is not None and bool(datetime.fromisoformat(at))
    except ValueError:
        real = False
    if not real:
        raise BadInput(f"{d.at('at')} is {short(at)}; it must be a time such as 2026-01-31T09:30:00.000000Z")
    return at


def _made(m: Entry) -> Made:
    parents = m.texts("parents")
    if not 1 <= len(parents) <= 2 or not all(map(_HASH.fullmatch, parents)):
        raise BadInput(f"{m.at('parents')} must be one hash, or two for a merge, of 64 hexadecimal digits each")
    return Made(m.number("number"), _hash(m, "hash"), _hash(m, "digest"), parents)


def _hash(d: Entry, name: str) -> str:
    value = d.text(name)
    if not _HASH.fullmatch(value):
        raise BadInput(f"{d.at(name)} must be a hash of 64 hexadecimal digits, not {short(value)}")
    return value


def _applied(d: Entry) -> Iterator[tuple[int, Operation]]:
    last = -1
    for o in d.entries("operations"):
        place = o.number("place")
        if place <= last:
            raise BadInput(f"{o.at('place')} must rise from one operation to the next, so be more than {last}")
        last = place
        yield place, _operation(o, "place")


def _refused(d: Entry, taken: set[int]) -> Iterator[Refusal]:
    """What the store refused; `taken` are the places of what it applied."""
    for r, path in _refusals(d, "refused"):
        if r.index in taken:
            raise BadInput(f"{path}.place is {r.index}, and another operation has that place in the delta already")
        taken.add(r.index)
        yield r


def _refusals(d: Entry, name: str) -> Iterator[tuple[Refusal, str]]:
    """Refusals, each with its path."""
    for r in d.entries(name) if d.has(name) else ():
        operation, twin = _operation(entry(r.value.get("operation"), r.at("operation"))), r.text("twin", "")
        if twin and not is_id(twin):
            raise BadInput(f"{r.at('twin')} is {short(twin)}; an id looks like ref-0a1b2c3d4e")
        yield Refusal(r.number("place"), operation, r.text("refused"), twin), r.path


def _operation(o: Entry, *besides: str) -> Operation:
    op = o.text("op")
    if op not in (known := [x.value for x in Op]):
        raise BadInput(f"{o.at('op')} is {short(op)}; it can be {', '.join(known)}")
    odd = next((name for name in o.value if name not in (*_TEXTS, *_NAMES, "op", "sources", "episodes", *besides)), None)
    if odd is not None:
        raise BadInput(f"{o.at(odd)} is not a field of an operation")
    texts = {name: o.text(name) for name in _TEXTS if o.has(name)} | {name: o.name(name) for name in _NAMES if o.has(name)}
    return Operation(Op(op), sources=o.names("sources"), episodes=o.names("episodes"), **texts)
