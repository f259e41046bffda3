"""Open a strategy by what the user typed: its name or place, and its settings as text.

A strategy is made from its roles, so what a name gives is a factory that still waits for them. What is wrong with the name or
the settings is found before the run begins.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ace.attempt import Briefing
from ace.errors import AceError, BadInput, BadSetting
from ace.keys import resolved
from ace.memory.view import View
from ace.models.contract import Model
from ace.offered import offered
from ace.options import lacking
from ace.registry import Setting, convert_settings, entry_point_names, fault_line, load_object, settings_of, source
from ace.strategies.contract import (
    AsksModels,
    Cautioning,
    Checking,
    Draw,
    Learned,
    Lesson,
    ReadsPlaybooks,
    Replaying,
    Requiring,
    Roles,
    Spending,
    Spends,
    Strategy,
    Surroundings,
)
from ace.types import Episode, Reflection, Task

GROUP = "ace.strategies"
ROOM = "ace.strategies"
Factory = Callable[[Roles], Strategy]
_METHODS = {"context": ("task", "book", "earlier", "draw"), "learn": ("lesson", "book")}
_ACCEPTED = "a strategy is a class with the methods context(task, book, earlier, draw) and learn(lesson, book)"


def strategy_names() -> list[str]:
    """The short names that can be opened, installed packages' included, sorted."""
    return sorted({*offered(ROOM), *entry_point_names(GROUP)})


def load_strategy(spec: str) -> Callable[..., Strategy]:
    """What `spec` names, not made: a class or function. Raises `UnknownName` and `BadInput`."""
    factory: Any = load_object(spec, "strategy", GROUP, offered(ROOM), fits=_fits)
    if not callable(factory):
        raise BadInput(f"{spec!r} is not a strategy; {_ACCEPTED}")
    found: Callable[..., Strategy] = factory
    return found


def _fits(found: object) -> bool:
    return inspect.isroutine(found) or (inspect.isclass(found) and all(hasattr(found, name) for name in _METHODS))


def learns(spec: str, pairs: Mapping[str, str] | None = None) -> bool:
    """Whether the strategy may learn from training cases, with the settings in `pairs`; a class that never does says
    `learns = False`. One that shows and learns what another one does names the setting that says which as `wraps`."""
    found = load_strategy(spec)
    wraps = getattr(found, "wraps", "")
    if wraps:
        default = next(s.default for s in strategy_settings(found) if s.name == wraps)
        return learns((pairs or {}).get(wraps, str(default)).strip())
    return getattr(found, "learns", True) is not False


def shows_bullets(spec: str, pairs: Mapping[str, str] | None = None) -> bool:
    """Whether the strategy may show bullets of the playbook; a class that never does says `shows_bullets = False`."""
    found = load_strategy(spec)
    if wraps := getattr(found, "wraps", ""):
        default = next(s.default for s in strategy_settings(found) if s.name == wraps)
        return shows_bullets((pairs or {}).get(wraps, str(default)).strip())
    return getattr(found, "shows_bullets", True) is not False


def strategy_settings(factory: Callable[..., Strategy]) -> list[Setting]:
    """The settings of what makes a strategy: its parameters after the roles."""
    return settings_of(factory, given=1)


def strategy_source(spec: str) -> str:
    """Where a strategy comes from: `ace`, `package NAME`, or the path of its file."""
    return source(spec, GROUP, offered(ROOM), None if spec in strategy_names() else load_strategy(spec))


def lacking_settings(spec: str, pairs: Mapping[str, str]) -> list[Setting]:
    """The settings that the strategy of `spec` needs and that `pairs` does not give. Raises as `open_strategy`."""
    return lacking(strategy_settings(load_strategy(spec)), pairs)


def open_strategy(spec: str, pairs: Mapping[str, str]) -> Factory:
    """The strategy that `spec` names (a short name, `package.module:attribute`, `path/to/file.py:attribute` or an entry point)
    with the settings in `pairs`, still to be given its roles.

    Raises `UnknownName` (a name or setting that is not known), `BadSetting` (a value that is not accepted) and `BadInput`
    (what is found cannot be imported or called)."""
    factory = load_strategy(spec)
    settings = convert_settings(
        factory, resolved(pairs), f"strategy {spec}", given=1, keyword="strategy_settings", option="--strategy-set"
    )
    return lambda roles: factory(roles, **settings)


