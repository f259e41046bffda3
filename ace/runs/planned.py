"""What a strategy that asks in an attempt besides, or lets another model take steps, gave an attempt: worked out again.

Such an attempt cannot be played again from what it was shown alone. The strategies that ship do nothing but read, so the one of
a stored run is made again, with the playbooks at the revisions that the run recorded; a person's own one is never run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ace.attempt import Briefing
from ace.errors import AceError
from ace.memory.store import Store
from ace.memory.values import Run
from ace.memory.view import View
from ace.models.contract import Model
from ace.roles.routing import Routing
from ace.runs.reading import READS, playbooks
from ace.runs.stored import prompts_of
from ace.runs.tuning import FOUND
from ace.strategies.contract import Draw, Roles, Strategy, Tuning
from ace.strategies.registry import made, open_strategy
from ace.types import Episode

_SHIPPED = ("experts", "route")


def briefings(store: Store, run: Run, episode: Episode, views: Iterable[View]) -> Iterator[Briefing]:
    """What `episode` may have been given by the strategy of `run`, whose playbook may have stood as in one of `views`; nothing
    where that strategy asks nothing besides, or its playbooks are gone."""
    try:
        strategy = _strategy(store, run)
    except AceError:
        return
    if strategy is None:
        return
    config = run.config
    draw = Draw(episode.seed, episode.phase, float(config.get("holdout", 0.0)), bool(config.get("mask", False)))
    for view in views:
        try:
            found = strategy.context(episode.task, view, (), draw)
        except AceError:
            continue
        yield found
        if found.routing is not None:
            # As both models are compared before the run measures.
            yield from (replace(found, routing=Routing(when)) for when in ("always", "never"))


def _strategy(store: Store, run: Run) -> Strategy | None:
    name = str(run.config.get("strategy", ""))
    if name not in _SHIPPED:
        return None

    def none(unit: str) -> Model:
        raise AssertionError(f"{unit} is not asked about")

    read = playbooks(store, run.config.get(READS, {}))
    strategy = made(
        open_strategy(name, run.config.get("strategy_settings", {})),
        Roles(none, none, prompts=prompts_of(run), playbooks=read),
        name,
    )
    if isinstance(strategy, Tuning) and FOUND in run.result:
        strategy.tuned(run.result[FOUND])
    return strategy
