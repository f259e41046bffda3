"""The evaluations that a ceiling is made of: the base with an empty playbook, and the agent with one."""

from __future__ import annotations

from dataclasses import replace

from ace.errors import BadSetting
from ace.experiments.ceiling.reach import AgentAttempts, Ceiling, ceiling
from ace.experiments.evaluation import attempts_in
from ace.memory.store import Store
from ace.memory.values import Run
from ace.results.attempts import attempts_of
from ace.settings import RunSettings

EMPTY = "empty"
"""The playbook of a base that is measured alone; only its revision 0 is used, which is empty."""


def sides(settings: RunSettings) -> list[RunSettings]:
    """The settings of the base, and of the agent with the playbook where `settings` name one. Raises `BadSetting` for fewer
    than two attempts."""
    if settings.attempts < 2:
        usual = "16 is usual, and more attempts exclude lower rates of success"
        raise BadSetting(f"attempts is {settings.attempts}; a ceiling needs 2 or more at each task; {usual}")
    name = settings.playbook.partition("@")[0]
    base = replace(settings, playbook=f"{name or EMPTY}@0")
    return [base, settings] if settings.playbook else [base]


def reached(store: Store, attempts: int, runs: list[Run]) -> Ceiling | None:
    """What the runs say, that of the base first; `None` where no task has enough valid attempts."""
    played = [_of(store, run) for run in runs]
    return ceiling(attempts, played[0], played[1] if len(played) > 1 else None)


def _of(store: Store, run: Run) -> AgentAttempts:
    return AgentAttempts(f"{run.result['playbook']}@{run.result['revision']}", run.id, attempts_of(attempts_in(store, run)))
