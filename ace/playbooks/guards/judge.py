"""What no edit may do: wear a playbook away, or smuggle something into it.

An edit is judged by the text before and after it and by nothing else, so the same judgement holds for one bullet and for a
memory that is rewritten whole. A guard refuses what is certainly wrong; whether an edit helps, gates say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ace.playbooks.apply import Change, Shelf, apply
from ace.playbooks.bullet import MAX_SECTION, MAX_TEXT, Bullet, State, clean
from ace.playbooks.guards.cut_off import cut_short
from ace.playbooks.guards.placeholders import says_nothing, stand_ins
from ace.playbooks.invisible import unseen
from ace.playbooks.operations import Op, Operation


@dataclass(frozen=True, slots=True)
class EditLimits:
    """How far one edit may go."""

    copied: int = 25
    """Consecutive words of a task's statement that a text may have; with more it is that task, not a lesson."""
    kept: float = 0.5
    """Share of its characters that a rewritten text must keep, or replace."""
    small: int = 1000
    """Characters up to which a text may shrink freely."""
    removals: int = 10
    """Bullets by which one delta may always make a playbook smaller."""
    share: float = 0.2
    """Share of a playbook's bullets by which one delta may make it smaller, where that is more than `removals`."""


_FORGERIES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("a bullet's id", re.compile(r"^\s*(?:[-*•+]\s*)?\[[a-z]{1,8}-[0-9a-z]{3,16}\](?!\()")),
    ("a heading", re.compile(r"^\s*#{1,6}(?:\s|$)")),
    ("a block of data", re.compile(r"^\s*\|(?:\s|$)")),
    ("a past attempt", re.compile(r"^\s*(?:[-+]|also [-+])\s+#\d+")),
    ("counters", re.compile(r"(?<!\w)(?:helpful|harmful)\s*=\s*\d")),
    ("the mark of a pinned bullet", re.compile(r"\(pinned: only a person changes it\)")),
    ("a control token", re.compile(r"<\|[^|<>\n]{1,40}\|>|\[/?INST\]|<</?SYS>>")),
    ("a speaker's tag", re.compile(r"^\s*</?(?:system|user|assistant|human)>", re.IGNORECASE)),
)
_BLANKS = frozenset(
    ("none", "empty", "nothing", "null", "n/a", "na", "todo", "tbd", "etc", "no lesson", "unchanged", "no change", "no changes")
)
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_TOO_MANY = "the delta would remove {n} bullets; it may remove {most}"
_TOO_MANY_BY_HAND = "this would remove {n} bullets; at most {most} at once"
_FEWEST_LEFT = 3
"""A playbook of more bullets than this may not lose all of them at once."""


def check_text(before: str, after: str, *, tasks: Sequence[str] = (), limits: EditLimits = EditLimits()) -> list[str]:
    """Why a text may not become another one, a line for each reason; nothing where it may.

    `before` is empty for a new text. A text of one line is judged as a bullet, which may not be longer than `MAX_TEXT` or look
    like a part of a playbook or prompt; one of several lines, or one that was already longer, as a whole memory. `tasks` are
    the statements of the tasks that were learned from.
    """
    faults = list(_text_faults(before, after, tasks, limits))
    if faults or len((before + after).strip().splitlines()) > 1 or len(before) > MAX_TEXT:
        return faults
    return list(_bullet_faults(after))


def check_delta(
    operations: Sequence[Operation],
    shelf: Shelf,
    tasks: Sequence[str] = (),
    *,
    limits: EditLimits = EditLimits(),
    live: int | None = None,
) -> list[tuple[int, str]]:
    """Which of a curator's `operations` may not be applied to `shelf`, by their places, each with the reason.

    `live` is how many bullets of the playbook are not retired; unknown, a delta may remove no more than `limits.removals`.
    """
    faults = [(i, reason) for i, o in enumerate(operations) for reason in _faults(o, shelf, tasks, limits)]
    # Without the removals that are too many, others may apply that did not before: the same ones given twice.
    while more := _removals(_remaining(operations, {i for i, _ in faults}, shelf), limits, live):
        gone, reason = more
        faults += [(i, reason) for i in gone]
    return sorted(faults)


def check_by_hand(
    operations: Sequence[Operation], shelf: Shelf, *, limits: EditLimits = EditLimits(), live: int | None = None
) -> tuple[list[tuple[int, str]], list[tuple[int | None, str]]]:
    """The places of a person's `operations` that are refused, and of those that the person should confirm (`None`: all of them
    together), each with the reason. A person may change what is pinned."""
    never = [(i, reason) for i, o in enumerate(operations) for reason in _form_faults(o)]
    doubtful: list[tuple[int | None, str]] = []
    if more := _removals(_remaining(operations, {i for i, _ in never}, shelf), limits, live, _TOO_MANY_BY_HAND):
        doubtful.append((None, more[1]))
    doubtful += [(i, reason) for i, o in enumerate(operations) for reason in _wording_faults(o, shelf, (), limits)]
    return never, doubtful


def _remaining(operations: Sequence[Operation], refused: set[int], shelf: Shelf) -> list[Change]:
    """What the operations that are not refused would change, by their places among all of them."""
    places = [i for i in range(len(operations)) if i not in refused]
    changes, _ = apply(shelf, [operations[i] for i in places], "")
    return [replace(change, index=places[change.index]) for change in changes]


