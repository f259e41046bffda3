"""The curator: diagnoses and evidence in, small edits out (ACE, Zhang et al. 2025, section 3).

The curator sees, for each lesson, the last cases it won and lost side by side. From the lessons and the newest attempts alone
neither a model nor a person can tell a good rule from a lucky one. Each past attempt stands in the request once, numbered, and
edits name the numbers they rest on.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ace.models import layout
from ace.models.contract import Message
from ace.playbooks.bullet import MAX_SECTION, Bullet, clean
from ace.playbooks.operations import Op, Operation, Refusal
from ace.playbooks.render import bullet_line, by_section
from ace.playbooks.similarity.compare import Kind
from ace.playbooks.similarity.pairs import Pair
from ace.roles.instructions import STOCK, Prompts
from ace.roles.offered import offered
from ace.roles.replies import Added, Curation, Merged, Moved, Retired, Revised
from ace.types import Episode, Past, Record, Reflection

_LEAST = 60
"""Characters of an item that are kept however often the evidence is halved."""
_NUMBER = re.compile(r"#(\d{1,6})\b")
_IS = {Kind.SAME: "say the same", Kind.CONTRADICTS: "contradict each other", Kind.ALIKE: "are much alike"}


@dataclass(frozen=True, slots=True)
class Brief:
    """What lies before the curator: the relevant `bullets` in order out of `total`, their `records` (`now`: won and lost with
    the text they have now) and past attempts
    (`evidence` by bullet id, `uncited` for those that used none of them), the new attempts with their reflections, and the
    pairs of bullets that say nearly the same or contradict each other. `again` are its own edits that came too late. `played`
    are the attempts, reflected on or not, that `records` and `now` do not count yet. `objection` is what was shown to be wrong
    with the edits that were proposed from these attempts just before."""

    bullets: Sequence[Bullet]
    total: int
    new: Sequence[tuple[Episode, Reflection]]
    records: Mapping[str, Record] = field(default_factory=dict)
    now: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    evidence: Mapping[str, Sequence[Past]] = field(default_factory=dict)
    uncited: Sequence[Past] = ()
    pairs: Sequence[Pair] = ()
    again: Sequence[Refusal] = ()
    played: Sequence[Episode] = ()
    objection: str = ""


@dataclass(frozen=True, slots=True)
class CuratorRequest:
    """The curator's request, the episode ids behind the numbers that stand in it, and the ids of the bullets shown."""

    messages: tuple[Message, ...]
    numbers: Mapping[int, str]
    shown: frozenset[str]


def question(brief: Brief, tokens: int, prompts: Prompts = STOCK, halvings: int = 0) -> CuratorRequest:
    """The request; past attempts beyond about `tokens` tokens are left out, the oldest of the longest lists first.
    Past attempts, and what is told of each new one, are halved `halvings` times; the newest stay."""
    numbers: dict[str, int] = {}
    new = [_new(e, r, numbers, halvings) for e, r in brief.new]
    room = min(tokens, _evidence_size(brief)) >> halvings if halvings else tokens
    past = _past(brief, numbers, room)
    parts = [
        offered([e for e, _ in brief.new]),
        _playbook(brief),
        _alike(brief),
        _again(brief),
        f"{layout.OBJECTION}\n{layout.block(brief.objection)}" if brief.objection else "",
        "\n".join([layout.PAST, *past]) if past else "",
        "\n".join([layout.NEW, *new]),
    ]
    text = "\n\n".join(p for p in parts if p)
    messages = (Message("system", prompts.filled("curator"), stable=True), Message("user", text))
    return CuratorRequest(messages, {n: e for e, n in numbers.items()}, frozenset(b.id for b in brief.bullets))


