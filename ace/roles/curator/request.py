"""The curator: diagnoses and evidence in, small edits out (ACE, Zhang et al. 2025, section 3).

The curator sees, for each lesson, the last cases it won and lost side by side. From the lessons and the newest attempts alone
neither a model nor a person can tell a good rule from a lucky one. Each past attempt stands in the request once, numbered, and
edits name the numbers they rest on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ace.models import layout
from ace.models.contract import Message
from ace.playbooks.bullet import Bullet
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

MOST_LESSONS = 40
"""Lessons of a playbook up to which its curator is asked for the whole list."""


@dataclass(frozen=True, slots=True)
class CuratorRequest:
    """The curator's request, the episode ids behind the numbers that stand in it, the bullets shown, and whether the
    reply is to be the whole list of lessons instead of edits."""

    messages: tuple[Message, ...]
    numbers: Mapping[int, str]
    bullets: Sequence[Bullet] = ()
    whole: bool = False

    @property
    def shown(self) -> frozenset[str]:
        return frozenset(b.id for b in self.bullets)


def question(brief: Brief, shown: Shown, prompts: Prompts = STOCK, halvings: int = 0) -> CuratorRequest:
    """The request, in the form that `shown` asks for. Past attempts, and what is told of each new one, are halved `halvings`
    times; the newest stay."""
    numbers: dict[str, int] = {}
    parts = _flat(brief, shown, numbers, halvings) if shown.rows else _by_lesson(brief, shown, numbers, halvings)
    text = "\n\n".join(p for p in parts if p)
    told = _FLAT if shown.rows else _GROUPED
    whole = shown.whole and not prompts.is_own("curator") and _is_short_list(brief)
    system = prompts.filled("curator", "whole" if whole else "", evidence=told)
    messages = (Message("system", system, stable=True), Message("user", text))
    return CuratorRequest(messages, {n: e for e, n in numbers.items()}, brief.bullets, whole)


def _is_short_list(brief: Brief) -> bool:
    """Is the playbook short and shown whole, and are there answers to choose from?"""
    return bool(offered([e for e, _ in brief.new])) and len(brief.bullets) == brief.total <= MOST_LESSONS


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
