"""What a run can tell little from, said before it is paid for: one line for each.

None of these is a mistake, so nothing is refused; but a person who reads a gain of 0 should have been told before that there
was nothing to gain, or that it could not have been seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from ace.environments.contract import Environment
from ace.environments.usable import closing, opened
from ace.environments.watch import CLOSE, OPEN, Caller, CallSite, Overdue, watched
from ace.errors import as_given
from ace.statistics.intervals import wilson
from ace.types import Observation, Task

_LOOKED = 20
"""Cases that are looked at for choices."""
FEW = 20
"""Held-out cases below which the 95 % interval of a rate is wider than most gains."""
WON_BY_NOTHING, WON_BEFORE = 0.95, 0.98
"""Shares of cases won by doing nothing, and with an empty playbook, from which there is nothing left to learn."""


def no_tasks(train: Sequence[Task], held_out: Sequence[Task]) -> list[str]:
    """That there is nothing to learn from, or nothing to measure on."""
    lines = []
    if not train:
        lines.append("Warning: the environment has no training tasks, so nothing can be learned")
    if not held_out:
        lines.append("Warning: the environment has no held-out tasks (split test), so what is learned is not measured")
    return lines


def few(held_out: int) -> list[str]:
    """That so few held-out cases tell next to nothing."""
    if not 0 < held_out < FEW:
        return []
    low, high = wilson(held_out // 2, held_out)
    cases = "1 held-out case tells" if held_out == 1 else f"{held_out} held-out cases tell"
    wide = f"the 95 % interval of a success rate is up to {100 * (high - low):.0f} points wide"
    return [f"Warning: {cases} little: {wide}; {FEW} or more are advised"]


def nothing_drawn(drawn: int, begin: str) -> list[str]:
    """That masks are on and nothing can be masked, because no bullet was ever `drawn`; `begin` says how draws begin."""
    if drawn:
        return []
    return [f"Warning: masks are on and nothing is masked: no bullet was ever left out by chance; to begin, {begin}"]


def answers_found_out(used: str, why: str) -> list[str]:
    """How the agent answers, and why, where that was found out."""
    return [f"answering: {used} ({why})"] if why else []


def stated(environment: str, lines: Sequence[str]) -> list[str]:
    """What an environment says of the settings it was made with."""
    return [f"Warning: environment {environment}: {text}" for text in lines]


def of_strategy(strategy: str, lines: Sequence[str]) -> list[str]:
    """What a strategy has to say before a run begins."""
    return [f"Warning: strategy {strategy}: {text}" for text in lines]


def won_already(success: float | None, n: int, by: str, most: float = WON_BEFORE) -> list[str]:
    """That there is nothing to learn: `by` wins a share of at least `most` of `n` cases, and those are not too few to tell."""
    if n < FEW or success is None or success < most:
        return []
    which = "every one" if success == 1 else f"{100 * success:.0f} %"
    return [f"Nothing to learn here: {by} already wins {which} of the {n:,} held-out cases"]


def free_answers(environment: Environment, tasks: Sequence[Task], roles: Sequence[str] = ("generator",)) -> list[str]:
    """That the environment lists nothing to choose from, which the novice needs in any of its `roles`. Of an environment that
    opens at once the first cases are looked at, of another one the first."""
    looked = [_first(environment, task) for task in tasks[: _LOOKED if environment.instant else 1]]
    if not roles or not looked or any(seen is None or seen.actions or seen.answers for seen in looked):
        return []
    role = next((r for r in ("generator", "strong", "reflector", "curator") if r in roles), "")
    if not role:
        return []
    acts = role in ("generator", "strong")
    does = "chooses among listed choices only and learns nothing here" if acts else "learns from listed choices only"
    novice = "novice" if role == "generator" else f"novice as {role}"
    setting = {"generator": as_given("model"), "strong": "strong"}.get(role) or as_given(f"{role}_model")
    needs = f"{novice} {does}; name one with {setting}, such as openai/gpt-5-mini"
    return [f"Warning: this environment lists no choices and needs a language model: {needs}"]


def _first(environment: Environment, task: Task) -> Observation | None:
    """The first observation of the scene of `task`; `None` where it fails: playing it will say why."""

    def looked(call: Caller) -> Observation | None:
        scene = call(CallSite(OPEN, task.id), lambda: opened(environment, task, 0))
        try:
            first: object = call(CallSite("first", task.id), lambda: scene.first)
            return first if isinstance(first, Observation) else None
        finally:
            call(CallSite(CLOSE, task.id), closing(scene))

    # The environment's own code runs here; the run itself tells what it raises.
    with suppress(Exception, SystemExit, Overdue):
        return watched(environment.limits.seconds, looked)
    return None
