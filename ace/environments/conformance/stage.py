"""What the checks play on: the environment, the tasks tried, and what is known of each so far.

Every check plays every case in work of its own, so that a call which does not return costs that case and nothing else; and
after a few of these all is given up, so that the report comes in any case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ace.environments.conformance.report import Findings
from ace.environments.contract import Environment, Limits, Policy
from ace.environments.trace import Broken, ScriptedPlay, Trace, guarded, script, trace
from ace.environments.watch import ACT, Caller, CallSite, Overdue, watched
from ace.types import Task, derive_seed

PATIENCE = 3
"""Calls that do not return before the rest of the suite is given up."""
FEW = 12
"""Cases that are opened again and again to see whether scenes repeat and stay apart."""


@dataclass(slots=True, eq=False)
class CheckedCase:
    """A task that is tried, and what is known of it: the oracle's and the blind policy's play at `seed`; whether the oracle
    won at each seed tried, the blind policy each time, the idle one, and which blank replies did; plays known to repeat."""

    task: Task
    seed: int
    oracle: Trace | None = None
    random: Trace | None = None
    won: list[bool] = field(default_factory=list)
    blind: list[bool] = field(default_factory=list)
    idle: bool | None = None
    blank: set[str] = field(default_factory=set)
    scripts: list[Trace] = field(default_factory=list)
    hung: bool = False

    @property
    def played(self) -> list[Trace]:
        return [t for t in (self.oracle, self.random) if t is not None]


class CheckStage:
    """The environment under test. `listed` are all lists of options that were seen, and the first task each stood in;
    `hung` counts calls that did not return, `plays` the plays by the book."""

    def __init__(self, environment: Environment, n: int, seed: int) -> None:
        self.environment, self.n, self.seed = environment, n, seed
        self.limits = Limits()
        self.findings = Findings()
        self.cases: list[CheckedCase] = []
        self.hung = 0
        self.plays = 0
        self.listed: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}

    @property
    def given_up(self) -> bool:
        return self.hung >= PATIENCE

    @property
    def few(self) -> list[CheckedCase]:
        """Some cases of each split."""
        by_split: dict[str, list[CheckedCase]] = {}
        for case in self.cases:
            by_split.setdefault(case.task.split, []).append(case)
        longest = max(map(len, by_split.values()), default=0)
        return [cases[at] for at in range(longest) for cases in by_split.values() if at < len(cases)][:FEW]

    def remark(self, name: str, text: str) -> None:
        """What is said of a check that finds nothing wrong; nothing, where it may not have been carried out."""
        if not self.given_up:
            self.findings.remark(name, text)

    def run(self, work: Callable[[Caller], None]) -> bool:
        """Do `work` unless all was given up; whether it came to its end."""
        if self.given_up:
            return False
        try:
            watched(self.limits.seconds, work)
        except Overdue as overdue:
            self.hung += 1
            self.findings.fault("time", str(overdue), overdue.place.method)
            return False
        return True

    def each(self, cases: Iterable[CheckedCase], work: Callable[[CheckStage, Caller, CheckedCase], None]) -> None:
        """Do `work` for every case whose calls have returned so far."""
        for case in cases:
            if not case.hung and not self.given_up:
                case.hung = not self.run(lambda call, case=case: work(self, call, case))  # type: ignore[misc]

    def policy(self, name: str, call: Caller, task: Task, make: Callable[[], Policy | None]) -> Policy | None:
        """The environment's policy called `name`; `None` where there is none, or making it raised."""
        try:
            return guarded(call, CallSite(name, task.id), make, "policy")
        except Broken as broken:
            self.findings.fault(name, str(broken))
            return None

    def part(self, case: CheckedCase, policy: Policy, steps: int | None = None) -> ScriptedPlay:
        return ScriptedPlay(case.task, policy, case.seed, steps or self.limits.steps)

    def play(self, call: Caller, part: ScriptedPlay, policy: str = "faults") -> Trace:
        """Play `part` by the book, and record each fault of the environment in it; `policy` is the check that a policy's
        own faults belong to."""
        played = trace(call, self.environment, part)
        self.plays += 1
        names = {"open": "faults", "act": "faults", "close": "close", "value": "values", "policy": policy}
        for fault in played.faults:
            self.findings.fault(names[fault.kind], fault.text)
        if played.ended and not played.faults and not played.outcome.valid:
            last = played.actions[-1]
            reason = f"{CallSite(ACT, part.task.id, last)} gave an invalid outcome: {played.outcome.reason or 'no reason'}"
            self.findings.fault("faults", reason)
        for seen in played.seen:
            self.listed.setdefault((seen.actions, seen.answers), part.task.id)
        return played

    def junk(self, call: Caller, part: ScriptedPlay) -> Trace:
        """Play actions that are not listed; of the environment's faults only values of a wrong type are recorded."""
        played = trace(call, self.environment, part)
        for fault in played.faults:
            if fault.kind == "value":
                self.findings.fault("values", fault.text)
        return played

    def replay(self, call: Caller, case: CheckedCase, actions: Sequence[str]) -> Trace:
        """Take `actions` in a fresh scene of the case; nothing is noted."""
        return trace(call, self.environment, self.part(case, script(actions), len(actions)))

    def seed_of(self, task: Task, *more: int) -> int:
        return derive_seed(self.seed, "check", task.key, *more)
