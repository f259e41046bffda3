"""Options that are listed: texts that can be chosen from, answers that end the scene, an order that gives nothing away.

An agent which knows nothing chooses by what is listed and by nothing else, so what is listed must be usable as it stands, the
right answer included.
"""

from __future__ import annotations

import random
import unicodedata

from ace.environments.conformance.stage import CheckedCase, CheckStage
from ace.environments.trace import Trace, script
from ace.environments.watch import Caller, short

TRIED = 6
"""Listed options that are tried out in each case."""
ENOUGH = 8
"""Cases from which on an answer that always has the same position is a fault: by chance it happens once in 2,187 with three
answers."""


def _option_problem(actions: tuple[str, ...], answers: tuple[str, ...]) -> str | None:
    listed = actions + answers
    for option in listed:
        if not option.strip():
            return f"an empty option, {short(option)}"
        if option.splitlines() != [option] or any(unicodedata.category(c) == "Cc" for c in option):
            return f"{short(option)}, which is not one line of plain text"
        if option != option.strip():
            return f"{short(option)}, which begins or ends with space"
    twice = next((option for option in listed if listed.count(option) > 1), None) if len(set(listed)) < len(listed) else None
    if twice is None:
        return None
    both = twice in actions and twice in answers
    return f"{short(twice)} as an action and as an answer" if both else f"{short(twice)} twice"


def answers(stage: CheckStage, call: Caller, case: CheckedCase) -> None:
    """Try what is listed: at first, and where the oracle and the blind policy came to."""
    rng = random.Random(stage.seed_of(case.task))
    for played in case.played:
        _went_on(stage, played)
        ended = played.ended or played.faults
        places = {0, len(played.seen) - 1} if ended and len(played.seen) <= stage.limits.steps else {0}
        for at in sorted(places):
            seen = played.seen[at]
            for option in _some(rng, seen.answers) + _some(rng, seen.actions):
                taken = (*played.actions[:at], option)
                _went_on(stage, stage.play(call, stage.part(case, script(taken), len(taken))))


def _some(rng: random.Random, options: tuple[str, ...]) -> list[str]:
    return rng.sample(options, min(TRIED, len(options)))


def _went_on(stage: CheckStage, played: Trace) -> None:
    """Name the answers that were listed, were taken and ended nothing."""
    for seen, action in zip(played.seen[:-1], played.actions, strict=False):
        if action in seen.answers:
            stage.findings.fault(
                "answers", f"task {played.task.id} lists {short(action)} as an answer, and the scene goes on after it"
            )


def judge_options(stage: CheckStage) -> None:
    """Say what was found of `options`, `answers`, `listed` and `positions`."""
    if not any(case.played for case in stage.cases):
        return
    said = "" if any(a or b for a, b in stage.listed) else "nothing is listed; the agent writes freely"
    for (actions, final), task in stage.listed.items():
        problem = _option_problem(actions, final)
        if problem:
            stage.findings.fault("options", f"task {task} lists {problem}", problem)
    stage.remark("options", said or "distinct texts of one line")
    stage.remark("answers", said or "each one tried ends the scene")
    _judge_listed(stage, said)
    _judge_positions(stage)


def _judge_listed(stage: CheckStage, said: str) -> None:
    oracles = [case.oracle for case in stage.cases if case.oracle and case.oracle.outcome.success]
    stage.remark("listed", said or ("the oracle takes what is listed" if oracles else "not checked, as no oracle wins"))
    for played in oracles:
        for seen, action in zip(played.seen, played.actions, strict=False):
            listed = seen.actions + seen.answers
            if listed and action not in listed:
                problem = (
                    f"the oracle's {short(action)} is not among the {len(listed)} options that task {played.task.id} lists"
                )
                stage.findings.fault("listed", problem)


def _judge_positions(stage: CheckStage) -> None:
    """Whether the right answer stands at the same place in lists that differ from task to task."""
    found = []
    for case in stage.cases:
        if case.oracle and case.oracle.outcome.success:
            last, answer = case.oracle.seen[-1], case.oracle.actions[-1]
            options = last.answers if answer in last.answers else last.actions
            if len(options) >= 3 and answer in options:
                found.append((options, answer))
    varies = len({options for options, _ in found}) > 1 and len({answer for _, answer in found}) > 1
    if not varies or len(found) < ENOUGH:
        stage.remark("positions", "the same list for all tasks" if found and not varies else "too little listed to tell")
        return
    places = {options.index(answer) for options, answer in found}
    stage.remark("positions", f"right answers stand at {len(places)} different places of the list")
    if len(places) == 1:
        problem = f"the right answer is number {places.pop() + 1} of the list in all {len(found)} tasks; shuffle, by the task"
        stage.findings.fault("positions", problem)
