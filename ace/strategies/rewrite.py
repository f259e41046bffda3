"""The strategy `rewrite`: the whole playbook is written anew after each batch, as Dynamic Cheatsheet does (Suzgun et al. 2025,
arXiv:2504.07952). What the new text leaves out is retired. The guards judge the edits that lead to it like any others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ace.attempt import Briefing
from ace.memory.view import View
from ace.playbooks.bullet import Bullet, State, clean, new_id
from ace.playbooks.operations import Op, Operation
from ace.playbooks.render import parse_line
from ace.playbooks.rewrites import operations_between
from ace.roles.curator.settings import Drift
from ace.roles.replies import WrittenAnew
from ace.strategies.batchwise import Batchwise, Dictionary, Solving
from ace.strategies.contract import MEASURED, Draw, Learned, Lesson, Roles
from ace.strategies.reflecting import Chains, Explore, Joint, Successes, told
from ace.strategies.shown import BulletTokens, briefing
from ace.types import Episode, Reflection, Task

OFFERS = {"rewrite": "Rewrite"}
_HEADING = re.compile(r"#{1,6}\s+(.+)")
_ITEM = re.compile(r"(?:[-*•]|\d+[.)])\s+(.+)")
_GENERAL = "General"


class Rewrite:
    """Shows the playbook; writes all of it anew after each batch."""

    def __init__(
        self,
        roles: Roles,
        /,
        *,
        tokens: BulletTokens = 20000,
        successes: Successes = True,
        explore: Explore = False,
        chains: Chains = False,
        joint: Joint = False,
        dictionary: Dictionary = False,
        drift: Drift = 0.0,
    ) -> None:
        self._tokens, self._solving = tokens, Solving(explore, chains, joint, dictionary)
        self._curating = Batchwise(roles, "rewrite", counts=False, successes=successes, drift=drift, solving=self._solving)

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw = MEASURED) -> Briefing:
        return self._solving.shown(briefing(task, book, self._tokens, told(earlier), draw), draw)

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        stood = book.bullets(include_retired=True)

        def edits(reply: WrittenAnew, numbers: dict[str, int]) -> tuple[list[Operation], str]:
            return leading_to(read(reply.playbook, stood, book.revision.hash), stood), reply.reasoning.strip()

        return await self._curating.learn(lesson, book, WrittenAnew, edits)


def leading_to(wanted: Sequence[Bullet], stood: Sequence[Bullet]) -> list[Operation]:
    """The operations that lead from the bullets that `stood` to those `wanted`. A new bullet is placed by bullets that are
    there already, so that one which the guards refuse takes no other with it."""
    live = {b.id for b in stood if b.state is not State.RETIRED}
    kept = [b for b in wanted if b.id in live]
    sections = {b.section for b in kept}
    behind: dict[tuple[str, str], list[Bullet]] = {}
    last: dict[str, str] = {}
    for b in wanted:
        if b.id in live:
            last[b.section] = b.id
        else:
            behind.setdefault((b.section, last.get(b.section, "first" if b.section in sections else "")), []).append(b)
    # Each is put right behind the same bullet, so the last comes first; what is put at the end comes in order.
    added = [
        Operation(Op.ADD, section=b.section, text=b.text, after=anchor)
        for (_, anchor), new in behind.items()
        for b in (reversed(new) if anchor else new)
    ]
    return [*operations_between(stood, kept), *added]


def read(text: str, stood: Sequence[Bullet], origin: str) -> list[Bullet]:
    """The bullets that `text` says, in order. A line that names a live bullet of `stood` by its id, or says what one says, is
    that bullet; every other line is a new one, whose id derives from `origin`."""
    live = {b.id: b for b in stood if b.state is not State.RETIRED}
    said = {clean(b.text): b for b in reversed(live.values())}
    found: dict[str, Bullet] = {}
    for n, (section, line) in enumerate(_lines(text)):
        id, words = parse_line(f"- {line}") or ("", line)
        old = live.get(id) or said.get(clean(words))
        if old is None:
            made = Bullet(new_id(section or _GENERAL, origin, n, words), section or _GENERAL, words)
        else:
            made = replace(old, section=section or old.section, text=words)
        found.setdefault(made.id, made)
    return list(found.values())


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """The lines that say something, each with the heading it stands under."""
    section = ""
    for line in map(str.strip, text.splitlines()):
        if heading := _HEADING.fullmatch(line):
            section = clean(heading[1])
        elif line:
            item = _ITEM.fullmatch(line)
            yield section, item[1].strip() if item else line
