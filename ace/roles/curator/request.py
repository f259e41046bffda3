"""The curator: diagnoses and evidence in, small edits out (ACE, Zhang et al. 2025, section 3).

The curator sees all attempts once, in one table, or, with `rows` off, the last ones that each lesson won and lost. From the
lessons and the newest attempts alone neither a model nor a person can tell a good rule from a lucky one. Each attempt stands in
the request once, numbered, and edits name the numbers they rest on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ace.models import layout
from ace.models.contract import Message
from ace.playbooks.bullet import Bullet
from ace.playbooks.render import estimate_tokens
from ace.roles.curator.alarms import alarmed
from ace.roles.curator.brief import Brief
from ace.roles.curator.contrasts import side_by_side
from ace.roles.curator.diagnosed import beyond, diagnosed
from ace.roles.curator.grouped import evidence_size, past_attempts
from ace.roles.curator.lessons import again, alike, playbook
from ace.roles.curator.past_edits import last_edits, measured_edits
from ace.roles.curator.rows import size, table
from ace.roles.curator.settings import Shown
from ace.roles.instructions import STOCK, Prompts, placed_form
from ace.roles.offered import offered
from ace.roles.replies import Curation, PlacedCuration, WholeList

_GROUPED = (
    'past attempts that used each of them (won "+" and lost "-", side by side), past attempts that used none, and the new '
    "attempts with their diagnoses"
)
_FLAT = 'all attempts in one table, a row each (won "+" and lost "-", new ones marked), and diagnoses where they say more'
"""What the prompt says of the evidence."""

Shape = type[Curation] | type[WholeList]
MOST_LESSONS = 40
"""Lessons of a playbook up to which its curator is asked for the whole list."""


@dataclass(frozen=True, slots=True)
class CuratorRequest:
    """The curator's request, the episode ids behind the numbers that stand in it, the bullets shown, and the shape
    of the reply: edits, or the whole list of lessons."""

    messages: tuple[Message, ...]
    numbers: Mapping[int, str]
    bullets: Sequence[Bullet] = ()
    shape: Shape = Curation

    @property
    def whole(self) -> bool:
        """Is the reply to be the whole list?"""
        return self.shape is WholeList

    @property
    def shown(self) -> frozenset[str]:
        return frozenset(b.id for b in self.bullets)


def question(brief: Brief, shown: Shown, prompts: Prompts = STOCK, halvings: int = 0) -> CuratorRequest:
    """The request, in the form that `shown` asks for. The evidence is halved `halvings` times, in the order of `CUT_FIRST`,
    and attempts that stand in it already are not set side by side; the newest attempts stay."""
    numbers: dict[str, int] = {}
    parts = _flat(brief, shown, numbers, halvings) if shown.rows else _by_lesson(brief, shown, numbers, halvings)
    if shown.contrasts and not halvings:
        parts.insert(-1, side_by_side(brief, numbers))
    text = "\n\n".join(p for p in parts if p)
    shape = _shape(brief, shown, prompts)
    told = {"evidence": _FLAT if shown.rows else _GROUPED, **({"reply": placed_form()} if shape is PlacedCuration else {})}
    system = prompts.filled("curator", "whole" if shape is WholeList else "", **told)
    messages = (Message("system", system, stable=True), Message("user", text))
    return CuratorRequest(messages, {n: e for e, n in numbers.items()}, brief.bullets, shape)


def _shape(brief: Brief, shown: Shown, prompts: Prompts) -> Shape:
    if shown.whole and not prompts.is_own("curator") and _is_short_list(brief):
        return WholeList
    return PlacedCuration if shown.last_edits else Curation


def _is_short_list(brief: Brief) -> bool:
    """Is the playbook short and shown whole, and are there answers to choose from?"""
    return bool(offered([e for e, _ in brief.new])) and len(brief.bullets) == brief.total <= MOST_LESSONS


@dataclass(frozen=True, slots=True)
class _Cut:
    """The parts that a request can do without, as they fit, and the tokens left for past attempts."""

    parts: Mapping[str, str]
    room: int


CUT_FIRST = ("table", "last edits")
"""What is cut first from a request that is too long, each as a whole, before diagnoses are shortened and the oldest attempts
are left out: what was measured to help least. What counting found in all attempts goes last, once it takes more than half."""


def _fitted(brief: Brief, rest: int, tokens: int, halvings: int) -> _Cut:
    """`rest` are the tokens of the past attempts that there are, `tokens` those that they may take. Every halving leaves half
    of all of it."""
    parts = {
        "candidates": _lines(layout.FOUND, brief.candidates, _COUNTED_ALONE),
        "table": _lines(layout.COUNTED, brief.table),
        "last edits": last_edits(brief) if not brief.again else "",
    }
    if not halvings:
        return _Cut(parts, tokens)
    sizes = {name: estimate_tokens(text) for name, text in parts.items()}
    past = min(tokens, rest)
    room = (past + sum(sizes.values())) >> halvings
    for name in CUT_FIRST:
        if past + sum(sizes.values()) > room:
            parts[name], sizes[name] = "", 0
    if sizes["candidates"] > room // 2:
        parts["candidates"], sizes["candidates"] = "", 0
    return _Cut(parts, max(min(past, room - sum(sizes.values())), 0))


_COUNTED_ALONE = (
    "(Found by counting alone, which knows no meaning. Use what the attempts bear out, and doubt a condition that rests on one "
    "attempt or on an aside.)"
)


def _lines(heading: str, lines: Sequence[str], *meant: str) -> str:
    """`heading` and what it means, with an item a line below."""
    return "\n".join([heading, *meant, *(f"- {layout.item(line)}" for line in lines)]) if lines else ""


def _by_lesson(brief: Brief, shown: Shown, numbers: dict[str, int], halvings: int) -> list[str]:
    """Past attempts by lesson; beyond the budget the oldest of the longest lists are left out first."""
    new = [diagnosed(e, r, numbers, halvings) for e, r in brief.new]
    cut = _fitted(brief, evidence_size(brief), shown.evidence_tokens, halvings)
    past = past_attempts(brief, numbers, cut.room)
    return [
        offered([e for e, _ in brief.new]),
        playbook(brief),
        alarmed(brief, numbers),
        alike(brief),
        *_besides(brief, cut),
        "\n".join([layout.PAST, *past]) if past else "",
        "\n".join([layout.NEW, *new]),
    ]


def _flat(brief: Brief, shown: Shown, numbers: dict[str, int], halvings: int) -> list[str]:
    """All attempts once. They stand before the lessons, because they change less from batch to batch."""
    attempts = brief.flat
    past = sum(map(size, attempts.past))
    cut = _fitted(brief, past, shown.evidence_tokens, halvings)
    rows = table(attempts, numbers, cut.room, layout.MAX_LINE >> halvings, _against(brief) if past > cut.room else ())
    more = beyond(brief.new, numbers, halvings)
    return [
        offered([e for e, _ in brief.new]),
        "\n".join([layout.ROWS, *rows]) if rows else "",
        playbook(brief, counts=True),
        alarmed(brief, numbers),
        alike(brief),
        *_besides(brief, cut),
        "\n".join([layout.DIAGNOSES, *more]) if more else "",
    ]


def _against(brief: Brief) -> set[str]:
    """The attempts that contradict the present list: by fit, where a lesson's text is read; those that followed one that is not
    read and lost, and so of attempts that are too old to be counted."""
    found = brief.fit or brief.flat.grounds.fit(brief.bullets)
    counted, unread = set(found.attempts), {b.bullet.id for b in found.bullets if not b.read}
    live = {b.id for b in brief.bullets}
    followed = (
        p.episode for p in brief.flat.past if not p.won and not (unread if p.episode in counted else live).isdisjoint(p.cited)
    )
    return {*found.wrong, *followed}


def _besides(brief: Brief, cut: _Cut) -> list[str]:
    counted = [cut.parts["table"], cut.parts["candidates"]]
    return [cut.parts["last edits"], measured_edits(brief.measured), again(brief), _objection(brief), *counted]


def _objection(brief: Brief) -> str:
    return f"{layout.OBJECTION}\n{layout.block(brief.objection)}" if brief.objection else ""
