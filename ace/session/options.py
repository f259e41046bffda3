"""From keywords of the library to the settings of a run.

Which keywords there are is read off the annotated settings, as the options of the command line are.
Objects that may stand for names are told apart here, once for `ace.Learner` and `playbook.learn`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ace.environments.contract import Environment
from ace.errors import BadSetting, UnknownName
from ace.events import Listener
from ace.flags import Door, from_python, stated
from ace.models.by_role import model_name
from ace.roles.prompt_files import load_prompts
from ace.runs.gates.registry import gate_name
from ace.runs.preparing import Given
from ace.runs.stored import SESSIONS
from ace.session.keywords import LearnKeywords
from ace.session.required import require_listener, require_whole
from ace.settings import RunSettings

ROLE_OF = {"model": "generator", "reflector_model": "reflector", "curator_model": "curator"}
F = TypeVar("F", bound=Callable[..., Any])


class LearnOptions(LearnKeywords, total=False):
    """How to learn.

    - `reflector_model`, `curator_model`: other models for these roles, as names or objects.
    - `strategy`, `strategy_settings`: what is learned, as for `ace run` (`ace`).
    - `gates`, `gate_settings`: what judges each delta after the guards, as names or objects; settings go with names (none).
    - `review`: whether each delta that the gates pass is held until a person decides (no).
    - `hold_sensitive`: whether a delta that seems to hold secrets or personal data is held in the same way (no).
    - `batch`: attempts between two changes of the playbook (10).
    - `limit`: attempts to learn from at most (all there are).
    - `budget`: what may be spent, by this call and those that it goes on from (no limit).
    - `concurrency`: requests at the same time (16).
    - `temperature`, `top_p`, `max_tokens`, `reasoning_effort`, `extra`: sampling (the provider's defaults).
    - `timeout`: seconds for one request (120).
    - `api_base`: address of a server that speaks OpenAI's interface.
    - `context`: tokens that the models take, or a mapping by role; longer prompts are fitted before they are sent.
    - `prompts`: prompts of your own: a folder or package as for `ace run --prompts`, or texts by role.
    - `on_event`: is told what happens, besides those who listen to the playbook."""

    limit: int | None
    on_event: Listener | None


OWN = ("limit", "on_event")
"""Keywords of `learn` that are not settings of its run."""


def check(options: LearnOptions) -> None:
    """Raise `UnknownName` for a keyword that is none, and `BadSetting` for a number that cannot be."""
    known = [*(s.name for s in stated(RunSettings, Door.LEARN)), *OWN]
    for name in options:
        if name not in known:
            raise UnknownName("setting of learn", name, known)
    if options.get("strategy") == "frozen":
        raise BadSetting("strategy frozen learns nothing; leave it out, or choose one that does")
    if options.get("limit") is not None:
        require_whole("limit", options["limit"], ", or left out")
    if options.get("on_event") is not None:
        require_listener("on_event", options["on_event"])


def learning(playbook: str, model: object, options: LearnOptions) -> tuple[RunSettings, Given]:
    """The settings of the run that learns, and the models that are objects. Raises `BadSetting`."""
    values = {name: value for name, value in options.items() if name not in OWN}
    fixed: dict[str, Any] = {"environment": SESSIONS, "playbook": playbook, "learn_only": True, "model": named(model)}
    return settings_of(Door.LEARN, values, fixed), given({**values, "model": model})


def settings_of(
    door: Door, values: Mapping[str, Any], fixed: Mapping[str, Any], kind: type[RunSettings] = RunSettings
) -> RunSettings:
    """The settings that keywords give at `door`; those that are `fixed` stand besides. Raises `UnknownName`, `BadSetting`."""
    names = {name: named(value) for name, value in values.items() if name in ROLE_OF and value is not None}
    own: dict[str, Any] = {}
    if values.get("prompts") is not None:
        own["prompts"] = load_prompts(values["prompts"]).own
    if "gates" in values:
        own["gates"] = tuple(map(gate_name, _listed(values["gates"])))
    said = {name: value for name, value in {**values, **names}.items() if name not in {**fixed, **own}}
    return kind(**{**from_python(kind, door, said), **own, **fixed})


def given(values: Mapping[str, object], environment: Environment | None = None) -> Given:
    """The objects among keywords that may be names."""
    found = {role: values.get(name) for name, role in ROLE_OF.items()}
    strategy: Any = values.get("strategy")
    return Given(
        environment=environment,
        strategy=None if strategy is None or isinstance(strategy, str) else strategy,
        models={role: m for role, m in found.items() if m is not None and not isinstance(m, str)},
        gates=_given_gates(_listed(values.get("gates"))),
    )


def _listed(gates: object) -> Sequence[object]:
    """The gates that a keyword lists; none for `None`. Raises `BadSetting` for what is not a list."""
    if gates is None:
        return ()
    if isinstance(gates, str) or not isinstance(gates, Sequence):
        raise BadSetting(f"gates is {gates!r}; it must be a list, as in gates=[{gates!r}]")
    return gates


def _given_gates(gates: Sequence[object]) -> Sequence[object]:
    """The gates where one of them is an object; none where names say it all."""
    return tuple(gates) if any(not isinstance(g, str) for g in gates) else ()


def named(model: object) -> str:
    """The name of a model, whether it is one or an object."""
    return model if isinstance(model, str) else model_name(model)


def takes_settings(door: Door, kind: type = RunSettings) -> Callable[[F], F]:
    """A function whose `**` keywords are the settings of `kind` at `door`, with a signature that lists them."""

    def described(work: F) -> F:
        signature = inspect.signature(work)
        own = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
        keyword = inspect.Parameter.KEYWORD_ONLY
        settings = [inspect.Parameter(s.name, keyword, default=s.default, annotation=s.type) for s in stated(kind, door)]
        work.__signature__ = signature.replace(parameters=[*own, *settings])  # type: ignore[attr-defined]
        return work

    return described
