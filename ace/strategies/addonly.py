"""The strategy `addonly`: a playbook that only grows, which is what the published code of ACE does (ace-agent/ace applies ADD
alone of its operations). The curator sees the playbook with its counts and the new attempts; nothing is ever revised."""

from __future__ import annotations

from collections.abc import Sequence

from ace.attempt import Briefing
from ace.memory.view import View
from ace.playbooks.operations import Op, Operation
from ace.roles.curator.settings import Drift
from ace.roles.replies import Additions
from ace.strategies.batchwise import Batchwise, Dictionary, Solving
from ace.strategies.contract import MEASURED, Draw, Learned, Lesson, Roles
from ace.strategies.reflecting import Chains, Explore, Joint, Successes, told
from ace.strategies.shown import BulletTokens, briefing
from ace.types import Episode, Reflection, Task

OFFERS = {"addonly": "AddOnly"}


class AddOnly:
    """Shows the playbook; adds lessons to it, and never changes one."""

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
        self._curating = Batchwise(roles, "add", counts=True, successes=successes, drift=drift, solving=self._solving)

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw = MEASURED) -> Briefing:
        return self._solving.shown(briefing(task, book, self._tokens, told(earlier), draw), draw)

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        return await self._curating.learn(lesson, book, Additions, _edits)


def _edits(reply: Additions, numbers: dict[str, int]) -> tuple[list[Operation], str]:
    episodes = {n: id for id, n in numbers.items()}
    added = [
        Operation(
            Op.ADD,
            section=a.section,
            text=a.text,
            reason=a.reason.strip()[:500],
            episodes=tuple(episodes[n] for n in dict.fromkeys(a.attempts) if n in episodes),
        )
        for a in reply.add
    ]
    return added, reply.reasoning.strip()
