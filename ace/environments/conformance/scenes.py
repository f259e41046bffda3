"""Scenes: the same task and seed repeat exactly, after or beside other scenes and in any thread, and an outcome ends a scene.

The actions of the oracle and of the blind policy are taken again, word for word, and everything that is seen is compared;
before and after can only be paired where this holds.
"""

from __future__ import annotations

from collections import Counter
from itertools import product

from ace.environments.conformance.report import amount
from ace.environments.conformance.stage import CheckedCase, CheckStage
from ace.environments.trace import Broken, ScriptedPlay, Trace, guarded, script, side_by_side, step_by_step, trace
from ace.environments.usable import closing, opened
from ace.environments.watch import ACT, CLOSE, OPEN, Caller, CallSite, elsewhere, short
from ace.types import Outcome

JUNK = "zzz"


def repeat(stage: CheckStage, call: Caller, case: CheckedCase) -> None:
    """Take the same actions again. What differs up to the second time may be what other plays left behind; what differs from
    then on can only be chance."""
    for played in case.played or [stage.replay(call, case, (JUNK,))]:
        again = [stage.replay(call, case, played.actions) for _ in range(4)]
        by_chance = difference(again[1], again[2]) or difference(again[2], again[3])
        if by_chance:
            stage.findings.fault("repeat", f"task {case.task.id}, the same seed and actions: {by_chance}")
        elif left := difference(played, again[0]) or difference(again[0], again[1]):
            stage.findings.fault("alone", f"task {case.task.id} is another scene when something was played before: {left}")
        else:
            case.scripts.append(again[3])


def alone(stage: CheckStage, call: Caller, case: CheckedCase) -> None:
    """Play another task in between."""
    for other in _neighbour(stage, case):
        for played in case.scripts:
            for between in other.scripts:
                trace(call, stage.environment, _part(stage, other, between))
            if left := difference(played, stage.replay(call, case, played.actions)):
                told = f"task {case.task.id} is another scene after task {other.task.id} was played: {left}"
                stage.findings.fault("alone", told)


def together(stage: CheckStage, call: Caller, case: CheckedCase) -> None:
    """Play two scenes of the task, and one of another task, action by action in turn."""
    for other, played in product([case, *_neighbour(stage, case)], case.scripts):
        beside = other.scripts[0]
        parts = [_part(stage, case, played), _part(stage, other, beside)]
        ours, theirs = side_by_side([step_by_step(call, stage.environment, part) for part in parts])
        if found := difference(played, ours) or difference(beside, theirs):
            told = f"task {case.task.id} beside task {other.task.id}, both scenes open: {found}"
            stage.findings.fault("together", told)


def threads(stage: CheckStage, call: Caller, case: CheckedCase) -> None:
    """Make every call from another thread, as attempts do where `instant` is not set."""
    for played in case.scripts[:1]:
        again = trace(elsewhere(call), stage.environment, _part(stage, case, played))
        if found := difference(played, again):
            told = f"task {case.task.id}, every call from another thread: {found}; allow that, or set `instant`"
            stage.findings.fault("threads", told)


def close(stage: CheckStage, call: Caller, case: CheckedCase) -> None:
    """Close a scene that was never acted in."""
    try:
        scene = guarded(call, CallSite(OPEN, case.task.id), lambda: opened(stage.environment, case.task, case.seed), "open")
        guarded(call, CallSite(CLOSE, case.task.id), closing(scene), "close")
    except Broken as broken:
        if broken.fault.kind == "close":
            stage.findings.fault("close", f"before any action, {broken}")


def after_end(stage: CheckStage, call: Caller, case: CheckedCase, came: Counter[str]) -> None:
    """Act on after the end: with junk, and with the oracle's answer where the scene was lost. `came` counts what that gave."""
    right = case.oracle.actions[-1] if case.oracle and case.oracle.outcome.success else None
    for played in case.scripts:
        for text in (JUNK, "") if played.ended else ():
            said = _after(stage, call, case, (*played.actions, text))
            came[said] += 1
            # Where junk wins without an end before it, the end is not what is wrong.
            if said == "success" and _after(stage, call, case, (*played.actions[:-1], text)) != said:
                end = f"{short(played.actions[-1])} ended task {case.task.id} ({played.outcome.verdict})"
                stage.findings.fault("after-end", f"{end}, and {short(text)} after it gives success")
        if played.ended and not played.outcome.success and right is not None:
            came[f"{_after(stage, call, case, (*played.actions, right))} for a right answer after a wrong one"] += 1


