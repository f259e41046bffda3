"""What the environment of a run can tell a strategy besides its cases: whether choices are listed, its rules, solved cases.

Strategies never see an environment. The controls that need one of these ask for it, and say before anything is spent where it
cannot be had.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice

from ace.environments.contract import Environment, Policy
from ace.environments.floors import played
from ace.environments.trace import Trace
from ace.environments.usable import listed
from ace.errors import BadInput
from ace.evidence import observed
from ace.playbooks.bullet import clean
from ace.playbooks.triggers.facts import read_facts
from ace.registry import fault_line
from ace.runs.apart import of_trust
from ace.runs.tasks import Tasks
from ace.settings import RunSettings
from ace.strategies.contract import Surroundings
from ace.types import Episode, Observation, Past, Render, Step, Task, Trust, derive_seed

_TRIED = 4
"""Training cases that are played by the oracle for each demonstration that is wanted, at most."""
_IN_VAIN = 16
"""Listed actions tried first, one after the other, that showed nothing, after which no more are tried: a game that lists
dozens and shows no facts would be played for minutes before a run begins."""


def surroundings_of(environment: Environment, tasks: Tasks, settings: RunSettings) -> Surroundings:
    """What `environment`, opened for `settings`, can tell; nothing is played or asked for before a strategy asks."""

    @cache
    def solved(most: int) -> Sequence[Past]:
        # Of the whole split: how many cases the run learns from has nothing to do with how many are demonstrated.
        cases = of_trust(Trust.TRUSTED, listed(environment, "train", _TRIED * most, _TRIED * most))
        return tuple(islice(_demonstrations(environment, cases), most))

    lists, rules = cache(lambda: _lists(environment, tasks.all)), cache(lambda: _rules(environment))
    kinds = cache(lambda: tuple(sorted({task.kind for task in tasks.all} - {""})))
    curator = settings.curator_model or settings.model
    return Surroundings(settings.environment, lists, rules, solved, curator, settings.model, kinds)


def _rules(environment: Environment) -> Sequence[str]:
    stated = getattr(environment, "stated_rules", None)
    if stated is None:
        return ()
    try:
        found: object = stated()
    # The environment's own code runs here.
    except (Exception, SystemExit) as error:
        raise BadInput(f"stated_rules of {type(environment).__name__} raised {fault_line(error)}") from error
    if not isinstance(found, tuple | list) or not all(isinstance(rule, str) for rule in found):
        raise BadInput(f"stated_rules of {type(environment).__name__} gave no list of texts")
    return tuple(clean(rule) for rule in found if rule.strip())


def _lists(environment: Environment, tasks: Sequence[Task]) -> bool:
    """Whether the first case lists what can be done in it, at any step that its oracle, or doing nothing, comes to."""

    def policy(task: Task) -> Policy:
        return environment.oracle(task) or environment.nothing(task)

    seen = played(environment, tasks[0], policy, 0).seen if tasks else ()
    # A case that cannot be played says nothing; playing it tells why.
    return not seen or any(o.actions or o.answers for o in seen)


def _demonstrations(environment: Environment, tasks: Sequence[Task]) -> Iterator[Past]:
    """Cases that the oracle solved, told as attempts are, with the facts that listed actions show on the way."""
    in_vain = 0
    for task in tasks:
        bare = _solved(environment, task, ())
        if bare is None:
            continue
        known, looks = _facts(bare), list[str]()
        for action in dict.fromkeys(bare.seen[0].actions):
            # An action that may be taken first without harm, and shows something, is what a careful agent would take.
            if action in bare.actions or in_vain >= _IN_VAIN:
                continue
            longer, in_vain = _solved(environment, task, (*looks, action)), in_vain + 1
            if longer is not None and _facts(longer) > known:
                known, bare, in_vain = _facts(longer), longer, 0
                looks.append(action)
        episode = _episode(bare, task)
        yield Past(episode.id, observed.situation(episode), observed.choice(episode), True, task=task.key, kind=task.kind)


def _solved(environment: Environment, task: Task, first: Sequence[str]) -> Trace | None:
    """The oracle's attempt after the actions `first`; `None` where there is no oracle, or it did not win."""

    def policy(task: Task) -> Policy | None:
        oracle, left = environment.oracle(task), list(first)
        return None if oracle is None else lambda seen: left.pop(0) if left else oracle(seen)

    trace = played(environment, task, policy, derive_seed("demonstration", task.key))
    return trace if trace.outcome.success else None


def _facts(trace: Trace) -> int:
    """How many named facts were seen."""
    return len(read_facts([o.text for o in trace.seen], prose=False).fields)


def _episode(trace: Trace, task: Task) -> Episode:
    later: list[Observation | None] = [*trace.seen[1:], *[None] * len(trace.actions)]
    steps = tuple(Step(action, came) for action, came in zip(trace.actions, later, strict=False))
    return Episode(f"oracle-{task.id}", task, 1, "learn", 0, 0, trace.seen[0], steps, trace.outcome, Render(""))
