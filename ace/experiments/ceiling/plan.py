"""The evaluations that a ceiling is made of: found where they were done before, else begun.

Each is an ordinary run. One that the store has already, of the same settings, is gone on with or used as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ace.errors import BadInput, BadSetting, NotFound
from ace.experiments.ceiling.reach import AgentAttempts, Ceiling, ceiling
from ace.memory.store import Store
from ace.memory.values import Run, RunStatus
from ace.results.attempts import attempts_of
from ace.runs.preparing import Prepared, prepare
from ace.runs.stored import settings_of_run
from ace.runs.trust import doubt
from ace.settings import RunSettings
from ace.types import JSON

EMPTY = "empty"
"""The playbook of a base that is measured alone; only its revision 0 is used, which is empty."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One agent's attempts: what is to be done, and the `run` that did it or began to (`None` where there is none)."""

    prepared: Prepared
    run: Run | None

    @property
    def done(self) -> bool:
        return self.run is not None and self.run.status is RunStatus.DONE


def sides(settings: RunSettings) -> list[RunSettings]:
    """The settings of the base, and of the agent with the playbook where `settings` name one. Raises `BadSetting` for fewer
    than two attempts."""
    if settings.attempts < 2:
        raise BadSetting(f"attempts is {settings.attempts}; a ceiling needs 2 or more at each task, and 16 tell something")
    name = settings.playbook.partition("@")[0]
    base = replace(settings, playbook=f"{name or EMPTY}@0")
    return [base, settings] if settings.playbook else [base]


def evaluation(settings: RunSettings, store: Store | None, *, anew: bool, sending: bool = True) -> Evaluation:
    """The evaluation of `settings`, with its run where `store` has one; with `anew` none is looked for. Raises the user's
    mistakes."""
    prepared = prepare(settings, sending=sending)
    run = None if store is None or anew else _found(store, prepared)
    if run is not None and run.status is not RunStatus.DONE:
        stored = settings_of_run(run).done_as(settings)
        prepared = replace(prepared, settings=stored)
    return Evaluation(prepared, run)


def require_adapted(store: Store, playbook: str) -> None:
    """Raise `BadInput` where `playbook` is at revision 0, which is the base itself; `NotFound` where there is none."""
    found = store.resolve(playbook)
    if found.number == 0:
        raise BadInput(
            f"playbook {playbook} is empty (revision 0), which is the base itself; leave --playbook out to measure it"
        )


def _found(store: Store, prepared: Prepared) -> Run | None:
    """The newest run of the same work that this person began: on the same tasks, with the same revision of the playbook. An
    empty playbook is the same under any name."""
    try:
        start = store.resolve(prepared.settings.playbook).number
    except NotFound:
        start = 0
    wanted = _alike({**prepared.settings.as_json(), "start": start, **prepared.marks})
    keys = {t.key for t in prepared.tasks.held_out}
    for run in reversed(store.runs()):
        if _alike(run.config) == wanted and doubt(run) is None and _played(store, run) <= keys:
            return run
    return None


def _alike(config: Mapping[str, JSON]) -> str:
    playbook = str(config.get("playbook", "")).partition("@")[0] if config.get("start") else ""
    return json.dumps({**config, "playbook": playbook}, sort_keys=True)


def _played(store: Store, run: Run) -> set[str]:
    return {e.task.key for e in store.episodes(run=run.id, phase="eval", limit=None)}


def reached(store: Store, attempts: int, runs: list[Run]) -> Ceiling | None:
    """What the runs say, that of the base first; `None` where no task has enough valid attempts."""
    played = [_of(store, run) for run in runs]
    return ceiling(attempts, played[0], played[1] if len(played) > 1 else None)


def _of(store: Store, run: Run) -> AgentAttempts:
    tried = attempts_of(store.episodes(run=run.id, phase="eval", limit=None)[::-1])
    return AgentAttempts(f"{run.result['playbook']}@{run.result['revision']}", run.id, tried)
