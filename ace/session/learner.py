"""A whole run from Python: measure an agent on held-out tasks, let it learn from others, measure it again on the same tasks.

It is `ace run`, with objects where the command line has names. The same settings, the same loop and the same store; what comes
out is the same value that the command line prints.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Unpack

from ace import loops
from ace.environments.contract import Environment
from ace.environments.registry import environment_name
from ace.errors import BadInput, BadSetting, Conflict
from ace.events import Event, Listener, Warned
from ace.flags import Door
from ace.memory.store import Store
from ace.memory.values import Run
from ace.playbooks.typed import require_text
from ace.results.result import Result, result_of
from ace.runs.answering import DecidedAnswering, decided_in
from ace.runs.lifecycle import Stop, begin, ready, work
from ace.runs.preparing import Given, Prepared, prepare, require_known
from ace.runs.stored import reads_alone, settings_of_run, unfinished
from ace.runs.trust import doubt, names_of, require_named
from ace.session.keywords import LearnerKeywords
from ace.session.options import given, settings_of, takes_settings
from ace.session.required import require_listener, require_place, require_whole
from ace.session.watching import apart
from ace.settings import RunSettings
from ace.strategies.registry import reads_of

Environments = Environment | type[Environment] | str
"""An environment, its class, or its name as for `ace run`."""


class Learner:
    """An agent that learns in an environment. It can be run any number of times; each run is stored.

    - `environment`: an environment, its class, a function under `@ace.environment`, or a name as for `ace run`.
    - `model`, `reflector_model`, `curator_model`: names as for `ace run --model`, or objects with
      `async def complete(request)`. An object stays open; the program that made it closes it.
    - `strategy`: a name as for `ace run`, or what makes one from its roles; `strategy_settings` and `settings` (the
      environment's) go with names.
    - `gates`: what judges each delta after the guards: names as for `ace run --gate`, or objects with
      `async def judge(proposal, ways)`, or such functions; `gate_settings` go with names.
    - `review`: whether each delta that the gates pass is held until a person decides (`playbook.reviews()`).
      `gate_alpha`, `gate_pairs`, `gate_every`, `gate_eps`: the terms of the gates `trial` and `final` (docs/gates.md).
      `hold_sensitive`: whether those that seem to hold secrets or personal data are.
    - `store`: a file, a `sqlite:///` address, or a store that is open already; in memory where nothing is said.
    - `playbook`: the one to go on with; a new one for each run where nothing is said.
    - `budget`: what one run may spend. `concurrency`: cases played, and requests sent, at the same time.
    - `batch`: cases between two changes of the playbook; 1 is online. `epochs`: times to go through the training cases.
      `retries`: further attempts at a lost training case. `seed`: of everything drawn by chance. `learn_only`: measure nothing.
      `holdout`: the chance that a bullet is left out of an attempt that is learned from, drawn for each; pinned ones never are.
      `mask`: whether a bullet is left out in kinds of tasks where draws say that it harms.
    - `answering`: how listed options are chosen: written as `json`, by their `likelihood`, or `auto` (docs/local.md).
      `per_token`, `calibrated`: how likelihoods compare.
    - `sampling`: `temperature`, `top_p`, `max_tokens`, `reasoning_effort`, `extra`. `timeout`: seconds for one request.
      `api_base`: address of a server that speaks OpenAI's interface. `context`: tokens that the models take, or a mapping by
      role; prompts are estimated from their characters and fitted before they are sent.
    - `prompts`: prompts of your own: a folder or package as for `ace run --prompts`, or texts by role.
    - `on_event`: is told what happens (`ace.events`).

    Raises `BadSetting`, `BadInput` and `UnknownName`; a store that cannot be opened is found when it is first run."""

    @takes_settings(Door.LEARNER)
    def __init__(
        self,
        environment: Environments,
        *,
        store: str | Path | Store | None = ":memory:",
        on_event: Listener | None = None,
        **keywords: Unpack[LearnerKeywords],
    ) -> None:
        require_place(store)
        if on_event is not None:
            require_listener("on_event", on_event)
        opened = _environment(environment, keywords.get("settings") or {})
        self._given = given(keywords, opened)
        names = {"environment": environment_name(opened) if opened else str(environment)}
        if self._given.strategy is not None:
            names["strategy"] = getattr(self._given.strategy, "__name__", type(self._given.strategy).__name__)
        self.settings = settings_of(Door.LEARNER, keywords, names)
        require_known(self.settings, self._given)
        self._location, self._store = ":memory:" if store is None else store, store if isinstance(store, Store) else None
        self._listeners = [on_event] if on_event else []

    @property
    def store(self) -> Store:
        """Where runs, episodes and playbooks are: open it with `ace.open(result.playbook, store=learner.store)`. Raises
        `StoreUnusable`."""
        if self._store is None:
            self._store = Store.open(self._location)  # type: ignore[arg-type]
        return self._store

    def listen(self, listener: Listener) -> Listener:
        """Tell `listener` of every event from now on; gives it back. What it raises stops the run."""
        require_listener("a listener", listener)
        self._listeners.append(listener)
        return listener

    def run(self, episodes: int | None = None, eval: int | None = None) -> Result:
        """Measure, learn from `episodes` training cases, measure again on the same `eval` held-out cases; where nothing is
        said, all cases of a finite split, else 300 and 200. Works inside a running event loop too, which waits for it.

        Each batch is durable when its event says so; `resume` goes on with a run that was stopped. Raises the user's mistakes
        before anything is stored or spent, then `ModelError`, `LimitReached`; at Ctrl-C what is paid for is kept first."""
        halt = _Halt()
        return loops.run(self._run(episodes, eval, halt), halt.now)

    async def arun(self, episodes: int | None = None, eval: int | None = None) -> Result:
        """`run`, in the event loop that is running."""
        return await self._run(episodes, eval, _Halt())

    def resume(self, run: str) -> Result:
        """Go on with a stored run that was killed, interrupted, or stopped by a budget or a fault; replies that were paid for
        are used. Its settings are those it was begun with; the objects are this learner's. A run that was perhaps begun by
        another person, as in a store that was sent to you, is resumed only where this learner has the same environment,
        strategy, models and address. Raises `NotFound`, and `Conflict` for a run that is done or was begun with other objects
        or by another person."""
        halt = _Halt()
        return loops.run(self._resume(run, halt), halt.now)

    async def aresume(self, run: str) -> Result:
        """`resume`, in the event loop that is running."""
        return await self._resume(run, _Halt())

    def close(self) -> None:
        """Close the store, unless it was given open."""
        if self._store is not None and self._store is not self._location:
            self._store.close()

    async def _run(self, episodes: int | None, eval: int | None, halt: _Halt) -> Result:
        for what, value in (("episodes", episodes), ("eval", eval)):
            if value is not None:
                require_whole(what, value, ", or left out")
        prepared = self._prepared(replace(self.settings, episodes=episodes, eval=eval))
        if self._store is None and (reads_of(prepared.strategy, self.settings.strategy) or reads_alone(self.settings)):
            # What it reads has to be there already, so no store is made.
            self._store = Store.open(self._location, create=False)  # type: ignore[arg-type]
        return await self._done(prepared, begin(prepared, self.store), halt)

    async def _resume(self, run: str, halt: _Halt) -> Result:
        found = unfinished(self.store, require_text("the run", run))
        _require_the_same_objects(found, self._given)
        adopted = _require_trust(found, self.settings)
        prepared = self._prepared(settings_of_run(found).done_as(self.settings), DecidedAnswering(decided_in(found)))
        _require_the_same_tasks(found, prepared)
        return await self._done(prepared, ready(prepared, self.store, found, adopted=adopted), halt)

    def _prepared(self, settings: RunSettings, decided: DecidedAnswering | None = None) -> Prepared:
        return replace(prepare(settings, self._given, decided=decided), listener=self._hear, lasting=True)

    async def _done(self, prepared: Prepared, run: Run, halt: _Halt) -> Result:
        for line in prepared.warnings:
            self._hear(Warned(line))
        mark = apart.set(True)
        try:
            return result_of(self.store, await work(prepared, self.store, run, halt.started))
        finally:
            apart.reset(mark)

    def _hear(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)


class _Halt:
    """Ctrl-C, for a loop that may not have begun yet."""

    def __init__(self) -> None:
        self._wanted, self._stop = False, None  # type: bool, Stop | None

    def now(self) -> None:
        self._wanted = True
        if self._stop is not None:
            self._stop()

    def started(self, stop: Stop) -> None:
        self._stop = stop
        if self._wanted:
            stop()


def _environment(found: Environments, settings: Mapping[str, object]) -> Environment | None:
    """The environment where an object or class was given, `None` where a name was."""
    if isinstance(found, str):
        return None
    if isinstance(found, type) and issubclass(found, Environment):
        return found(**settings)
    if not isinstance(found, Environment):
        what = f"an object of type {type(found).__name__}"
        raise BadInput(
            f"{what} is not an environment; give an ace.Environment, its class, a function under @ace.environment or a name"
        )
    if settings:
        raise BadSetting("settings go with a class or a name; this environment is made already")
    return found


def _require_the_same_objects(run: Run, given: Given) -> None:
    was = list(run.config.get("given", ()))
    if was != given.names:
        what = ", ".join(was) or "nothing but names"
        raise Conflict(f"run {run.id} was begun with {what} given as objects; make the learner in the same way")


def _require_trust(run: Run, own: RunSettings) -> bool:
    """Whether `run` is not known to be this person's. Raises `Conflict` where it then names something that the learner does
    not name."""
    doubted = doubt(run)
    if doubted is not None:
        require_named(run, doubted, names_of(own), "give ace.Learner what these options say:")
    return doubted is not None


def _require_the_same_tasks(run: Run, prepared: Prepared) -> None:
    if run.config.get("tasks", "") != prepared.marks.get("tasks", ""):
        raise Conflict(f"run {run.id} was begun on other tasks than this environment has; give the one it was begun with")