def _after(stage: CheckStage, call: Caller, case: CheckedCase, actions: tuple[str, ...]) -> str:
    """What the last of `actions`, taken after the end, gives, in a word."""
    id, gave = case.task.id, object()
    try:
        scene = guarded(call, CallSite(OPEN, id), lambda: opened(stage.environment, case.task, case.seed), "open")
        try:
            for action in actions:
                gave = guarded(call, CallSite(ACT, id, action), lambda action=action: scene.act(action), "act")  # type: ignore[misc]
        finally:
            guarded(call, CallSite(CLOSE, id), closing(scene), "close")
    except Broken:
        return "an exception"
    return gave.verdict.value if isinstance(gave, Outcome) else "an observation"


def judge_scenes(stage: CheckStage, after: Counter[str]) -> None:
    """Say what was found of the checks of this module."""
    few = stage.few
    scripts = sum(len(case.scripts) for case in few)
    if scripts:
        times = f"{amount(scripts, 'play')} of {amount(len(few), 'task')}"
        stage.remark(
            "repeat", f"{times}, each taken four times more, {'is' if scripts == 1 else 'are'} the same action by action"
        )
        stage.remark("alone", f"{times} {'is' if scripts == 1 else 'are'} the same after another task was played")
        stage.remark("together", f"{times} {'is' if scripts == 1 else 'are'} the same beside another open scene")
        stage.remark("close", "scenes can be closed before any action and after the outcome")
        said = "not needed, as the environment is instant" if stage.environment.instant else "calls may come from any thread"
        stage.remark("threads", said)
    if stage.findings.failed("repeat"):
        for name in ("alone", "together", "threads", "after-end"):
            stage.remark(name, "not checked, because scenes do not repeat: see repeat")
    if after:
        gave = "; ".join(f"{said} ({count} times)" for said, count in sorted(after.items()))
        stage.remark("after-end", f"acting on after the outcome gives {gave}; attempts never do")


def difference(one: Trace, other: Trace) -> str | None:
    """The first difference between two plays of the same actions, or `None`. Two plays that both faulted count as equal."""
    if bool(one.faults) != bool(other.faults):
        return f"once {(one.faults or other.faults)[0].text}, and once not"
    if one.faults:
        return None
    for at, (seen, came) in enumerate(zip(one.seen, other.seen, strict=False)):
        where = f"after {short(one.actions[at - 1])} " if at else "at first "
        if seen.text != came.text:
            return f"{where}it shows {_apart(seen.text, came.text)}"
        if seen != came:
            return f"{where}it lists {_apart(str(seen.actions + seen.answers), str(came.actions + came.answers))}"
    last = short(one.actions[-1]) if one.actions else "the end"
    if len(one.seen) != len(other.seen) or one.outcome.verdict is not other.outcome.verdict:
        return f"{last} gives {_end(one)} and then {_end(other)}"
    # Where no outcome came, why is a matter of the steps allowed.
    if one.outcome == other.outcome or not (one.ended or other.ended):
        return None
    return f"{last} gives {one.outcome.verdict} with another score or feedback"


def _apart(one: str, other: str) -> str:
    """Two texts, from shortly before where they part."""
    same = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(0, same - 20)
    return f"{short(one[start:])} and then {short(other[start:])}"


def _end(played: Trace) -> str:
    return str(played.outcome.verdict) if played.ended else "no outcome"


def _neighbour(stage: CheckStage, case: CheckedCase) -> list[CheckedCase]:
    """The next case that can be played again, if there is another one."""
    few = [c for c in stage.few if c.scripts and not c.hung]
    if case not in few or len(few) == 1:
        return []
    return [few[(few.index(case) + 1) % len(few)]]


def _part(stage: CheckStage, case: CheckedCase, played: Trace) -> ScriptedPlay:
    return stage.part(case, script(played.actions), len(played.actions))
