"""What an environment is: a family of tasks, a way to act, and a verdict.

Everything is a scene of steps; a question with a checked answer is the one-step case. Actions and observations are text, so
that any agent can play; the options are listed exactly, so that an agent which knows nothing can. Nothing here knows of
models, playbooks or learning.
"""

from __future__ import annotations

import random
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from ace.types import Observation, Outcome, Split, Task

Policy = Callable[[Observation], str]
"""Given what is seen, the text of the next action."""


_BOUND = re.compile(r"An attempt has at most (\d{1,9}) actions?; what is not done by then is lost\.")
"""What `Limits.told` says."""


class Scene(Protocol):
    """One task opened for one attempt. `first` is what is seen before any action."""

    @property
    def first(self) -> Observation: ...

    def act(self, action: str) -> Observation | Outcome:
        """Take `action` (any text at all) and see what comes of it; an outcome ends the scene. Text that is none of the
        listed options must be answered too: with an observation that says so, or with a failure. An exception raised here
        makes the episode invalid: it is the environment's fault, not the agent's."""
        ...

    def close(self) -> None:
        """Free what the scene holds. Called once, however the attempt ended; may be left out."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one attempt: `steps` actions (more is a failure), `seconds` of wall time in the environment's own code for
    one action (more is invalid)."""

    steps: int = 20
    seconds: float = 60.0

    def told(self) -> str:
        """The bound on actions in words, for `instructions` of environments where an agent has to plan with it. Where they have
        this sentence, the agent is told after each action how many are left."""
        return f"An attempt has at most {self.steps} action{'s' * (self.steps != 1)}; what is not done by then is lost."


def left_after(taken: int, instructions: str) -> int | None:
    """How many actions are left after so many were `taken`, by the bound that `instructions` tell in the words of `Limits.told`
    (the last, where several stand there); `None` where they tell none."""
    found = _BOUND.findall(instructions)
    return max(0, int(found[-1]) - taken) if found else None


class Environment(ABC):
    """A family of tasks. Subclass it, give `tasks` and `open`; the rest has defaults.

    Settings are the keyword parameters of `__init__`, typed; write them as `Annotated[int, "one sentence"] = default` and
    `ace env show` explains them, `--set key=value` sets them.
    """

    name: ClassVar[str] = ""
    """Short name; where empty, the class's name in lower case."""

    limits: Limits = Limits()

    instructions: str = ""
    """What every agent is told before any case, at the start of its system message. Part of the environment, not of what is
    learned: it is never changed."""

    cautions: Sequence[str] = ()
    """What a person should know of the settings it was made with, such as one that has no effect: a line each, said as a
    warning before a run and by `ace env show`."""

    instant: ClassVar[bool] = False
    """True where `open` and `act` return at once (no waiting, no heavy work): they are then called without a thread."""

    @abstractmethod
    def tasks(self, split: Split) -> Iterable[Task]:
        """The tasks of a split, always in the same order; may be endless. No task of one split may have the content
        (`Task.key`) of a task of another. An environment without a split gives nothing for it. Tasks may have a kind
        (`Task.kind`) and an origin (`Task.origin`: who wrote the text, where that was authenticated), which are stored with
        their episodes."""

    @abstractmethod
    def open(self, task: Task, seed: int) -> Scene:
        """A fresh scene of `task`. The same task and seed give the same scene, action by action."""

    def oracle(self, task: Task) -> Policy | None:
        """A policy that solves `task`, or `None` where there is none."""
        return None

    def nothing(self, task: Task) -> Policy:
        """The do-nothing policy: the do-nothing baseline of a measurement."""
        return lambda observation: ""

    def random(self, task: Task, rng: random.Random) -> Policy | None:
        """A policy that chooses blindly among what is listed. `None` where nothing is listed to choose from."""

        def choose(observation: Observation) -> str:
            options = observation.actions + observation.answers
            return rng.choice(options) if options else ""

        return choose

    def cautions_of(self, train: Sequence[Task]) -> Sequence[str]:
        """What is said of its settings before a run that learns from the cases `train`; none where it learns from none."""
        return self.cautions

    def stated_rules(self) -> Sequence[str]:
        """What decides the cases, rule by rule in order of precedence, for the control that reads it (`oracle-book`); none
        where it cannot be stated. Other strategies are not shown it."""
        return ()

    def describe(self) -> dict[str, object]:
        """Facts about this environment worth printing (sizes, rates), by name."""
        return {}
