"""From settings to opened work: the one place where names become environments, models, strategies and a store.

The decision behind it: everything that the user can get wrong is opened and checked before the store is, so that a mistake
leaves nothing behind. Whoever works from Python may give an object where a name could stand; the run then says so, because
what is not stored cannot be opened again from a name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from ace import loops
from ace.binding import signer, with_mark
from ace.budget import Budget, Ledger
from ace.environments.contract import Environment
from ace.environments.registry import environment_name, open_environment
from ace.environments.usable import no_tasks_of, require_methods
from ace.errors import BadInput, BadSetting, Conflict, NotFound, StoreDamaged, UnknownName
from ace.events import Listener, silent
from ace.evidence import cautions
from ace.keys import resolved
from ace.memory.database.prefixes import Kind
from ace.memory.database.refs import check_name
from ace.memory.store import Store
from ace.memory.values import Run, RunStatus
from ace.models.clients.connectivity import require_listeners
from ace.models.clients.language import LanguageModel
from ace.models.clients.litellm_client import LiteLLMClient
from ace.models.clients.own import Own
from ace.models.clients.prices import require_prices
from ace.models.contract import Model, Sampling
from ace.models.reached import ModelSettings
from ace.models.registry import NOVICE, open_model
from ace.models.wrappers.replay import Recording
from ace.models.wrappers.stack import stacked
from ace.roles.instructions import Prompts
from ace.roles.instructions import checked as checked_prompts
from ace.runs import claims
from ace.runs.gates.registry import Opened, open_gates
from ace.runs.loop import Loop, Models, Work, held_out_tasks, require_disjoint, train_tasks
from ace.settings import RunSettings
from ace.strategies.contract import Roles, Strategy
from ace.strategies.registry import open_strategy, require_strategy
from ace.types import JSON, Task, digest

SESSIONS = "sessions"
"""What a run is said to have been given that learned from attempts of somebody else's agent."""


@dataclass(frozen=True, slots=True)
class How:
    """What changes how a run is done and not what comes out of it. `record` is the file that replies are recorded to.
    `lasting`: the event loop goes on after the run, and others may use it."""

    store: str = ""
    concurrency: int = 16
    budget: Budget = Budget()
    listener: Listener = silent
    lasting: bool = False
    record: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """Objects that stand where the settings have names: an environment, a strategy, models by role (an object with `complete`,
    or a coroutine function), and gates, all of them where one is an object. A model that is given stays open; its maker closes
    it."""

    environment: Environment | None = None
    strategy: Callable[[Roles], Strategy] | None = None
    models: Mapping[str, object] = field(default_factory=dict)
    gates: Sequence[object] = ()

    @property
    def names(self) -> list[str]:
        """What is given, by name."""
        given = [n for n in ("environment", "strategy") if getattr(self, n) is not None]
        return [*given, *(["gates"] if self.gates else []), *sorted(self.models)]


@dataclass(frozen=True, slots=True)
class Checked:
    """A run that can be done: nothing in its settings is wrong, and nothing has been written or spent. `marks` is what its
    configuration says of objects that were given for it; `warnings` are lines to show before it begins; `gates` judge what the
    strategy proposes."""

    settings: RunSettings
    how: How
    environment: Environment
    strategy: Callable[[Roles], Strategy]
    models: dict[str, Model]
    marks: Mapping[str, JSON] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    gates: Sequence[Opened] = field(default_factory=lambda: open_gates(()))


def check(settings: RunSettings, how: How, given: Given = Given(), *, sending: bool = True) -> Checked:
    """Open and look at everything that can be wrong in `settings` and `given`. Raises the user's mistakes. Where nothing will
    be sent (`sending` false), no key is needed, no server looked for and no file of a recording made."""
    if how.concurrency < 1:
        raise BadSetting(f"concurrency is {how.concurrency}; it must be 1 or more")
    if settings.playbook and not settings.split:
        check_name(settings.playbook)
    sampling_of(settings)
    environment = given.environment or open_environment(settings.environment, settings.settings)
    strategy = given.strategy or open_strategy(settings.strategy, settings.strategy_settings)
    require_methods(environment)
    require_strategy(strategy, settings.strategy)
    gates = open_gates(given.gates or settings.gates, settings.gate_settings)
    train = [] if settings.split else train_tasks(environment, settings)
    held_out = held_out_tasks(environment, settings)
    require_disjoint(train, held_out)
    if not settings.split and not train and (settings.learn_only or not held_out):
        raise BadInput(no_tasks_of(type(environment).__name__, learn_only=settings.learn_only))
    if settings.split and not held_out:
        raise BadInput(f"environment {settings.environment} has no tasks in the split {settings.split}")
    models = open_models(settings, given, sending=sending)
    require_prices(how.budget, dict.fromkeys(m.name for m in models.values()))
    if sending:
        require_listeners(models.values())
    if how.record and sending:
        recording = {id(m): Recording(m, how.record) for m in models.values()}
        models = {role: recording[id(m)] for role, m in models.items()}
    warnings = _warnings(settings, environment, train, held_out)
    return Checked(settings, how, environment, strategy, models, _marks(given, [*train, *held_out]), warnings, gates)


