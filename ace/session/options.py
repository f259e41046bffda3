"""How to learn from attempts: what can be chosen, as keywords for the person and as the settings of a run for us.

The decision behind it: `learn`, `alearn` and whatever comes later take the same keywords, written down once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from ace.budget import Budget
from ace.errors import BadSetting, UnknownName
from ace.events import Listener
from ace.roles.prompt_files import Source, load_prompts
from ace.runs.gates.registry import gate_name
from ace.runs.opening import SESSIONS, Given, model_name
from ace.settings import RunSettings
from ace.types import JSON


class LearnOptions(TypedDict, total=False):
    """How to learn.

    - `reflector_model`, `curator_model`: other models for these roles, as names or objects.
    - `strategy`, `strategy_settings`: what is learned, as for `ace run` (`ace`).
    - `gates`, `gate_settings`: what judges each delta after the guards, as names or objects; settings go with names (none).
    - `batch`: attempts between two changes of the playbook (10).
    - `limit`: attempts to learn from at most (all there are).
    - `budget`: what may be spent, by this call and those that it goes on from (no limit).
    - `concurrency`: requests at the same time (16).
    - `temperature`, `top_p`, `max_tokens`, `reasoning_effort`, `extra`: sampling (the provider's defaults).
    - `timeout`: seconds for one request (120).
    - `api_base`: address of a server that speaks OpenAI's interface.
    - `prompts`: prompts of your own: a folder or package as for `ace run --prompts`, or texts by role.
    - `on_event`: is told what happens, besides those who listen to the playbook."""

    reflector_model: object
    curator_model: object
    strategy: str
    strategy_settings: Mapping[str, object]
    gates: Sequence[object]
    gate_settings: Mapping[str, object]
    batch: int
    limit: int | None
    budget: Budget
    concurrency: int
    temperature: float | None
    top_p: float | None
    max_tokens: int | None
    reasoning_effort: str | None
    extra: Mapping[str, JSON]
    timeout: float
    api_base: str
    prompts: Source
    on_event: Listener


SAMPLING = ("temperature", "top_p", "max_tokens", "reasoning_effort", "extra")


def check(options: LearnOptions) -> None:
    """Raise `UnknownName` for a keyword that is none, and `BadSetting` for a number that cannot be."""
    for name in options:
        if name not in LearnOptions.__annotations__:
            raise UnknownName("setting of learn", name, LearnOptions.__annotations__)
    if options.get("strategy") == "frozen":
        raise BadSetting("strategy frozen learns nothing; leave it out, or choose one that does")
    for name, value in (("limit", options.get("limit")), ("concurrency", options.get("concurrency"))):
        if value is not None and value < 1:
            raise BadSetting(f"{name} is {value}; it must be 1 or more")


def given(model: object, options: LearnOptions) -> Given:
    """The models and gates that are objects."""
    found = {"generator": model, "reflector": options.get("reflector_model"), "curator": options.get("curator_model")}
    models = {role: m for role, m in found.items() if m is not None and not isinstance(m, str)}
    return Given(models=models, gates=given_gates(options.get("gates", ())))


def settings(playbook: str, model: object, options: LearnOptions) -> RunSettings:
    """The settings of the run that learns. Raises `BadSetting`."""
    return RunSettings(
        environment=SESSIONS,
        model=named(model),
        reflector_model=named(options.get("reflector_model") or ""),
        curator_model=named(options.get("curator_model") or ""),
        strategy=options.get("strategy", "ace"),
        strategy_settings=texts(options.get("strategy_settings", {})),
        gates=tuple(map(gate_name, options.get("gates", ()))),
        gate_settings=texts(options.get("gate_settings", {})),
        playbook=playbook,
        batch=options.get("batch", 10),
        sampling={name: value for name, value in options.items() if name in SAMPLING and value is not None},
        timeout=options.get("timeout", 120.0),
        api_base=options.get("api_base", ""),
        learn_only=True,
        prompts=load_prompts(options.get("prompts", "")).own,
    )


def given_gates(gates: Sequence[object]) -> Sequence[object]:
    """The gates where one of them is an object; none where names say it all. Raises `BadSetting` for what is not a list."""
    if isinstance(gates, str):
        raise BadSetting(f"gates is {gates!r}; it must be a list, as in gates=[{gates!r}]")
    return tuple(gates) if any(not isinstance(g, str) for g in gates) else ()


def named(model: object) -> str:
    """The name of a model, whether it is one or an object."""
    return model if isinstance(model, str) else model_name(model)


def texts(settings: Mapping[str, object]) -> dict[str, str]:
    """Settings as the command line has them: texts."""
    return {name: str(v).lower() if isinstance(v, bool) else str(v) for name, v in settings.items()}
