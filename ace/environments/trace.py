"""One policy through one scene, written down.

Each fault of the environment or the policy ends in an invalid outcome that says where; nothing is raised. It goes step by
step, so that two scenes can be played side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from ace.environments.contract import Environment, Policy, Scene
from ace.environments.usable import closing, opened
from ace.environments.watch import ACT, CLOSE, OPEN, Caller, CallSite
from ace.errors import BadInput
from ace.registry import fault_line
from ace.types import Observation, Outcome, Task, Verdict, failure, invalid

T = TypeVar("T")

Kind = Literal["open", "act", "close", "value", "policy"]
"""What is at fault: what comes before any action raised, an action did, or closing; something of a wrong type was given; or it
is the policy."""


@dataclass(frozen=True, slots=True)
class ScriptedPlay:
    """What is to be played: a policy in a scene of `task`, for at most `steps` actions."""

    task: Task
    policy: Policy
    seed: int
    steps: int


@dataclass(frozen=True, slots=True)
class TraceFault:
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Trace:
    """What was seen (the first observation included), what was done, and what came of it. `ended`: the scene itself gave the
    outcome; else there were too many steps, or a fault."""

    task: Task
    seen: tuple[Observation, ...]
    actions: tuple[str, ...]
    outcome: Outcome
    ended: bool = True
    faults: tuple[TraceFault, ...] = ()


class Broken(Exception):
    """Code that was called is at fault; the message says where and how."""

    def __init__(self, kind: Kind, text: str) -> None:
        super().__init__(text)
        self.fault = TraceFault(kind, text)


def trace(call: Caller, environment: Environment, part: ScriptedPlay) -> Trace:
    """Play `part` to its end."""
    return side_by_side([step_by_step(call, environment, part)])[0]


def side_by_side(playing: Sequence[Generator[None, None, Trace]]) -> list[Trace]:
    """Play all of them, one action of each in turn."""
    traces: dict[int, Trace] = {}
    while len(traces) < len(playing):
        for at, one in enumerate(playing):
            if at not in traces:
                try:
                    next(one)
                except StopIteration as end:
                    traces[at] = end.value
    return [traces[at] for at in range(len(playing))]


def script(actions: Sequence[str]) -> Policy:
    """The policy that takes `actions` in order and ignores observations."""
    following = iter(actions)
    return lambda seen: next(following)


def guarded(call: Caller, place: CallSite, work: Callable[[], T], kind: Kind) -> T:
    """The value that `work` returns. Raises `Broken` for any exception of it."""
    try:
        return call(place, work)
    # The environment's code runs here: any exception, `SystemExit` included, is recorded as its fault.
    except (Exception, SystemExit) as error:
        if kind == "open" and isinstance(error, BadInput):
            # No scene at all: that is refused as a run refuses it, not counted among what went wrong in one.
            raise
        raise Broken(kind, f"{place} raised {fault_line(error)}") from error


def step_by_step(call: Caller, environment: Environment, part: ScriptedPlay) -> Generator[None, None, Trace]:
    """Play `part`, stopping before each action; gives the trace at its end. The scene is closed however it ends."""
    log = _Log()
    try:
        scene = guarded(call, CallSite(OPEN, part.task.id), lambda: opened(environment, part.task, part.seed), "open")
        try:
            yield from _acted(call, scene, part, log)
        except Broken as broken:
            log.faults.append(broken.fault)
        finally:
            guarded(call, CallSite(CLOSE, part.task.id), closing(scene), "close")
    except Broken as broken:
        log.faults.append(broken.fault)
    outcome = log.outcome or failure(reason=f"no outcome within {part.steps} step{'s' * (part.steps != 1)}")
    if log.faults:
        outcome = invalid("; ".join(f.text for f in log.faults))
    return Trace(part.task, tuple(log.seen), tuple(log.actions), outcome, log.outcome is not None, tuple(log.faults))


@dataclass(slots=True)
class _Log:
    seen: list[Observation] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    outcome: Outcome | None = None
    faults: list[TraceFault] = field(default_factory=list)


def _acted(call: Caller, scene: Scene, part: ScriptedPlay, log: _Log) -> Generator[None, None, None]:
    seen = guarded(call, CallSite("first", part.task.id), lambda: scene.first, "open")
    log.seen.append(_checked(CallSite("first", part.task.id), seen))
    for _ in range(part.steps):
        yield
        action = _chosen(call, part, log.seen[-1])
        log.actions.append(action)
        place = CallSite(ACT, part.task.id, action)
        came: object = guarded(call, place, lambda action=action: scene.act(action), "act")  # type: ignore[misc]
        if isinstance(came, Outcome):
            log.outcome = _checked_outcome(place, came)
            return
        log.seen.append(_checked(place, came))


def _chosen(call: Caller, part: ScriptedPlay, seen: Observation) -> str:
    place = CallSite("its policy", part.task.id)
    action: object = guarded(call, place, lambda: part.policy(seen), "policy")
    if not isinstance(action, str):
        raise Broken("policy", f"{place} gave {_a(action)}; an action is a text")
    return action


def _checked(place: CallSite, seen: object) -> Observation:
    if not isinstance(seen, Observation):
        wanted = "an Observation" if place.method == "first" else "an Observation or an Outcome"
        raise Broken("value", f"{place} gave {_a(seen)}; it must give {wanted}")
    if not isinstance(seen.text, str):
        raise Broken("value", f"{place} gave an observation whose text is {_a(seen.text)}; it must be a text")
    for name, options in (("actions", seen.actions), ("answers", seen.answers)):
        if not isinstance(options, tuple) or not all(isinstance(option, str) for option in options):
            raise Broken("value", f"{place} gave an observation whose {name} are {_a(options)}; they must be a tuple of texts")
    return seen


def _checked_outcome(place: CallSite, outcome: Outcome) -> Outcome:
    if not isinstance(outcome.verdict, Verdict):
        raise Broken("value", f"{place} gave an outcome whose verdict is {_a(outcome.verdict)}; it must be a Verdict")
    score: object = outcome.score
    if score is not None and not (isinstance(score, int | float) and 0 <= score <= 1):
        raise Broken("value", f"{place} gave an outcome whose score is {score!r}; it must be from 0 to 1, or None")
    if not isinstance(outcome.feedback, str) or not isinstance(outcome.reason, str):
        raise Broken("value", f"{place} gave an outcome whose feedback or reason is not text; both must be texts")
    return outcome


def _a(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