def _playbook(brief: Brief) -> str:
    lines = [layout.PLAYBOOK]
    if len(brief.bullets) < brief.total:
        lines.append(f"({len(brief.bullets)} of {brief.total} lessons: those that concern the new attempts)")
    section = None
    for b in by_section(brief.bullets):
        if b.section != section:
            section = b.section
            lines.append(f"## {layout.item(section)}")
        lines.append(bullet_line(b) + ("  (pinned: only a person changes it)" if b.pinned else ""))
    if not brief.bullets:
        lines.append("(empty)")
    return "\n".join(lines)


def _alike(brief: Brief) -> str:
    rows = [f"- [{p.first.id}] and [{p.second.id}] {_IS[p.likeness.kind]}{_because(p)}" for p in brief.pairs]
    return "\n".join([layout.ALIKE, *rows]) if rows else ""


def _because(p: Pair) -> str:
    return f": {layout.item(p.likeness.why)}" if p.likeness.kind is Kind.CONTRADICTS else ""


def _again(brief: Brief) -> str:
    rows = [f"- {_edit(r.operation)}: refused, {layout.item(r.reason)}" for r in brief.again]
    return "\n".join([layout.AGAIN, *rows]) if rows else ""


def _edit(o: Operation) -> str:
    named = " ".join(f"[{layout.item(id, 40)}]" for id in (o.id, *o.sources) if id)
    return f"{o.op} {named}" + (f" to: {layout.item(o.text)}" if o.text else "")


def _past(brief: Brief, numbers: dict[str, int], tokens: int) -> list[str]:
    known = {e.id for e, _ in brief.new}
    groups: list[tuple[str, list[Past]]] = []
    for b in by_section(brief.bullets):
        found = [p for p in brief.evidence.get(b.id, ()) if p.episode not in known]
        counts = _counts(b, brief)
        if found or counts:
            groups.append((f"## [{b.id}]{counts}", found))
    rest = [p for p in brief.uncited if p.episode not in known]
    if rest:
        groups.append((f"## {layout.NO_BULLET}", rest))
    _shorten([g[1] for g in groups], tokens)
    # An attempt is written out where it stands with the fewest others: a lesson that every case uses, such as one on what to
    # look at, says least about any of them.
    groups.sort(key=lambda group: len(group[1]))
    lines: list[str] = []
    for heading, found in groups:
        lines.append(heading)
        lines.extend(_grouped(found, numbers))
    return lines


def _counts(b: Bullet, brief: Brief) -> str:
    """How often `b` was followed and what came of it, the new attempts included."""
    r, now = brief.records.get(b.id, Record()), brief.now.get(b.id, (0, 0))
    new = [e.outcome.success for e in brief.played if b.id in e.cited]
    won, lost = sum(new), len(new) - sum(new)
    all_won, all_lost = r.cited_won + won, r.cited_lost + lost
    if not all_won + all_lost:
        return ""
    counts = f": followed {all_won + all_lost} times, won {all_won}, lost {all_lost}"
    return counts if b.version == 1 else f"{counts}; as it reads now, won {now[0] + won}, lost {now[1] + lost}"


def _shorten(lists: list[list[Past]], tokens: int) -> None:
    """Take the oldest attempts out of the longest lists until about `tokens` tokens are left. An attempt that stands in
    several lists is written out once."""
    times = Counter(p.episode for found in lists for p in found)
    left = sum({p.episode: _size(p) for found in lists for p in found}.values())
    while left > tokens and any(lists):
        gone = max(lists, key=len).pop(0)
        times[gone.episode] -= 1
        if not times[gone.episode]:
            left -= _size(gone)


def _size(p: Past) -> int:
    return (len(p.situation) + len(p.choice) + len(p.revealed) + 20) // 4


def _grouped(found: Sequence[Past], numbers: dict[str, int]) -> list[str]:
    lines, seen = [], {True: [], False: []}  # type: tuple[list[str], dict[bool, list[int]]]
    for p in found:
        if p.episode in numbers:
            seen[p.won].append(numbers[p.episode])
            continue
        numbers[p.episode] = len(numbers) + 1
        fields = [f"#{numbers[p.episode]}", layout.item(p.situation), layout.item(p.choice)]
        if p.revealed:
            fields.append("the environment said: " + layout.item(p.revealed, 200))
        lines.append(("+ " if p.won else "- ") + layout.FIELD.join(fields))
    lines += [f"also {mark} {' '.join(f'#{n}' for n in seen[won])}" for won, mark in ((True, "+"), (False, "-")) if seen[won]]
    return lines


