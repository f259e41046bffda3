"""Worlds in which gates are measured with real runs: a desk whose verdicts are drawn by chance, and a curator that lies."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from ace.environments.contract import Environment, Scene
from ace.environments.desk import Desk
from ace.environments.desk.facts import Words
from ace.environments.desk.levels import LEVELS, Level
from ace.events import silent
from ace.memory.store import Store
from ace.memory.view import View
from ace.models.contract import Reply, Request, Sampling
from ace.models.novice import Novice
from ace.roles.replies import ListedLesson, WholeList
from ace.runs.gates.registry import open_gates
from ace.runs.lifecycle import begin, work
from ace.runs.playing import Player, Stage
from ace.runs.preparing import Prepared
from ace.runs.surroundings import surroundings_of
from ace.runs.tasks import tasks_of
from ace.settings import RunSettings
from ace.strategies.contract import Roles
from ace.strategies.registry import made, open_strategy
from ace.types import Observation, Outcome, Task, derive_seed, failure, success

LEVEL: Level = "easy"
WRONG = 0.5


class Chance(Desk):
    """A desk on which nothing decides: half of all verdicts are right, drawn anew for every task, attempt and resolution."""

    def open(self, task: Task, seed: int) -> Scene:
        return _ChanceScene(super().open(task, seed), seed, task.key)


class _ChanceScene:
    def __init__(self, scene: Scene, seed: int, task: str) -> None:
        self._scene, self._drawn, self.first = scene, (seed, task), scene.first

    def act(self, action: str) -> Observation | Outcome:
        came = self._scene.act(action)
        if isinstance(came, Observation):
            return came
        return success() if derive_seed("verdict", *self._drawn, action) % 2 else failure()

    def close(self) -> None:
        self._scene.close()


class Lying(Novice):
    """The novice, whose curator puts a rule drawn by chance before all others in half of all batches: it covers a value of one
    fact of the `level` that is played."""

    def __init__(self, level: Level = LEVEL) -> None:
        self._level = LEVELS[level]

    async def complete(self, request: Request) -> Reply:
        reply = await super().complete(request)
        rng = random.Random(derive_seed("lie", request.seed))
        if not isinstance(reply.parsed, WholeList) or rng.random() >= WRONG:
            return reply
        fact = rng.choice([f for f in self._level.facts if isinstance(f, Words)])
        when = f'When "{fact.name.lower()}" is "{rng.choice(fact.values).lower()}"'
        text = f'{when}: choose "{rng.choice(self._level.resolutions)}".'
        lie = ListedLesson(lesson_id="", section="Rules", text=text, guess=False, reason="planted", attempts=[])
        value = reply.parsed.model_copy(update={"lessons": [lie, *reply.parsed.lessons]})
        return Reply(value.model_dump_json(), value, "", reply.usage)


@dataclass(frozen=True)
class Ran:
    """What one run came to: its last revision and the one that gates left, the attempts that gates had played, how many deltas
    were accepted, refused and quarantined, and the success on held-out cases, of the empty playbook where that was measured and
    of the last one."""

    revisions: int
    kept: int
    gated: int
    decided: Mapping[str, int]
    before: float = 0.0
    after: float = 0.0


def ran(environment: Environment, model: Novice, gates: Sequence[str], phases: Sequence[str] = (), **said: object) -> Ran:
    """A run of `environment` in a store in memory, without retries; `before` and `after` it as `phases` say, its held-out cases
    are played."""
    stated = {"environment": "desk", "retries": 0, "gates": tuple(gates), "learn_only": True, **said}
    s = RunSettings(**stated)  # type: ignore[arg-type]
    models = dict.fromkeys(("generator", "reflector", "curator"), model)
    strategy, opened = open_strategy(s.strategy, s.strategy_settings), open_gates(s.gates, s.gate_settings)
    tasks = tasks_of(environment, s)
    told = surroundings_of(environment, tasks, s)
    prepared = Prepared(
        settings=s,
        environment=environment,
        tasks=tasks,
        surroundings=told,
        strategy=strategy,
        models=models,
        gates=opened,
    )
    with Store.open(":memory:") as store:
        run = asyncio.run(work(prepared, store, begin(prepared, store)))
        name = str(run.result["playbook"])
        log = store.log(name)
        final = run.result.get("gates", {}).get("final")
        revisions = sum(d.revision is not None for d in log)
        kept = int(final["figures"]["kept"]) if final else revisions
        gated = len(store.episodes(run=run.id, phase="gate", limit=None))
        views = {"before": store.view(f"{name}@0"), "after": store.view(name)}
        rates = [_rate(prepared, model, phase, view) if phase in phases else 0.0 for phase, view in views.items()]
        decided = Counter(d.status.value for d in log)
    return Ran(revisions, kept, gated, decided, *rates)


def _rate(p: Prepared, model: Novice, phase: str, book: View) -> float:
    """The success on held-out cases of `book`: the attempts that the run would make, without its ledger, journal and store."""

    def asked(unit: str) -> Novice:
        return model

    roles = Roles(asked, asked, timeout=p.settings.timeout)
    player = Player(p.environment, asked, made(p.strategy, roles, p.settings.strategy), roles, "", p.settings.seed, 0, silent)
    cases = asyncio.run(player.play(p.tasks.held_out, Stage(phase, 0, Sampling(), book)))
    return fmean(case.won for case in cases)
