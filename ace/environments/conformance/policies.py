"""What the environment's own policies are worth, within its limits: the oracle passes, chance and idleness do not.

An oracle that fails once means a task that cannot be passed or a judge that errs; where doing nothing succeeds, what is
learned is noise.
"""

from __future__ import annotations

import math
import random

from ace.environments.conformance.report import amount
from ace.environments.conformance.stage import CheckedCase, CheckStage
from ace.environments.contract import Limits
from ace.environments.trace import ScriptedPlay
from ace.environments.watch import Caller, short

IDLE = 0.05
"""The share of tasks that may be won by doing nothing."""
BLIND = 100
"""Plays of the blind policy at least, over all tasks."""
SEEDS = 3
"""Seeds that the oracle plays each task with."""
MOST_STEPS = 10_000
MOST_SECONDS = 86_400


def limits(stage: CheckStage) -> None:
    """Check the limits, and go on with usable ones."""
    given: object = stage.environment.limits
    steps: object = getattr(given, "steps", None)
    seconds: object = getattr(given, "seconds", None)
    if not isinstance(steps, int) or isinstance(steps, bool) or not 1 <= steps <= MOST_STEPS:
        problem = f"limits.steps is {steps!r}; it must be a whole number of actions from 1 to {MOST_STEPS:,}"
        stage.findings.fault("limits", problem, "steps")
        steps = Limits().steps
    if not isinstance(seconds, int | float) or not 0 < seconds <= MOST_SECONDS:
        problem = f"limits.seconds is {seconds!r}; it must be a number of seconds above 0, up to {MOST_SECONDS:,}"
        stage.findings.fault("limits", problem, "seconds")
        seconds = Limits().seconds
    stage.limits = Limits(steps, float(seconds))


def oracle(stage: CheckStage, call: Caller, case: CheckedCase) -> None:
    """Let the oracle play with several seeds, and longer than allowed, to tell a long way from none."""
    for number in range(SEEDS):
        policy = stage.policy("oracle", call, case.task, lambda: stage.environment.oracle(case.task))
        if policy is None:
            return
        part = ScriptedPlay(case.task, policy, stage.seed_of(case.task, number), 2 * stage.limits.steps + 20)
        played = stage.play(call, part, "oracle")
        if not played.faults and played.outcome.valid:
            case.won.append(played.outcome.success)
            case.oracle = case.oracle or (played if number == 0 else None)


def blind(stage: CheckStage, call: Caller, case: CheckedCase) -> None:
    """Choose blindly, over and over where there are few tasks."""
    for number in range(math.ceil(BLIND / len(stage.cases))):
        rng = random.Random(stage.seed_of(case.task, number, number))
        policy = stage.policy("random", call, case.task, lambda rng=rng: stage.environment.random(case.task, rng))  # type: ignore[misc]
        if policy is None:
            return
        played = stage.play(
            call, ScriptedPlay(case.task, policy, stage.seed_of(case.task, number), stage.limits.steps), "random"
        )
        if not played.faults and played.outcome.valid:
            case.blind.append(played.outcome.success)
            case.random = case.random or (played if number == 0 else None)


def idle(stage: CheckStage, call: Caller, case: CheckedCase) -> None:
    """Do nothing. What the scene raises then is told by the checks of junk."""
    policy = stage.policy("nothing", call, case.task, lambda: stage.environment.nothing(case.task))
    if policy is None:
        return
    played = stage.junk(call, stage.part(case, policy))
    for fault in played.faults:
        if fault.kind == "policy":
            stage.findings.fault("nothing", fault.text)
    if not played.faults and played.outcome.valid:
        case.idle = played.outcome.success


def _steps(stage: CheckStage) -> str:
    n = stage.limits.steps
    return f"{n} step{'s' * (n != 1)}"


