"""The curator: diagnoses and evidence in, small edits out (ACE, Zhang et al. 2025, section 3).

The curator sees, for each lesson, the last cases it won and lost side by side. From the lessons and the newest attempts alone
neither a model nor a person can tell a good rule from a lucky one. Each past attempt stands in the request once, numbered, and
edits name the numbers they rest on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ace.models import layout
from ace.models.contract import Message
from ace.roles.curator.attempts import attempts_of
from ace.roles.curator.brief import Brief
from ace.roles.curator.diagnosed import beyond, diagnosed
from ace.roles.curator.grouped import evidence_size, past_attempts
from ace.roles.curator.lessons import again, alike, playbook
from ace.roles.curator.rows import size, table
from ace.roles.curator.settings import Shown
from ace.roles.instructions import STOCK, Prompts
from ace.roles.offered import offered

_GROUPED = (
    'past attempts that used each of them (won "+" and lost "-", side by side), past attempts that used none, and the new '
    "attempts with their diagnoses"
)
_FLAT = 'all attempts in one table, a row each (won "+" and lost "-", new ones marked), and diagnoses where they say more'
"""What the prompt says of the evidence."""


@dataclass(frozen=True, slots=True)
class CuratorRequest:
    """The curator's request, the episode ids behind the numbers that stand in it, and the ids of the bullets shown."""

    messages: tuple[Message, ...]
    numbers: Mapping[int, str]
    shown: frozenset[str]


def question(brief: Brief, shown: Shown, prompts: Prompts = STOCK, halvings: int = 0) -> CuratorRequest:
    """The request, in the form that `shown` asks for. Past attempts, and what is told of each new one, are halved `halvings`
    times; the newest stay."""
    numbers: dict[str, int] = {}
    parts = _flat(brief, shown, numbers, halvings) if shown.rows else _by_lesson(brief, shown, numbers, halvings)
    text = "\n\n".join(p for p in parts if p)
    told = _FLAT if shown.rows else _GROUPED
    messages = (Message("system", prompts.filled("curator", evidence=told), stable=True), Message("user", text))
    return CuratorRequest(messages, {n: e for e, n in numbers.items()}, frozenset(b.id for b in brief.bullets))


def _by_lesson(brief: Brief, shown: Shown, numbers: dict[str, int], halvings: int) -> list[str]:
    """Past attempts by lesson; beyond the budget the oldest of the longest lists are left out first."""
    new = [diagnosed(e, r, numbers, halvings) for e, r in brief.new]
    tokens = shown.evidence_tokens
    past = past_attempts(brief, numbers, min(tokens, evidence_size(brief)) >> halvings if halvings else tokens)
    return [
        offered([e for e, _ in brief.new]),
        playbook(brief),
        alike(brief),
        again(brief),
        _objection(brief),
        "\n".join([layout.PAST, *past]) if past else "",
        "\n".join([layout.NEW, *new]),
    ]


def _flat(brief: Brief, shown: Shown, numbers: dict[str, int], halvings: int) -> list[str]:
    """All attempts once. They stand before the lessons, because they change less from batch to batch."""
    attempts = attempts_of(brief)
    room = shown.evidence_tokens
    if halvings:
        room = min(room, sum(map(size, attempts.past))) >> halvings
    rows = table(attempts, numbers, room, layout.MAX_LINE >> halvings)
    more = beyond(brief.new, numbers, halvings)
    return [
        offered([e for e, _ in brief.new]),
        "\n".join([layout.ROWS, *rows]) if rows else "",
        playbook(brief, counts=True),
        alike(brief),
        again(brief),
        _objection(brief),
        "\n".join([layout.DIAGNOSES, *more]) if more else "",
    ]


def _objection(brief: Brief) -> str:
    return f"{layout.OBJECTION}\n{layout.block(brief.objection)}" if brief.objection else ""
