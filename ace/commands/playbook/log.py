"""Printing the log: what changed, when, why, by whom, and what was refused.

An operation names a bullet by its id, which tells a reader nothing, so every line also says what the bullet says, or said
before.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ace.commands.terminal.common import count, opened, paged, print_json
from ace.commands.terminal.palette import CHANGED, STYLES, WENT
from ace.commands.terminal.prose import day, facts, line, marked, say
from ace.commands.terminal.tables import Column, print_table
from ace.memory.database.prefixes import IdKind
from ace.memory.log.decisions import told_in_review
from ace.memory.log.lineage import LoggedDelta
from ace.memory.values import Reviewed, StoredDelta
from ace.playbooks.operations import Judgement, Op, Operation, Status

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from ace.memory.store import Store

_ANSWERS = {"pass": "passed", "refuse": "refused", "hold": "held for review", "again": "asked once more"}
MOST = 200
"""Operations of one delta that the log prints for people."""
_NAMED = 3
"""Of the texts in a list that a gate measured, how many the log names."""
OPERATIONS = (Column(), Column(style="dim"), Column())


@dataclass(frozen=True, slots=True)
class LogRequest:
    """Which deltas of playbook `name` the log shows."""

    name: str
    run: str = ""
    author: str = ""
    limit: int = 30


def show_log(wanted: LogRequest, store: str, as_json: bool) -> None:
    """The deltas of a playbook, the last one first."""
    with opened(store) as db:
        wanted = replace(wanted, run=db.whole(IdKind.RUN, wanted.run))
        found = _found(db, wanted)
    if as_json:
        print_json([delta_json(t.delta) for t in found])
        return
    with paged() as screen:
        if not found:
            by = f" by {wanted.author}" if wanted.author else ""
            screen.print(f"No deltas{by}{f' of run {wanted.run}' if wanted.run else ' yet'}.")
        for n, told in enumerate(found):
            if n:
                screen.print()
            _print_delta(screen, told)


def _found(db: Store, wanted: LogRequest) -> list[LoggedDelta]:
    found = db.log(wanted.name, run=wanted.run, author=wanted.author, limit=wanted.limit)
    return db.past.told(wanted.name, found)


def _print_delta(screen: Console, told: LoggedDelta) -> None:
    d = told.delta
    facts(screen, heading(d))
    for text in (line(d.reason), line(d.why)):
        if text:
            say(screen, text, 2)
    for text in map(judged, d.judgements):
        say(screen, text, 2, style="dim")
    for text in map(judged_at_end, d.at_end):
        say(screen, text, 2, style="dim")
    rows = list(_rows(screen, told))
    print_table(screen, OPERATIONS, rows[:MOST], indent=2)
    if len(rows) > MOST:
        screen.print(f"  … and {count(len(rows) - MOST, 'operation')} more; --json has them all", style="dim")
    if d.review:
        way = f": ace review show {shlex.quote(d.playbook)} {d.review.number}" if d.review.decided is None else ""
        say(screen, f"delta {d.review.number} {d.review.told}{way}", 2)


def heading(d: StoredDelta) -> list[str | Text]:
    """A delta in a few words: what it made, when, by whom, in which run, from how many episodes."""
    from rich.text import Text

    style = "" if d.revision else WENT if d.status is Status.REFUSED else CHANGED
    made = Text(f"revision {d.revision.number}" if d.revision else d.status.value, style=f"bold {style}")
    merged = [f"merge of {d.revision.parents[1][:10]}"] if d.revision and d.revision.parents[1:] else []
    run = [f"run {d.run}"] if d.run else []
    source = [f"from {count(len(d.episodes), 'episode')}"] if d.episodes else []
    return [made, f"{day(d.at)} UTC", line(d.who), *merged, *run, *source]


def judged(j: Judgement) -> str:
    """What a gate, or a person in review, decided on a delta, on one line."""
    if told := told_in_review(j):
        return told
    figures = ", ".join(f"{line(name)} {line(_figure(value))}" for name, value in j.figures.items())
    cost = f"{count(j.usage.calls, 'call')}" if j.usage.calls else ""
    told = "; ".join(text for text in (line(j.reason), figures, cost) if text)
    return f"gate {line(j.gate)}: {_ANSWERS.get(j.answer, line(j.answer))}{f' ({told})' if told else ''}"


def judged_at_end(j: Judgement) -> str:
    """What a gate decided at the end of a run, on one line."""
    return f"at the end of the run, {judged(j)}"


def _figure(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        # Ids of attempts: their number says most, and --json has them all.
        named = ", ".join(value[:_NAMED]) + (", …" if len(value) > _NAMED else "")
        return f"{len(value)} ({named})" if value else "0"
    if isinstance(value, dict):
        return f"({', '.join(f'{line(name)} {_figure(v)}' for name, v in value.items())})" if value else "none"
    return value if isinstance(value, str) else json.dumps(value)


def _rows(screen: Console, told: LoggedDelta) -> Iterable[tuple[Text, str, Text]]:
    """The operations and what was refused, each with the text of the bullet that it is about."""
    from rich.text import Text

    texts = {id: b.text for id, b in told.before.items()}
    for o in told.delta.operations:
        yield Text(o.op.value, style=STYLES[o.op.value]), line(o.new_id or o.id), _about(screen, o, texts)
        if o.op is Op.DEMOTE and o.reason:
            # It changes no text, so that the reason is what there is to read.
            yield Text(""), "", Text(line(o.reason), style="dim")
        if o.text:
            texts[o.new_id or o.id] = o.text
    for r in told.delta.refusals:
        o = r.operation
        about = line(o.text or texts.get(o.id, ""), 80)
        said = f"{o.op.value}{f': {about}' if about else ''} – {line(r.reason)}"
        yield Text("refused", style=f"dim {WENT}"), line(o.new_id or o.id), Text(said, style="dim")


def _about(screen: Console, o: Operation, texts: dict[str, str]) -> Text:
    from rich.text import Text

    old = line(texts.get(o.id, ""))
    if o.op is Op.REVISE and old:
        return marked(old, line(o.text), screen)
    if o.op is Op.RETIRE:
        return Text(old, style="dim strike")
    made = Text(line(o.text) or old)
    if o.op is Op.MOVE:
        made.append(f"  → {place(o)}", style=STYLES["move"])
    if o.sources:
        made.append(f"  (from {', '.join(map(line, o.sources))})", style="dim")
    return made


def place(o: Operation) -> str:
    """Where a bullet is put, in words."""
    where = {"": "last", "first": "first", "top": "before all others"}.get(o.after, f"after {line(o.after)}")
    return f"{line(o.section)}, {where}" if o.section else where


def review_json(d: StoredDelta) -> dict[str, Any] | None:
    """Of a delta that was held: its number, and what was decided, by whom, when and why (`null`: it waits); else `None`."""
    if d.review is None:
        return None
    r = d.review.decided
    decided = None if r is None else {"decision": "accepted" if r.accepted else "refused", **_decided(r)}
    return {"delta": d.review.number, "decided": decided}


def _decided(r: Reviewed) -> dict[str, Any]:
    return {"by": r.by, "at": r.at, "reason": r.reason, "revision": r.revision}


def delta_json(d: StoredDelta) -> dict[str, Any]:
    """A delta as JSON."""
    return {
        "revision": d.revision.number if d.revision else None,
        "hash": d.revision.hash if d.revision else None,
        "status": d.status.value,
        "author": d.author,
        "by": d.by,
        "reason": d.reason,
        "why": d.why,
        "run": d.run,
        "at": d.at,
        "operations": [o.as_json() for o in d.operations],
        "refused": [{"operation": r.operation.as_json(), "reason": r.reason} for r in d.refusals],
        "judgements": [j.as_json() for j in d.judgements],
        "at_end": [j.as_json() for j in d.at_end],
        "review": review_json(d),
        "episodes": list(d.episodes),
    }