def _warnings(
    settings: RunSettings, environment: Environment, train: Sequence[Task], held_out: Sequence[Task]
) -> tuple[str, ...]:
    lines = [] if settings.split else cautions.no_tasks(train, held_out or train if settings.learn_only else held_out)
    lines += [] if settings.learn_only else cautions.few(len(held_out))
    if settings.model == NOVICE:
        lines += cautions.free_answers(environment, [*train, *held_out], settings.environment)
    return tuple(lines)


def sampling_of(settings: RunSettings) -> Sampling:
    """How models are to sample. Raises `UnknownName` for a parameter that is none and `BadSetting` for one that is a key: it
    may not get as far as the store."""
    known = [f.name for f in fields(Sampling)]
    for name in settings.sampling:
        if name not in known:
            raise UnknownName("sampling parameter", name, known, "others go into extra")
    sampling = Sampling(**settings.sampling)
    # A variable that is not set is found now, and not by the first request.
    resolved(sampling.extra)
    return sampling


def _marks(given: Given, tasks: Iterable[Task]) -> dict[str, JSON]:
    if not given.names:
        return {}
    # An object has no settings to compare; its tasks tell whether another one is the same.
    return {"given": given.names, "tasks": digest([t.key for t in tasks]) if given.environment else ""}


def open_models(settings: RunSettings, given: Given = Given(), *, sending: bool = True) -> dict[str, Model]:
    """The bare models by role: one object for all roles that have the same model."""
    generator = given.models.get("generator", settings.model)
    sources = {
        "generator": generator,
        "reflector": given.models.get("reflector", settings.reflector_model) or generator,
        "curator": given.models.get("curator", settings.curator_model) or generator,
    }
    how = ModelSettings(api_base=settings.api_base or None, sending=sending)
    opened: dict[object, Model] = {}
    for source in sources.values():
        key = source if isinstance(source, str) else id(source)
        if key not in opened:
            opened[key] = open_model(source, how) if isinstance(source, str) else _Lent(model_name(source), source)
    return {role: opened[s if isinstance(s, str) else id(s)] for role, s in sources.items()}


def model_name(found: object) -> str:
    """What a run calls a model that was given as an object: its `name`, else that of its class or function."""
    named = getattr(found, "name", "") or getattr(found, "__name__", "")
    return str(named or type(found).__name__)


class _Lent(Own):
    """A model that somebody else opened, and closes."""

    async def close(self) -> None:
        return None


def begin(checked: Checked, store: Store) -> Run:
    """A new run in `store`, with its playbook: the one named, as it stands, or a new one named after the run. Raises `Conflict`
    where another run is at work on that playbook."""
    s = checked.settings
    start = 0
    if s.playbook:
        start = (store.resolve(s.playbook) if s.split else store.ensure_playbook(s.playbook)).number
    return _furnished(checked, store, claims.begin(store, {**s.as_json(), "start": start, **checked.marks}, signer()))


def ready(checked: Checked, store: Store, run: Run, *, adopted: bool = False) -> Run:
    """The stored `run` for going on with it; from now on this person's where it is `adopted`. Raises `Conflict` where it, or
    another run on its playbook, is at work."""
    claims.take(store, run)
    run = store.bind_run(run, signer()) if adopted else run
    return _furnished(checked, store, run)


def _furnished(checked: Checked, store: Store, run: Run) -> Run:
    """`run` with its playbook made and written down; nothing changes where that was done before."""
    if "playbook" in run.result:
        return run
    s, start = checked.settings, int(run.config["start"])
    prompts = Prompts(s.prompts, checked.environment.instructions.strip())
    where: dict[str, JSON] = {"start": start, "prompts": prompts.as_json()}
    if s.split:
        where |= {"playbook": s.playbook.partition("@")[0], "revision": start}
    else:
        where["playbook"] = s.playbook or f"{environment_name(checked.environment)}-{run.id.removeprefix('r-')}"
        store.ensure_playbook(str(where["playbook"]))
    store.set_run(run.id, RunStatus.RUNNING, with_mark(run.id, where, signer()))
    return store.run(run.id)


