"""What an agent could choose from, for those who judge what it chose."""

from __future__ import annotations

from collections.abc import Sequence

from ace.models import layout
from ace.types import Episode

MOST = 40
"""Actions, and answers, that are listed; where there are more, none is."""


def offered(episodes: Sequence[Episode]) -> str:
    """The actions and answers that all of `episodes` offered at first: what there is to choose from, by which a loss narrows
    down what is left."""
    parts = []
    for heading, lists in (
        (layout.ACTIONS, [e.first.actions for e in episodes]),
        (layout.ANSWERS, [e.first.answers for e in episodes]),
    ):
        shared = [o for o in lists[0] if all(o in others for others in lists)] if lists else []
        if 0 < len(shared) <= MOST:
            parts.append(layout.listing(heading, (layout.item(o, 200) for o in shared)))
    return "\n".join(parts)
