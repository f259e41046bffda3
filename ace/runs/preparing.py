"""From settings to a run that can be done: names become an environment, a strategy, models and tasks, and all is checked.

Everything that the user can get wrong is opened and checked before the store is, so that a mistake
leaves nothing behind. A caller in Python may give an object where a name could stand; the run then says so, because what is not
stored cannot be opened again from a name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

from ace.environments.contract import Environment
from ace.environments.registry import load_environment, open_environment
from ace.environments.usable import require_methods
from ace.errors import BadInput, UnknownName
from ace.events import Listener, silent
from ace.flags import stated
from ace.keys import refuse_key_in, resolved
from ace.memory.database.own_files import refuse_store
from ace.memory.database.refs import check_name
from ace.models.by_role import open_models
from ace.models.clients.connectivity import require_listeners
from ace.models.clients.own import require_model
from ace.models.clients.prices import require_prices
from ace.models.contract import Model, Sampling
from ace.models.reached import ModelSettings
from ace.models.registry import NOVICE, open_model
from ace.models.wrappers.replay import Recording, Replay
from ace.results import cautions
from ace.runs.answering import DecidedAnswering, decide
from ace.runs.estimate import curates
from ace.runs.gates.pool import TaskPool
from ace.runs.gates.registry import Opened, open_gates, require_pairs, require_tasks_to_draw
from ace.runs.idle import RunParts, idle
from ace.runs.surroundings import surroundings_of
from ace.runs.tasks import ONLY, Tasks, tasks_of
from ace.settings import RunSettings
from ace.strategies.contract import Surroundings
from ace.strategies.registry import (
    Factory,
    cautions_of,
    learns,
    models_of,
    open_strategy,
    require_strategy,
    require_usable,
    shows_bullets,
)
from ace.types import JSON, digest


@dataclass(frozen=True, slots=True)
class Given:
    """Objects that stand where the settings have names: an environment, a strategy, models by role (an object with `complete`,
    or a coroutine function), and gates, all of them where one is an object. A model that is given stays open; its owner closes
    it."""

    environment: Environment | None = None
    strategy: Factory | None = None
    models: Mapping[str, object] = field(default_factory=dict)
    gates: Sequence[object] = ()

    @property
    def names(self) -> list[str]:
        """What is given, by name."""
        given = [n for n in ("environment", "strategy") if getattr(self, n) is not None]
        return [*given, *(["gates"] if self.gates else []), *sorted(self.models)]

    def sources(self, settings: RunSettings) -> dict[str, object]:
        """The model of each role: an object, or the name that `settings` have. A role without one has the generator's."""
        s, given = settings, self.models
        generator = given.get("generator", s.model)
        learning = {"reflector": s.reflector_model, "curator": s.curator_model}
        return {"generator": generator, **{role: given.get(role, name) or generator for role, name in learning.items()}}

    def marks(self, tasks: Tasks) -> dict[str, JSON]:
        """What the configuration of a run says of these objects; nothing where there are none."""
        if not self.names:
            return {}
        # An object has no settings to compare; its tasks tell whether another one is the same.
        return {"given": self.names, "tasks": digest([t.key for t in tasks.all]) if self.environment else ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A run that can be done: nothing in its settings is wrong, and nothing has been written. `surroundings` is what the
    environment can tell the strategy; `models` are the bare ones by role; `gates` judge what the strategy proposes. `marks` is
    what its configuration says of objects that were given for it; `warnings` are lines to show before it begins, those of them
    in `idle` on settings that have no effect in it; `answering` is how the agent is to answer, and what finding it out took.
    `lasting`: the event loop goes on after the run, and others may use it."""

    settings: RunSettings
    environment: Environment
    tasks: Tasks
    surroundings: Surroundings
    strategy: Factory
    models: Mapping[str, Model]
    marks: Mapping[str, JSON] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    listener: Listener = silent
    lasting: bool = False
    answering: DecidedAnswering = DecidedAnswering()
    gates: Sequence[Opened] = field(default_factory=lambda: open_gates(()))


def prepare(
    settings: RunSettings, given: Given = Given(), *, sending: bool = True, decided: DecidedAnswering | None = None
) -> Prepared:
    """Open and check everything that can be wrong in `settings` and `given`. Raises the user's mistakes. Where nothing will be
    sent (`sending` false), no key is needed, no server looked for and no file of a recording made. How the agent answers is
    found out, unless that was `decided` before."""
    _require_places(settings)
    sampling_of(settings)
    environment = given.environment or open_environment(settings.environment, settings.settings)
    strategy = given.strategy or open_strategy(settings.strategy, settings.strategy_settings)
    require_methods(environment)
    refuse_key_in(environment.instructions, "instructions of the environment")
    require_strategy(strategy, settings.strategy)
    tasks = tasks_of(environment, settings)
    told = surroundings_of(environment, tasks, settings)
    require_usable(strategy, settings.strategy, told)
    gates = open_gates(given.gates or settings.gates, settings.gate_settings)
    require_pairs(gates, settings.gate_pairs, settings.gate_alpha)
    require_tasks_to_draw(gates, TaskPool.of(environment, tasks, settings.seed), settings.environment, settings.gate_alpha)
    how = ModelSettings(api_base=settings.api_base or None, sending=sending)
    further = {role: given.models.get(role, name) for role, name in models_of(strategy, settings.strategy).items()}
    models = open_models({**given.sources(settings), **further}, how, settings.proxy)
    if settings.budget.usd is not None:
        require_prices(dict.fromkeys(m.name for m in models.values()))
    bare = models["generator"]
    if sending:
        require_listeners(models.values())
        models = _recorded(models, settings.record) if settings.record else models
    if decided is None:
        decided = decide(settings, told.lists, models["generator"], bare, sending=sending)
    ignored = tuple(idle(_parts(settings, given, gates, models)))
    return Prepared(
        settings=settings,
        idle=ignored,
        answering=decided,
        environment=environment,
        tasks=tasks,
        surroundings=told,
        strategy=strategy,
        gates=gates,
        models=models,
        marks=given.marks(tasks),
        warnings=(
            *_warnings(settings, environment, tasks, cautions_of(strategy, settings.strategy, told)),
            *_free_answers(environment, tasks, told, _novices(settings, given, models)),
            *ignored,
            *cautions.answers_found_out(decided.how.answering, decided.why),
        ),
    )


def _require_places(settings: RunSettings) -> None:
    """Raise the user's mistakes in where the run learns and where it records."""
    if settings.playbook and not settings.split:
        check_name(settings.playbook)
    if settings.record:
        refuse_store(settings.record, settings.store, "--record")


def _parts(settings: RunSettings, given: Given, gates: Sequence[Opened], models: Mapping[str, Model]) -> RunParts:
    shows = given.strategy is not None or shows_bullets(settings.strategy, settings.strategy_settings)
    return RunParts(_stated(settings), _learns(settings, given), lambda: curates(settings), gates, models, shows)


def _recorded(models: Mapping[str, Model], path: str) -> dict[str, Model]:
    """The models by role, each recorded; one that has several roles by one recording. Raises `BadInput` where a recording that
    is played back would be appended to."""
    played = {m.file for m in models.values() if isinstance(m, Replay)}
    if Path(path).expanduser().resolve() in played:
        raise BadInput(f"--record {path} is the recording that is played back; name another file")
    recording = {id(m): Recording(m, path) for m in models.values()}
    return {role: recording[id(m)] for role, m in models.items()}


def require_known(settings: RunSettings, given: Given) -> None:
    """Raise what `prepare` would for a plain name that is not known, and for an object that cannot be what it is given for.
    Nothing of the user's is run: files and modules are opened by `prepare`."""
    if settings.playbook:
        check_name(settings.playbook)
    if given.environment is None and _is_plain(settings.environment):
        load_environment(settings.environment)
    if given.strategy is None and _is_plain(settings.strategy):
        open_strategy(settings.strategy, settings.strategy_settings)
    elif given.strategy is not None and not callable(given.strategy):
        raise BadInput(f"an object of type {type(given.strategy).__name__} is not a strategy; give its class or a name")
    if not given.gates and all(map(_is_plain, settings.gates)):
        open_gates(settings.gates, settings.gate_settings)
    for source in given.sources(settings).values():
        if not isinstance(source, str):
            require_model(source)
        elif _is_plain(source) and not settings.api_base:
            open_model(source, ModelSettings(sending=False))


def _stated(settings: RunSettings) -> dict[str, object]:
    """The settings that do not have their defaults, by keyword."""
    values = {
        s.name: getattr(settings, s.field)
        for s in stated(RunSettings)
        if not s.part and s.default != getattr(settings, s.field)
    }
    parts = {s.name: getattr(settings, s.field).get(s.part) for s in stated(RunSettings) if s.part and s.field != "budget"}
    return {**values, **{name: value for name, value in parts.items() if value}}


def _learns(settings: RunSettings, given: Given) -> bool:
    """Whether the strategy learns; one of the person's own is taken to unless it says that it does not."""
    if given.strategy is not None:
        return getattr(given.strategy, "learns", True) is not False
    return learns(settings.strategy, settings.strategy_settings)


def _is_plain(name: str) -> bool:
    return not any(c in name for c in ":/\\") and not name.endswith(".py")


def _warnings(settings: RunSettings, environment: Environment, tasks: Tasks, strategy: Sequence[str]) -> tuple[str, ...]:
    train, held_out = tasks.train, tasks.held_out
    lines = (
        []
        if settings.split or settings.measured
        else cautions.no_tasks(train, held_out or train if settings.learn_only else held_out)
    )
    lines += [] if settings.learn_only else cautions.few(len(held_out))
    lines += cautions.stated(settings.environment, environment.cautions_of(train))
    return (*lines, *cautions.of_strategy(settings.strategy, strategy))


def _novices(settings: RunSettings, given: Given, models: Mapping[str, Model]) -> list[str]:
    """The roles of this run that are the novice's."""
    found = [role for role, model in models.items() if model.name == NOVICE]
    unused: tuple[str, ...] = ()
    if settings.split or settings.measured == ONLY or not _learns(settings, given):
        unused = ("reflector", "curator")
    elif "generator" not in found and not curates(settings):
        # Where the generator is the novice, that alone is said.
        unused = ("curator",)
    return [role for role in found if role not in unused]


def _free_answers(environment: Environment, tasks: Tasks, told: Surroundings, novices: Sequence[str]) -> list[str]:
    """That the novice can do nothing where nothing is listed: not at once, and at no step of a case that is solved."""
    lines = cautions.free_answers(environment, tasks.all, novices) if novices else []
    return [] if lines and told.lists() else lines


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