def _new(episode: Episode, r: Reflection, numbers: dict[str, int], halvings: int) -> str:
    number = numbers[episode.id] = len(numbers) + 1
    used = " ".join(f"[{c}]" for c in episode.cited) or layout.NO_BULLET
    rows = [
        ("situation", r.situation),
        ("done", r.choice),
        ("diagnosis", r.diagnosis),
        ("lesson", r.lesson),
        ("the environment said", layout.item(episode.outcome.feedback, 200)),
    ]
    lines = [f"{name}: {layout.item(text, _half(text, halvings))}" for name, text in rows if text]
    return "\n".join([f"## #{number} {episode.outcome.verdict.value}, used {used}", *lines])


def _half(text: str, halvings: int) -> int:
    """The characters of an item that are kept."""
    return max(min(layout.MAX_LINE, len(text)) >> halvings, _LEAST) if halvings else layout.MAX_LINE


def _evidence_size(brief: Brief) -> int:
    """Tokens that all past attempts take, about."""
    found = [p for past in (*brief.evidence.values(), brief.uncited) for p in past]
    return sum({p.episode: _size(p) for p in found}.values())


def operations(value: Curation, asked: CuratorRequest) -> list[Operation]:
    """The reply to `asked` as operations. Numbers that stand for no attempt are dropped; everything else is judged by guards
    and store.

    A lesson is placed right after its anchor, so of several that share one the last listed is placed first."""
    numbers = asked.numbers
    retired = [Operation(Op.RETIRE, id=_id(e.lesson_id), **_why(e, numbers)) for e in value.retire]
    revised = [Operation(Op.REVISE, id=_id(e.lesson_id), text=e.text, **_why(e, numbers)) for e in value.revise]
    merged = [Operation(Op.MERGE, sources=tuple(map(_id, e.source_ids)), text=e.text, **_why(e, numbers)) for e in value.merge]
    moved = [
        Operation(Op.MOVE, id=_id(e.lesson_id), section=_section(e.section), after=_id(e.after_id), **_why(e, numbers))
        for e in value.move
    ]
    added = [_added(e, asked) for e in value.add]
    last = [o for o in added if not o.after]
    return [*retired, *revised, *merged, *moved, *reversed([o for o in added if o.after]), *last]


def _added(e: Added, asked: CuratorRequest) -> Operation:
    """Where a lesson belongs matters less than what it says: a section's name that is too long is cut, and a lesson that is to
    stand after one that is not there is placed last, which its reason then says."""
    after, why = _id(e.after_id), _why(e, asked.numbers)
    if after and after not in ("first", "top") and after not in asked.shown:
        why["reason"] = f"{e.reason} (Placed last: there is no lesson {layout.item(after, 40)!r} to stand after.)"
        after = ""
    return Operation(Op.ADD, section=_section(e.section), text=e.text, after=after, **why)


def _section(name: str) -> str:
    cut = name[:MAX_SECTION]
    return name if len(name) <= MAX_SECTION else cut.rpartition(" ")[0].strip() or cut


def named(text: str, numbers: Mapping[int, str]) -> str:
    """`text` with the episodes' ids for the numbers of attempts, which mean nothing outside their request."""
    return _NUMBER.sub(lambda m: numbers.get(int(m[1]), m[0]), text)


def _id(text: str) -> str:
    return clean(text).strip("[] ")


def _why(e: Retired | Revised | Merged | Moved | Added, numbers: Mapping[int, str]) -> dict[str, Any]:
    return {
        "reason": named(e.reason, numbers),
        "episodes": tuple(dict.fromkeys(numbers[n] for n in e.attempts if n in numbers)),
    }