def judge_oracle(stage: CheckStage) -> None:
    """Say what was found of `oracle`, `seeds` and `limits`."""
    seconds = f"{stage.limits.seconds:g} seconds for one call"
    stage.remark("limits", f"{_steps(stage)} and {seconds}")
    tried = [case for case in stage.cases if case.won]
    if not tried:
        for name in ("oracle", "seeds") if stage.cases and not stage.given_up else ():
            failed = stage.findings.failed("oracle", "faults", "values")
            stage.remark(name, f"{'the oracle could not be played' if failed else 'there is no oracle'}, so not checked")
        return
    for case in tried:
        _judge_case(stage, case)
    needed = max((len(case.oracle.actions) for case in tried if case.oracle), default=0)
    stage.remark("limits", f"{_steps(stage)}, of which the oracle needs {needed}, and {seconds}")
    without = len(stage.cases) - len(tried)
    others = f"; {without} {'has' if without == 1 else 'have'} none or could not be played" if without else ""
    passed = sum(all(case.won) for case in tried)
    stage.remark("oracle", f"passes {passed} of {amount(len(stage.cases), 'task')}{others}")
    same = f"the oracle's verdict is the same with {SEEDS} seeds a task"
    unstable = "not checked, because scenes do not repeat: see repeat"
    stage.remark("seeds", unstable if stage.findings.failed("repeat") else same)


def _judge_case(stage: CheckStage, case: CheckedCase) -> None:
    id, played = case.task.id, case.oracle
    if all(case.won):
        if played and len(played.actions) > stage.limits.steps:
            problem = f"the oracle needs {len(played.actions)} steps for task {id}; the limit is {stage.limits.steps}"
            stage.findings.fault("limits", problem, "needed")
    elif any(case.won):
        # Where a scene does not repeat at all, the seed is not what makes the difference.
        if not stage.findings.failed("repeat"):
            stage.findings.fault("seeds", f"the oracle passes task {id} with {sum(case.won)} of {len(case.won)} seeds")
    elif played and played.ended:
        told = f" ({played.outcome.feedback})" if played.outcome.feedback else ""
        last = f"at step {len(played.actions)}, with {short(played.actions[-1])}"
        stage.findings.fault("oracle", f"the oracle fails task {id} {last}{told}")
    else:
        stage.findings.fault("oracle", f"the oracle comes to no end of task {id} in twice the steps allowed")


def judge_floors(stage: CheckStage) -> None:
    """Say what was found of `random` and `nothing`."""
    _judge_blind(stage)
    tried = sum(case.idle is not None for case in stage.cases)
    won = [case for case in stage.cases if case.idle]
    if tried:
        stage.remark("nothing", f"doing nothing succeeds in {len(won)} of {amount(tried, 'task')}")
    _judge_idle(stage, "doing nothing", won)
    for name in sorted({name for case in stage.cases for name in case.blank}) if not won else ():
        _judge_idle(stage, f"saying {name}", [case for case in stage.cases if name in case.blank])


def _judge_idle(stage: CheckStage, name: str, won: list[CheckedCase]) -> None:
    if len(won) > IDLE * len(stage.cases):
        share = f"{len(won)} of {amount(len(stage.cases), 'task')}, such as {won[0].task.id}"
        stage.findings.fault("nothing", f"{name} succeeds in {share}; up to {IDLE:.0%} would be accepted", name)


def _judge_blind(stage: CheckStage) -> None:
    plays = [won for case in stage.cases for won in case.blind]
    if not plays:
        if stage.cases and not stage.given_up:
            stage.remark("random", "nothing is listed to choose from, so not checked")
        return
    oracle = [won for case in stage.cases for won in case.won]
    # What is wrong with the oracle is told elsewhere, and makes it no measure here.
    usable = bool(oracle) and not stage.findings.failed("oracle", "seeds", "repeat")
    ceiling = sum(oracle) / len(oracle) if usable else 1.0
    share = sum(plays) / len(plays)
    said = f"choosing blindly succeeds in {sum(plays)} of {len(plays)} plays"
    stage.remark("random", said)
    if share >= ceiling:
        stage.findings.fault("random", f"{said}, and knowing the answers is no better; there is nothing to learn")
