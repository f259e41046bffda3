"""From the reply to operations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ace.models import layout
from ace.playbooks.bullet import MAX_SECTION, State, clean
from ace.playbooks.operations import Op, Operation
from ace.playbooks.render import GUESS
from ace.roles.curator.request import CuratorRequest
from ace.roles.replies import Added, Curation, Merged, PlacedMerge, Reasoned

_NUMBER = re.compile(r"#(\d{1,6})\b")


def operations(value: Curation, asked: CuratorRequest) -> list[Operation]:
    """The reply to `asked` as operations. Numbers that stand for no attempt are dropped; everything else is judged by guards
    and store.

    A lesson is placed right after its anchor, so of several that share one the last listed is placed first."""
    numbers = asked.numbers
    retired = [Operation(Op.RETIRE, id=bare_id(e.lesson_id), **why(e, numbers)) for e in value.retire]
    revised = [Operation(Op.REVISE, id=bare_id(e.lesson_id), text=bare_text(e.text), **why(e, numbers)) for e in value.revise]
    merged = [_merged(e, asked) for e in value.merge]
    moved = [
        Operation(
            Op.MOVE, id=bare_id(e.lesson_id), section=section_name(e.section), after=bare_id(e.after_id), **why(e, numbers)
        )
        for e in value.move
    ]
    confirmed = [Operation(Op.ACTIVATE, id=bare_id(e.lesson_id), **why(e, numbers)) for e in value.confirm]
    added = [_added(e, asked) for e in value.add]
    last = [o for o in added if not o.after]
    return [*retired, *revised, *merged, *moved, *reversed([o for o in added if o.after]), *last, *confirmed]


def _merged(e: Merged, asked: CuratorRequest) -> Operation:
    """A merged lesson that is to stand after one that is not there takes the place of the first."""
    after = bare_id(e.after_id) if isinstance(e, PlacedMerge) else ""
    known = after in ("first", "top") or after in asked.shown
    sources = tuple(map(bare_id, e.source_ids))
    return Operation(Op.MERGE, sources=sources, text=bare_text(e.text), after=after if known else "", **why(e, asked.numbers))


def _added(e: Added, asked: CuratorRequest) -> Operation:
    """Where a lesson belongs matters less than what it says: a section's name that is too long is cut, and a lesson that is to
    stand after one that is not there is placed last, which its reason then says."""
    after, told = bare_id(e.after_id), why(e, asked.numbers)
    if after and after not in ("first", "top") and after not in asked.shown:
        told["reason"] = f"{e.reason} (Placed last: there is no lesson {layout.item(after, 40)!r} to stand after.)"
        after = ""
    state = State.CANDIDATE if e.guess else State.ACTIVE
    text = bare_text(e.text)
    return Operation(Op.ADD, section=section_name(e.section), text=text, after=after, state=state.value, **told)


def bare_text(text: str) -> str:
    """A text without the mark that a candidate has behind it in the request: guess or not is a state."""
    return clean(text).removesuffix(GUESS).rstrip()


def section_name(name: str) -> str:
    """A section's name, cut where it is too long."""
    cut = name[:MAX_SECTION]
    return name if len(name) <= MAX_SECTION else cut.rpartition(" ")[0].strip() or cut


def named(text: str, numbers: Mapping[int, str]) -> str:
    """`text` with the episodes' ids for the numbers of attempts, which mean nothing outside their request."""
    return _NUMBER.sub(lambda m: numbers.get(int(m[1]), m[0]), text)


def bare_id(text: str) -> str:
    """An id as a model wrote it, without brackets."""
    return clean(text).strip("[] ")


def why(e: Reasoned, numbers: Mapping[int, str]) -> dict[str, Any]:
    """Reason and episodes of what the curator states; numbers that stand for no attempt are dropped."""
    return {
        "reason": named(e.reason, numbers),
        "episodes": tuple(dict.fromkeys(numbers[n] for n in e.attempts if n in numbers)),
    }
