"""From settings to opened work: the one place where names become environments, models, strategies and a store.

The decision behind it: everything that the user can get wrong is opened and checked before the store is, so that a mistake
leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ace.budget import Budget, Ledger
from ace.environments.contract import Environment
from ace.environments.registry import environment_name, open_environment
from ace.errors import BadInput, BadSetting, Conflict, NotFound
from ace.events import Listener, silent
from ace.learner import Loop, Models, Work, held_out_tasks, require_disjoint, train_tasks
from ace.memory.store import Store
from ace.memory.values import Run, RunStatus
from ace.models.budgeted import Budgeted
from ace.models.contract import Model
from ace.models.limits import Limited
from ace.models.prices import require_prices
from ace.models.registry import ModelSettings, open_model
from ace.models.retry import Retrying
from ace.options import convert_settings
from ace.registry import load_object
from ace.settings import RunSettings
from ace.strategies.contract import Roles, Strategy
from ace.types import JSON

STRATEGIES = {
    "ace": "ace.strategies.ace:Ace",
    "reflexion": "ace.strategies.reflexion:Reflexion",
    "frozen": "ace.strategies.frozen:Frozen",
}
DEFAULT_STORE = "ace.db"


@dataclass(frozen=True, slots=True)
class How:
    """What changes how a run is done and not what comes out of it."""

    store: str = ""
    concurrency: int = 16
    budget: Budget = Budget()
    listener: Listener = silent


def store_location(given: str) -> str:
    """The store asked for, else `ACE_STORE`, else `ace.db` in the working directory."""
    return given or os.environ.get("ACE_STORE", "") or DEFAULT_STORE


def open_strategy(name: str, pairs: Mapping[str, str]) -> Callable[[Roles], Strategy]:
    """The strategy `name` with settings from `pairs`, still to be given its roles."""
    factory: Any = load_object(name, "strategy", "ace.strategies", STRATEGIES)
    if not callable(factory):
        raise BadInput(f"{name!r} is no strategy; a strategy is a class with the methods context and learn")
    settings = convert_settings(factory, pairs, f"strategy {name}")
    return lambda roles: factory(roles, **settings)


@dataclass(frozen=True, slots=True)
class Checked:
    """A run that can be done: nothing in its settings is wrong, and nothing has been written or spent."""

    settings: RunSettings
    how: How
    environment: Environment
    strategy: Callable[[Roles], Strategy]
    models: dict[str, Model]


def check(settings: RunSettings, how: How) -> Checked:
    """Open and look at everything that can be wrong in `settings`. Raises the user's mistakes."""
    if how.concurrency < 1:
        raise BadSetting(f"concurrency is {how.concurrency}; it must be 1 or more")
    environment = open_environment(settings.environment, settings.settings)
    strategy = open_strategy(settings.strategy, settings.strategy_settings)
    if not settings.split:
        require_disjoint(train_tasks(environment, settings), held_out_tasks(environment, settings))
    elif not held_out_tasks(environment, settings):
        raise BadInput(f"environment {settings.environment} has no tasks in the split {settings.split}")
    models = open_models(settings)
    require_prices(how.budget, dict.fromkeys(m.name for m in models.values()))
    return Checked(settings, how, environment, strategy, models)


def open_models(settings: RunSettings) -> dict[str, Model]:
    """The bare models by role: one object for all roles that name the same model."""
    names = {
        "generator": settings.model,
        "reflector": settings.reflector_model or settings.model,
        "curator": settings.curator_model or settings.model,
    }
    how = ModelSettings(api_base=settings.api_base or None)
    opened = {name: open_model(name, how) for name in dict.fromkeys(names.values())}
    return {role: opened[name] for role, name in names.items()}


def begin(checked: Checked, store: Store) -> Run:
    """A new run in `store`, with its playbook: the one named, as it stands, or a new one named after the run."""
    s = checked.settings
    start = 0
    if s.playbook:
        start = (store.resolve(s.playbook) if s.split else store.ensure_playbook(s.playbook)).number
    return ready(checked, store, store.start_run({**s.as_json(), "start": start}))


def ready(checked: Checked, store: Store, run: Run) -> Run:
    """`run` with its playbook made and written down; nothing changes where that was done before."""
    if "playbook" in run.result:
        return run
    s, start = checked.settings, int(run.config["start"])
    where: dict[str, JSON] = {"start": start}
    if s.split:
        where |= {"playbook": s.playbook.partition("@")[0], "revision": start}
    else:
        where["playbook"] = s.playbook or f"{environment_name(checked.environment)}-{run.id.removeprefix('r-')}"
        store.ensure_playbook(str(where["playbook"]))
    store.set_run(run.id, RunStatus.RUNNING, where)
    return store.run(run.id)


def resumable(store: Store, id: str) -> Run:
    """The run `id`, or the last one that is not done. Raises `NotFound` and `Conflict`."""
    if id:
        run = store.run(id)
        if run.status is RunStatus.DONE:
            raise Conflict(f"run {id} is done; there is nothing to resume")
        return run
    open_runs = [r for r in store.runs() if r.status is not RunStatus.DONE]
    if not open_runs:
        what = "all runs in this store are done" if store.runs() else "there are no runs in this store"
        raise NotFound(f"no run is left to resume: {what}")
    return open_runs[0]


def settings_of_run(run: Run) -> RunSettings:
    """The settings that a stored run was begun with."""
    return RunSettings.from_json({k: v for k, v in run.config.items() if k != "start"})


async def work(checked: Checked, store: Store, run: Run, started: Callable[[Loop], None] = lambda loop: None) -> Run:
    """Do what `run` still owes. `started` is given the loop before its first unit, to be able to stop it."""
    ledger = Ledger(checked.how.budget, store.usage(run.id))
    slots = asyncio.Semaphore(checked.how.concurrency)
    stack = {id(m): Retrying(Limited(Budgeted(m, ledger), slots)) for m in checked.models.values()}
    models = Models(**{role: stack[id(m)] for role, m in checked.models.items()})
    how = checked.how
    owed = Work(checked.settings, checked.environment, models, checked.strategy, store, ledger, how.listener, how.concurrency)
    loop = Loop(owed, run)
    started(loop)
    try:
        return await loop.execute()
    finally:
        for model in {id(m): m for m in checked.models.values()}.values():
            await model.close()
