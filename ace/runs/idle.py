"""Settings that were stated and have no effect in a run, because they matter only with something that it does not have.

Which those are stands in one table. None of them is a mistake that spoils a run, so each is said in one line before it begins;
what can only be a mistake is refused where settings are read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ace.flags import stated
from ace.models.clients.language import LanguageModel
from ace.models.contract import Model
from ace.models.registry import NOVICE
from ace.runs.gates.contract import at_end_alone, draws
from ace.runs.gates.registry import Opened
from ace.settings import RunSettings


@dataclass(frozen=True, slots=True)
class RunParts:
    """What a run has: the settings that were `stated`, by keyword, whether its strategy `learns` and `curates`, its gates,
    its models by role, and whether its strategy `shows` bullets."""

    stated: Mapping[str, object]
    learns: bool
    curates: Callable[[], bool]
    gates: Sequence[Opened]
    models: Mapping[str, Model]
    shows: bool = True

    @property
    def playing(self) -> list[object]:
        """The gates that play validation cases."""
        return [g.gate for g in self.gates if draws(g.gate)]

    @property
    def asks(self) -> bool:
        """Whether a model of it is asked elsewhere than in this process."""
        return any(m.name != NOVICE for m in self.models.values())


@dataclass(frozen=True, slots=True)
class SettingCondition:
    """Settings, by keyword, that have an effect only where `met`; else `why` they have none, with `{them}` for their names."""

    settings: tuple[str, ...]
    met: Callable[[RunParts], bool]
    why: str


_MODELS = "no model of this run uses {them}"
_GATES = "no gate of this run goes by {them} (ace gate show trial)"
_LEARNS = "the strategy of this run learns nothing"
CONDITIONS = (
    SettingCondition(("eval",), lambda r: "learn_only" not in r.stated, "with learn-only no held-out case is measured"),
    SettingCondition(("gates", "gate_settings", "review", "hold_sensitive"), lambda r: r.learns, _LEARNS),
    SettingCondition(("reflector_model",), lambda r: r.learns or bool(r.stated.get("retries")), _LEARNS),
    SettingCondition(("curator_model",), lambda r: r.learns and r.curates(), "the strategy of this run asks no curator"),
    SettingCondition(("api_base",), lambda r: any(isinstance(m, LanguageModel) for m in r.models.values()), _MODELS),
    SettingCondition(("temperature", "top_p", "max_tokens", "reasoning_effort", "extra", "timeout"), lambda r: r.asks, _MODELS),
    SettingCondition(("mask", "holdout"), lambda r: r.shows, "the strategy of this run shows no bullets"),
    SettingCondition(("gate_alpha", "gate_pairs"), lambda r: bool(r.playing), _GATES),
    SettingCondition(("gate_every",), lambda r: any(not at_end_alone(g) for g in r.playing), _GATES),
    SettingCondition(("gate_eps",), lambda r: any(at_end_alone(g) for g in r.playing), _GATES),
)


def idle(parts: RunParts) -> list[str]:
    """A line for each reason for which settings that were stated have no effect, with their names."""
    said: dict[str, list[str]] = {}
    keys = {s.name: s.key for s in stated(RunSettings)}
    for condition in CONDITIONS:
        names = [keys[name] for name in condition.settings if name in parts.stated]
        if names and not condition.met(parts):
            said.setdefault(condition.why, []).extend(names)
    return [_line(names, why) for why, names in said.items()]


def _line(names: Sequence[str], why: str) -> str:
    are, them = ("is", "it") if len(names) == 1 else ("are", "them")
    return f"Warning: {', '.join(names)} {are} ignored: {why.format(them=them)}"