def made(factory: Factory, roles: Roles, spec: str) -> Strategy:
    """The strategy that `factory` makes from `roles`. One whose `context` takes no draw is used without it. Raises `BadInput`
    where it cannot be made or lacks a method."""
    try:
        strategy: object = factory(roles)
    except AceError:
        raise
    # The user's code runs here: what it raises is reported as one line.
    except Exception as error:
        raise BadInput(f"strategy {spec} could not be made: {fault_line(error)}") from error
    for name, arguments in _METHODS.items():
        method = getattr(strategy, name, None)
        if not callable(method):
            raise BadInput(f"strategy {spec} has no method {name}; {_ACCEPTED}")
        if not _takes(method, len(arguments)) and not (name == "context" and _takes(method, len(arguments) - 1)):
            has = f"{name}{inspect.signature(method)}"
            raise BadInput(f"strategy {spec} has {has}; it must take {name}({', '.join(arguments)})")
    whole = _takes(strategy.context, len(_METHODS["context"]))  # type: ignore[attr-defined]
    return strategy if whole else _WithoutDraw(strategy)  # type: ignore[return-value]


def require_strategy(factory: Factory, spec: str) -> None:
    """Raise `BadInput` where `factory` makes no strategy."""
    _alone(factory, spec)


def require_usable(factory: Factory, spec: str, told: Surroundings, playbooks: Callable[[str], View] | None = None) -> None:
    """Raise `NotUsable` where the strategy needs what `told` does not have, or the `playbooks` that it reads, where they are
    there already."""
    strategy = _alone(factory, spec, told, playbooks)
    if isinstance(strategy, Requiring):
        strategy.require()


def cautions_of(factory: Factory, spec: str, told: Surroundings) -> Sequence[str]:
    """What the strategy has to say before a run begins, in surroundings like `told`."""
    strategy = _alone(factory, spec, told)
    return strategy.cautions() if isinstance(strategy, Cautioning) else ()


def spends_of(spec: str, pairs: Mapping[str, str]) -> Spends | None:
    """What the strategy that `spec` names says that it asks of models; `None` where it says nothing."""
    if spec not in strategy_names():
        return None
    strategy = _alone(open_strategy(spec, pairs), spec)
    return strategy.spends if isinstance(strategy, Spending) else None


def replayed_of(spec: str, pairs: Mapping[str, str]) -> int:
    """How many further attempts at training cases the strategy that `spec` names has made after each batch, at most."""
    strategy = _alone(open_strategy(spec, pairs), spec) if spec in strategy_names() else None
    return strategy.replayed if isinstance(strategy, Replaying) else 0


def reads_of(factory: Factory, spec: str) -> tuple[str, ...]:
    """The playbooks that the strategy reads besides the run's own, as they were named."""
    strategy = _alone(factory, spec)
    return strategy.reads if isinstance(strategy, ReadsPlaybooks) else ()


def require_no_reading(factory: Factory, spec: str) -> None:
    """Raise `BadSetting` where the strategy reads other playbooks: only a run records at which revisions."""
    if reads := reads_of(factory, spec):
        why = f"it reads playbooks ({', '.join(reads)}), which a run of an environment does"
        raise BadSetting(f"strategy {spec} has no place where an agent's own attempts are learned from: {why}")


def models_of(factory: Factory, spec: str) -> Mapping[str, str]:
    """The further models that the strategy asks, by role."""
    strategy = _alone(factory, spec)
    return strategy.models if isinstance(strategy, AsksModels) else {}


def checks_of(factory: Factory, spec: str) -> tuple[str, ...]:
    """The names of the shipped gates that the strategy says it brings."""
    strategy = _alone(factory, spec)
    return strategy.checks if isinstance(strategy, Checking) else ()


def _alone(
    factory: Factory,
    spec: str,
    told: Surroundings | None = None,
    playbooks: Callable[[str], View] | None = None,
) -> Strategy:
    """The strategy, made to be looked at: it asks no model."""

    def none(unit: str) -> Model:
        raise BadInput(f"strategy {spec} asks a model while it is made; ask in learn")

    return made(factory, Roles(none, none, surroundings=told, playbooks=playbooks), spec)


class _WithoutDraw:
    """A strategy whose `context` takes three arguments."""

    def __init__(self, strategy: Any) -> None:
        self._strategy = strategy

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw, /) -> Briefing:
        briefing: Briefing = self._strategy.context(task, book, earlier)
        return briefing

    async def learn(self, lesson: Lesson, book: View, /) -> Learned:
        learned: Learned = await self._strategy.learn(lesson, book)
        return learned


def _takes(method: Callable[..., object], count: int) -> bool:
    """Can `method` be called with so many positional arguments?"""
    try:
        inspect.signature(method).bind(*range(count))
    except TypeError:
        return False
    # Some callables of C have no signature: calling tells.
    except ValueError:
        return True
    return True
