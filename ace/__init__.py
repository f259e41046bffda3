"""Agents that get better by changing what they read.

    import ace

    playbook = ace.open("support")                                    # an agent you have already
    with playbook.episode(task="Refund for order 1182 ...") as ep:
        reply = my_agent(system=ep.context)
        ep.finish(success=ticket_was_solved(reply), transcript=reply)
    playbook.learn(model="openai/gpt-5-mini")

    class Shop(ace.Environment): ...                                  # or an environment of your own
    result = ace.Learner(Shop()).run(episodes=200)

Importing this costs milliseconds. Every public name is loaded when it is first used; no client and no database before that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ace import errors as errors
    from ace import events as events
    from ace.budget import Budget as Budget
    from ace.environments.contract import Environment as Environment
    from ace.environments.contract import Limits as Limits
    from ace.environments.contract import Scene as Scene
    from ace.environments.function import environment as environment
    from ace.errors import AceError as AceError
    from ace.results.result import Result as Result
    from ace.session.episode import OpenEpisode as OpenEpisode
    from ace.session.learner import Learner as Learner
    from ace.session.learning import LearnResult as LearnResult
    from ace.session.playbook import Playbook as Playbook
    from ace.session.playbook import open as open
    from ace.types import UNVERIFIED as UNVERIFIED
    from ace.types import Episode as Episode
    from ace.types import Observation as Observation
    from ace.types import Outcome as Outcome
    from ace.types import Reflection as Reflection
    from ace.types import Task as Task
    from ace.types import Trust as Trust
    from ace.types import Verdict as Verdict
    from ace.types import failure as failure
    from ace.types import invalid as invalid
    from ace.types import success as success
    from ace.warned import AceWarning as AceWarning
    from ace.warned import SensitiveWarning as SensitiveWarning

_HOMES = {
    "AceError": "ace.errors",
    "AceWarning": "ace.warned",
    "SensitiveWarning": "ace.warned",
    "Budget": "ace.budget",
    "Environment": "ace.environments.contract",
    "LearnResult": "ace.session.learning",
    "Learner": "ace.session.learner",
    "Limits": "ace.environments.contract",
    "OpenEpisode": "ace.session.episode",
    "Playbook": "ace.session.playbook",
    "Result": "ace.results.result",
    "Scene": "ace.environments.contract",
    "environment": "ace.environments.function",
    "open": "ace.session.playbook",
    "Episode": "ace.types",
    "Observation": "ace.types",
    "Outcome": "ace.types",
    "Reflection": "ace.types",
    "Task": "ace.types",
    "Trust": "ace.types",
    "UNVERIFIED": "ace.types",
    "Verdict": "ace.types",
    "failure": "ace.types",
    "invalid": "ace.types",
    "success": "ace.types",
}
_MODULES = ("errors", "events")

# Not `open`: a star import must not take Python's own away.
__all__ = [name for name in _HOMES if name != "open"]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _MODULES:
        return import_module(f"ace.{name}")
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'ace' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, *_MODULES})
