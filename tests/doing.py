"""Doing whole runs in tests, in this process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from ace.environments.contract import Environment
from ace.events import Listener, silent
from ace.memory.store import Store
from ace.memory.values import Run
from ace.models.contract import Model
from ace.models.novice import Novice
from ace.results.score import cases_of, score
from ace.runs.gates.registry import open_gates
from ace.runs.lifecycle import begin, work
from ace.runs.preparing import Prepared
from ace.runs.surroundings import surroundings_of
from ace.runs.tasks import tasks_of
from ace.settings import RunSettings
from ace.strategies.registry import open_strategy


@dataclass(frozen=True)
class Done:
    """A finished run and its held-out success before and after."""

    run: Run
    before: float
    after: float


def checked(
    environment: Environment, settings: dict[str, Any], model: Model | None = None, listener: Listener = silent
) -> Prepared:
    s = RunSettings(**{"environment": environment.name, "eval": 60, "retries": 0, **settings})
    opened = model or Novice()
    models = dict.fromkeys(("generator", "reflector", "curator"), opened)
    strategy, gates = open_strategy(s.strategy, s.strategy_settings), open_gates(s.gates, s.gate_settings)
    tasks = tasks_of(environment, s)
    return Prepared(
        settings=s,
        environment=environment,
        tasks=tasks,
        surroundings=surroundings_of(environment, tasks, s),
        strategy=strategy,
        models=models,
        listener=listener,
        gates=gates,
    )


def do(store: Store, environment: Environment, model: Model | None = None, **settings: Any) -> Done:
    ready = checked(environment, settings, model)
    run = asyncio.run(work(ready, store, begin(ready, store)))
    return Done(run, success(store, run, "before"), success(store, run, "after"))


def success(store: Store, run: Run, phase: str) -> float:
    return score(cases_of(store.episodes(run=run.id, phase=phase, limit=None))).success or 0.0