def resumable(store: Store, id: str) -> Run:
    """The run `id`, or the last one that is not done and can be done again from names. Raises `NotFound` and `Conflict`."""
    if id:
        run = unfinished(store, store.whole(Kind.RUN, id))
        if elsewhere := go_on(run):
            given = ", ".join(run.config["given"])
            raise Conflict(f"run {run.id} was begun in Python, with what no name brings back ({given}); {elsewhere}")
        return run
    left = [r for r in store.runs() if r.status is not RunStatus.DONE]
    open_runs, busy = [r for r in left if not r.config.get("given")], store.leases.at_work()
    # One that is at work now is named only where there is no other: going on with it is refused.
    open_runs.sort(key=lambda r: r.id in busy)
    if not open_runs:
        what = "all runs in this store are done" if store.runs() else "there are no runs in this store"
        raise NotFound(f"no run is left to resume: {f'those not done were begun in Python ({left[0].id})' if left else what}")
    return open_runs[0]


def unfinished(store: Store, id: str) -> Run:
    """The run `id`. Raises `Conflict` where it is done, and `NotFound`."""
    run = store.run(id)
    if run.status is RunStatus.DONE:
        raise Conflict(f"run {id} is done; there is nothing to resume")
    return run


def go_on(run: Run) -> str:
    """How to go on in Python with a run that no name brings back; empty where `ace run resume` does it."""
    given = run.config.get("given")
    if not given:
        return ""
    if SESSIONS in given:
        return f"go on there with ace.open({run.config['playbook']!r}).learn(...)"
    return f"go on there with ace.Learner(...).resume({run.id!r})"


def prompts_of(run: Run) -> Prompts:
    """The prompts that `run` was begun with, the stock ones of that time and the environment's instructions included. Raises
    `BadPrompts`."""
    stored = run.result.get("prompts")
    kept = stored if isinstance(stored, dict) else {"texts": run.config.get("prompts", {})}
    texts, instructions = kept.get("texts"), kept.get("instructions", "")
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in (*texts.values(), instructions)):
        raise StoreDamaged(f"the prompts of run {run.id} are not what was written")
    own = checked_prompts({role: (f"prompt of the {role} in run {run.id}", text) for role, text in texts.items()})
    return replace(own, instructions=instructions)


_BESIDES = ("start", "given", "tasks")
"""What a run's configuration says besides its settings."""


def settings_of_run(run: Run) -> RunSettings:
    """The settings that a stored run was begun with. Raises `BadInput` where they are none."""
    try:
        return RunSettings.from_json({k: v for k, v in run.config.items() if k not in _BESIDES})
    except TypeError as error:
        raise BadInput(f"the settings of run {run.id} are not those of a run ({error}); it cannot be resumed") from None


def limited(store: Store, run: Run, budget: Budget) -> tuple[Run, Budget]:
    """`run` with its limits written down, and those limits: the ones stated in `budget`, else those it had before."""
    limits = budget.over(run.result.get("limits", {}))
    if limits.as_json() != run.result.get("limits", {}):
        stated = with_mark(run.id, {**run.result, "limits": limits.as_json()}, signer())
        store.set_run(run.id, RunStatus.RUNNING, stated)
        run = store.run(run.id)
    return run, limits


async def work(checked: Checked, store: Store, run: Run, started: Callable[[Loop], None] = lambda loop: None) -> Run:
    """Do what `run` still owes. `started` is given the loop before its first unit, to be able to stop it."""
    how = checked.how
    try:
        claim = claims.taken(store, run)
        async with claims.held(claim):
            return await _worked(checked, claim, run, started)
    finally:
        await close_all(checked.models, lasting=how.lasting)


async def _worked(checked: Checked, claim: claims.Claim, run: Run, started: Callable[[Loop], None]) -> Run:
    how, store = checked.how, claim.store
    run, budget = limited(store, run, how.budget)
    ledger = Ledger(budget, store.usage(run.id), anew=how.budget.usd is not None)
    models = Models(**stacked(checked.models, ledger, how.concurrency, checked.settings.context))
    owed = Work(
        checked.settings,
        checked.environment,
        models,
        checked.strategy,
        store,
        ledger,
        how.listener,
        how.concurrency,
        prompts_of(run),
        claim.renew,
        checked.gates,
    )
    loop = Loop(owed, run)
    started(loop)
    return await loop.execute()


async def close_all(models: Mapping[str, Model], *, lasting: bool) -> None:
    """Close each of `models` once, however many roles it has. litellm has one set of clients for everybody in an event loop:
    where that is `lasting`, they may be somebody else's too, and are closed when the loop ends."""
    for model in {id(m): m for m in models.values()}.values():
        if lasting and isinstance(model, LanguageModel) and isinstance(model.client, LiteLLMClient):
            loops.at_end(_close_litellm)
        else:
            await model.close()


async def _close_litellm() -> None:
    await LiteLLMClient("", "").close()
