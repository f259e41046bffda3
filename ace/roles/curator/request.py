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
from ace.roles.curator.brief import Brief
from ace.roles.curator.diagnosed import diagnosed
from ace.roles.curator.grouped import evidence_size, past_attempts
from ace.roles.curator.lessons import again, alike, playbook
from ace.roles.instructions import STOCK, Prompts
from ace.roles.offered import offered


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
    new = [diagnosed(e, r, numbers, halvings) for e, r in brief.new]
    room = min(tokens, evidence_size(brief)) >> halvings if halvings else tokens
    past = past_attempts(brief, numbers, room)
    parts = [
        offered([e for e, _ in brief.new]),
        playbook(brief),
        alike(brief),
        again(brief),
        f"{layout.OBJECTION}\n{layout.block(brief.objection)}" if brief.objection else "",
        "\n".join([layout.PAST, *past]) if past else "",
        "\n".join([layout.NEW, *new]),
    ]
    text = "\n\n".join(p for p in parts if p)
    messages = (Message("system", prompts.filled("curator"), stable=True), Message("user", text))
    return CuratorRequest(messages, {n: e for e, n in numbers.items()}, frozenset(b.id for b in brief.bullets))
