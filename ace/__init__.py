"""Agents that get better by changing what they read.

    import ace

    class Shop(ace.Environment): ...
    result = ace.Learner(Shop()).run(episodes=200)

The decision behind it: importing this costs milliseconds. Every public name is loaded when it is first used; no client and
no database before that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ace.environments.contract import Environment as Environment
    from ace.environments.contract import Limits as Limits
    from ace.environments.contract import Scene as Scene
    from ace.environments.function import environment as environment
    from ace.types import Episode as Episode
    from ace.types import Observation as Observation
    from ace.types import Outcome as Outcome
    from ace.types import Reflection as Reflection
    from ace.types import Task as Task
    from ace.types import Verdict as Verdict
    from ace.types import failure as failure
    from ace.types import invalid as invalid
    from ace.types import success as success

_HOMES = {
    "Environment": "ace.environments.contract",
    "Limits": "ace.environments.contract",
    "Scene": "ace.environments.contract",
    "environment": "ace.environments.function",
    "Episode": "ace.types",
    "Observation": "ace.types",
    "Outcome": "ace.types",
    "Reflection": "ace.types",
    "Task": "ace.types",
    "Verdict": "ace.types",
    "failure": "ace.types",
    "invalid": "ace.types",
    "success": "ace.types",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'ace' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
