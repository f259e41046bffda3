"""Settings of the run that an arm may have for itself: how its changes are judged, what chance or masks leave out, and the
alpha of proxy decoding.

Everything else is the same for all arms, or the arms would differ in more than what is compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ace.errors import BadSetting
from ace.flags import Door, stated
from ace.options import convert_settings
from ace.sampled import Sampled
from ace.settings import RunSettings
from ace.strategies.registry import load_strategy, strategy_settings

_FIELDS = ("gates", "gate_alpha", "gate_pairs", "gate_every", "gate_eps", "holdout", "mask", "alpha")
_STATED = {s.key: s for s in stated(RunSettings)}
KEYS = {s.key: s.name for s in stated(RunSettings) if s.name in _FIELDS}
"""What an arm may state of its run, as it is typed, and the field that it sets; and `GATE.KEY`, a setting of one gate."""
_GATES, _ALPHA = "gate", "alpha"
ANY = RunSettings(proxy="any")
"""A run that may have any setting of an arm's own."""


def divided(arm: str, strategy: str, said: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The settings of the strategy among those `said` of an arm, and those of its runs, by their keys. What the strategy has a
    setting for is the strategy's. Raises `BadSetting` for a setting of a run that no arm has for itself."""
    factory = load_strategy(strategy)
    known = {s.name for s in strategy_settings(factory)}
    own = {key: key if "." in key else key.replace("_", "-") for key in said if key not in known}
    if twice := next((key for key in said if key in own and list(own.values()).count(own[key]) > 1), ""):
        raise BadSetting(f"arm {arm}: setting {own[twice]!r} is given twice; give it once")
    run = {typed: said[key] for key, typed in own.items() if typed in KEYS or "." in key}
    accepted = f"{', '.join(KEYS)} and GATE.KEY"
    for key, typed in own.items():
        if typed in _STATED and typed not in KEYS:
            every = Door.COMPARE in _STATED[typed].flag.doors
            where = f"--{typed} is the same for all arms" if every else "an experiment has no such setting"
            raise BadSetting(f"arm {arm} cannot have {key} for itself, {where}; of its run an arm may state {accepted}")
    judging = [key for key in run if key != _ALPHA]
    if judging and getattr(factory, "learns", True) is False:
        why = f"its strategy {strategy} learns nothing, so that there is nothing to judge or leave out"
        raise BadSetting(f"arm {arm}: {judging[0]} has no effect, because {why}; leave it out")
    with_own(ANY, run, arm)
    return {key: value for key, value in said.items() if key not in own or own[key] not in run}, run


def with_own(base: RunSettings, own: Mapping[str, str], arm: str) -> RunSettings:
    """`base` with the settings that an arm has for itself. Its gates, separated by commas, take the place of those of `base`,
    with their settings. Raises `BadSetting` for values that are not accepted."""
    plain = {KEYS[key]: text for key, text in own.items() if key in KEYS and key not in (_GATES, _ALPHA)}
    made: dict[str, Any] = convert_settings(RunSettings, plain, f"arm {arm}")
    if _ALPHA in own:
        made["sampling"] = {**base.sampling, **convert_settings(Sampled, {_ALPHA: own[_ALPHA]}, f"arm {arm}")}
    settings = {key: text for key, text in own.items() if key not in KEYS}
    if _GATES in own:
        gates = tuple(g.strip() for g in own[_GATES].split(",") if g.strip())
        made |= {"gates": gates, "gate_settings": settings}
    elif settings:
        made["gate_settings"] = {**base.gate_settings, **settings}
    try:
        return replace(base, **made)
    except BadSetting as error:
        raise BadSetting(f"arm {arm}: {error}") from None