def _faults(o: Operation, shelf: Shelf, tasks: Sequence[str], limits: EditLimits) -> Iterator[str]:
    """What is wrong with one operation."""
    pinned = [b.id for b in _touched(o, shelf) if b.pinned]
    yield from (f"{id} is pinned: only a person changes it" for id in pinned)
    if o.op in (Op.PIN, Op.UNPIN) and not pinned:
        yield "only a person pins and unpins"
    if o.op in (Op.ESCALATE, Op.DEESCALATE) and not pinned:
        yield "only a person says where a stronger model decides"
    yield from _form_faults(o)
    yield from _wording_faults(o, shelf, tasks, limits)


def _form_faults(o: Operation) -> Iterator[str]:
    if o.op in (Op.ADD, Op.MERGE, Op.MOVE):
        yield from _section_faults(o.section)
    if o.op in (Op.ADD, Op.MERGE, Op.REVISE):
        yield from _bullet_faults(o.text)


def _wording_faults(o: Operation, shelf: Shelf, tasks: Sequence[str], limits: EditLimits) -> Iterator[str]:
    if o.op in (Op.ADD, Op.MERGE, Op.REVISE):
        before = "\n".join(b.text for b in _touched(o, shelf))
        # What is merged says the same several times: it may shrink.
        limits = replace(limits, kept=0.0) if o.op is Op.MERGE else limits
        yield from _text_faults(before, o.text, tasks, limits)


def _touched(o: Operation, shelf: Shelf) -> list[Bullet]:
    return [b for id in (o.id, *o.sources) if id and (b := shelf.get(id)) is not None]


def _text_faults(before: str, after: str, tasks: Sequence[str], limits: EditLimits) -> Iterator[str]:
    if not re.search(r"\w", after):
        yield "the text is empty" if not clean(after) else f"it says nothing: {_shown(after)}"
        return
    found = stand_ins(before, after)
    if found or _blank(after):
        was = "would remove" if before.strip() and not (found and found[0] in before) else "does not have"
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        yield f"it stands in for text that it {was}: {_shown(found[0] if found else after)}{more}"
    if end := cut_short(before, after):
        yield f"it breaks off: {_shown(end, last=True)}"
    if len(before) > limits.small and len(after) < limits.kept * len(before):
        yield f"it would leave {len(after):,} of {len(before):,} characters; {limits.kept:.0%} must be kept or replaced"
    if copy := _copied(before, after, tasks, limits.copied):
        yield f"it copies more than {limits.copied} consecutive words of a task: {_shown(copy)}"


def _bullet_faults(text: str) -> Iterator[str]:
    length = len(clean(text))
    if length > MAX_TEXT:
        yield f"it has {length:,} characters; a bullet may have {MAX_TEXT:,}"
    yield from _forgeries(text)
    if hidden := unseen(text):
        yield hidden


def _section_faults(section: str) -> Iterator[str]:
    if len(clean(section)) > MAX_SECTION:
        yield f"the section's name has {len(clean(section))} characters; it may have {MAX_SECTION}"
    yield from (f"the section's name: {reason}" for reason in (*_forgeries(section), *filter(None, [unseen(section)])))


def _forgeries(text: str) -> Iterator[str]:
    for what, pattern in _FORGERIES:
        for line in text.splitlines():
            if pattern.search(line):
                yield f"it looks like {what}: {_shown(line.strip())}"
                break


def _blank(text: str) -> bool:
    return clean(text).strip(" .!()[]<>{}\"'*_-").casefold() in _BLANKS or says_nothing(text)


def _copied(before: str, after: str, tasks: Iterable[str], most: int) -> str:
    """Words of `after` that are also in a task, more than `most` in a row; what `before` had already does not count."""
    runs = set(_runs(after, most + 1))
    if not runs:
        return ""
    runs.difference_update(_runs(before, most + 1))
    return next((" ".join(run) for task in tasks for run in _runs(task, most + 1) if run in runs), "")


def _runs(text: str, length: int) -> Iterator[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return (tuple(words[i : i + length]) for i in range(len(words) - length + 1))


def _removals(
    changes: Sequence[Change], limits: EditLimits, live: int | None, says: str = _TOO_MANY
) -> tuple[list[int], str] | None:
    """The operations that remove bullets, and why they may not: they are too many. Bullets that are added make up for removed
    ones."""
    gone = [c.index for c in changes if _removes(c, limits)]
    came = sum(
        1 for c in changes if c.before is None or (c.before.state is State.RETIRED and c.after.state is not State.RETIRED)
    )
    most = limits.removals if live is None else max(limits.removals, int(limits.share * live))
    if live is not None and live > _FEWEST_LEFT:
        most = min(most, live - 1)
    net = len(gone) - came
    if net <= most:
        return None
    return sorted(set(gone)), says.format(n=net if live is None else f"{net} of {live}", most=most)


def _removes(c: Change, limits: EditLimits) -> bool:
    """Whether a change takes a bullet away, or most of what it says."""
    if c.before is None or c.before.state is State.RETIRED:
        return False
    return c.after.state is State.RETIRED or len(c.after.text) < limits.kept * len(c.before.text)


def _shown(text: str, last: bool = False, limit: int = 80) -> str:
    kept = clean(text)
    if len(kept) > limit:
        kept = "…" + kept[-limit:] if last else kept[:limit].rstrip() + "…"
    return repr(kept)
