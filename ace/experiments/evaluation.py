"""The evaluations that a study is made of: found where they were done before, else begun.

Each is an ordinary run that `ace run show` knows. One that the store has already, of the same settings, is gone on with or used
as it is, so that the same command goes on where it was stopped. Its attempts are never learned from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ace.environments.contract import Environment
from ace.errors import BadInput, NotFound
from ace.memory.store import Store
from ace.memory.values import Run, RunStatus
from ace.runs.preparing import Given, Prepared, prepare
from ace.runs.stored import settings_of_run
from ace.runs.trust import doubt
from ace.settings import RunSettings
from ace.types import JSON, Episode


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One agent's attempts: what is to be done, and the `run` that did it or began to (`None` where there is none)."""

    prepared: Prepared
    run: Run | None

    @property
    def done(self) -> bool:
        return self.run is not None and self.run.status is RunStatus.DONE


def evaluation(
    settings: RunSettings,
    store: Store | None,
    *,
    anew: bool,
    sending: bool = True,
    environment: Environment | None = None,
) -> Evaluation:
    """The evaluation of `settings`, with its run where `store` has one; with `anew` none is looked for. `environment` is that
    of the settings where it is open already. Raises the user's mistakes."""
    prepared = prepare(settings, Given(environment=environment) if environment else Given(), sending=sending)
    if environment is not None:
        # It was opened by its name, as it is where the run is resumed.
        prepared = replace(prepared, marks={})
    run = None if store is None or anew else _found(store, prepared)
    if run is not None and run.status is not RunStatus.DONE:
        stored = settings_of_run(run).done_as(settings)
        prepared = replace(prepared, settings=stored)
    return Evaluation(prepared, run)


def require_adapted(store: Store, playbook: str, instead: str = "; leave --playbook out to measure it") -> None:
    """Raise `BadInput` where `playbook` is at revision 0, which is the base itself, with what can be done `instead`; `NotFound`
    where there is none."""
    found = store.resolve(playbook)
    if found.number == 0:
        raise BadInput(f"playbook {playbook} is empty (revision 0), which is the base itself{instead}")


def attempts_in(store: Store, run: Run) -> list[Episode]:
    """The attempts of an evaluation, in the order of playing."""
    return store.episodes(run=run.id, phase="eval", limit=None)[::-1]


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
