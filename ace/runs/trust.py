"""What a stored run would import and where it would send, and whether it may.

Names from a store are followed only where the run's mark says that this person began it, or where the person who resumes it
names the same things again. What ships with ace and sends nothing needs no naming.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ace.binding import changed, unbound
from ace.bounds import shortened
from ace.errors import Conflict
from ace.flags import stated
from ace.memory.values import Experiment, Run, RunStatus
from ace.models.registry import NOVICE
from ace.offered import offered
from ace.roles.instructions import ROLES, stock
from ace.runs.gates.registry import ROOM as GATES
from ace.settings import RunSettings
from ace.strategies.registry import ROOM as STRATEGIES
from ace.types import JSON

Names = Mapping[str, JSON]
"""What a person names: a value for some of `OPTIONS`."""

OPTIONS = {s.name: f"--{s.flag.again[0]}" for s in stated(RunSettings) if s.flag.again is not None}
"""The options of `ace run resume` by what they name."""
_MODELS = {"model": "generator", "reflector_model": "reflector", "curator_model": "curator"}
_BEGINNING = 160
"""Characters of a stored prompt that are shown."""
_CODE = {"environment": "settings", "strategy": "strategy_settings", "gates": "gate_settings"}
"""What names code to run, and the settings that go with it."""
_SHIPPED = {"environment": {"desk"}, "strategy": set(offered(STRATEGIES)) - {"route"}, "gates": set(offered(GATES))}
"""What runs only code of ace's own, and reads and sends nothing that its settings name."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A run that is not known to have been begun by this person: `why`, and what it `names` that has to be named again.
    `what` is what stands in the place of a run, where it is something else."""

    run: Run
    why: str
    names: Names
    what: str = "run"

    @property
    def options(self) -> list[str]:
        """The names as words of a command line."""
        return [word for name, value in self.names.items() for word in _words(name, value)]

    def lines(self) -> list[str]:
        """What would be imported, where requests would go, and the limits that the store states; a line each."""
        told = [f"  {_does(name, value)}: {told}" for name, value in self.names.items() for told in _told(name, value)]
        limits = self.run.result.get("limits")
        told += self._prompts() if told else []
        if limits and isinstance(limits, Mapping):
            told.append("  limits stated in the store: " + ", ".join(f"{name} {value}" for name, value in limits.items()))
        elif self.names:
            told.append("  limits stated in the store: none")
        return [f"{self.what} {self.run.id} may not be yours: {self.why}", *told] if told else []

    def _prompts(self) -> list[str]:
        """How the prompts of the store begin that are not those of ace."""
        kept = self.run.result.get("prompts")
        stored = kept if isinstance(kept, Mapping) else {"texts": self.run.config.get("prompts")}
        texts, instructions = stored.get("texts"), stored.get("instructions")
        own = {f"prompt of the {r}": texts.get(r, stock(r)) for r in ROLES} if isinstance(texts, Mapping) else {}
        own = {what: text for what, text in own.items() if text not in map(stock, ROLES)}
        own |= {"instructions": instructions} if instructions else {}
        return [f"  {what} from the store: {shortened(str(text), _BEGINNING)}" for what, text in own.items()]


def names_of(settings: RunSettings) -> Names:
    """What `settings` name."""
    return _has(settings.as_json())


def doubt(run: Run) -> Doubt | None:
    """The doubt about `run`; `None` where its mark verifies."""
    why = unbound(run.id, run.config, run.mark) or changed(run.id, run.result)
    return Doubt(run, why, _needed(run)) if why else None


def doubt_design(experiment: Experiment, strategies: Iterable[str], gates: Iterable[str] = ()) -> Doubt | None:
    """The doubt about an experiment whose arms have these `strategies` and `gates` of their own; `None` where its mark
    verifies. Raises `Conflict` where an arm of a doubted one would run code that does not ship with ace: there is no option
    that names it again."""
    why = unbound(experiment.id, experiment.design, experiment.mark)
    if not why:
        return None
    foreign = [s for s in strategies if s not in _SHIPPED["strategy"]] + [g for g in gates if g not in _SHIPPED["gates"]]
    if foreign:
        does = f"its arms would run {', '.join(foreign)}"
        raise Conflict(f"experiment {experiment.id} may not be yours ({why}), and {does}; nothing was imported; begin your own")
    run = Run(
        experiment.id, RunStatus.STOPPED, dict(experiment.design["settings"]), {"limits": experiment.result.get("limits")}
    )
    return Doubt(run, why, _needed(run), "experiment")


def require_named(run: Run, doubted: Doubt | None, named: Names, how: str, what: str = "run") -> None:
    """Raise `Conflict` where something was named that is not what the run has, or where a doubted run has something that was
    not named. `how` says how to name it. Nothing is imported."""
    has = _has(run.config)
    for name, value in named.items():
        # A store gives back as a list what was written as a tuple.
        if value and (list(value) if isinstance(value, tuple) else value) != has.get(name):
            stored = " ".join(_words(name, has[name])) if has.get(name) else f"no {OPTIONS[name]}"
            raise Conflict(
                f"{' '.join(_words(name, value))} is not what {what} {run.id} was begun with; the store has {stored}"
            )
    if doubted is not None and any(not named.get(name) for name in doubted.names):
        raise Conflict(
            f"{what} {run.id} may not be yours; nothing was imported or sent. "
            f"If you trust what it names, name it again: {how} {shlex.join(doubted.options)}"
        )


def _has(config: Mapping[str, JSON]) -> dict[str, JSON]:
    sampling = config.get("sampling")
    extra = sampling.get("extra") if isinstance(sampling, Mapping) else None
    return {**{name: config.get(name) for name in OPTIONS}, "extra": extra}


def _needed(run: Run) -> Names:
    """What has to be named again. Objects that a caller gives take the place of names."""
    has, given = _has(run.config), run.config.get("given") or ()
    skipped = {name for name, role in _MODELS.items() if role in given or has[name] == NOVICE}
    for name, settings in _CODE.items():
        if name in given or set(_told(name, has[name] or [])) <= _SHIPPED[name]:
            skipped |= {name, settings}
    return {name: value for name, value in has.items() if value and name not in skipped}


def _words(name: str, value: JSON) -> list[str]:
    return [word for told in _told(name, value) for word in (OPTIONS[name], told)]


def _told(name: str, value: JSON) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{key}={v if isinstance(v, str) else json.dumps(v)}" for key, v in value.items()]
    if isinstance(value, list | tuple):
        return [str(v) for v in value]
    return [str(value)]


def _does(name: str, value: JSON) -> str:
    if name in _MODELS:
        return f"{_MODELS[name]} asks"
    does = {
        "environment": "environment runs",
        "settings": "with the setting",
        "strategy": "strategy runs",
        "strategy_settings": "with the setting",
        "gates": "gate runs",
        "gate_settings": "with the setting",
        "api_base": "requests and your key go to",
        "extra": "requests carry",
    }
    return does[name]
