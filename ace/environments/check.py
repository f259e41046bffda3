"""Whether an environment keeps the contract: the conformance suite, over any environment there is.

It plays the environment as attempts do, only worse, and finds what has spoilt real ones: judges that pass junk or fail at it,
splits that overlap, tasks that reward doing nothing, scenes that do not repeat. The report comes even where a call never
returns. An environment that flips verdicts on purpose does not keep the contract, and is told so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from ace.environments.conformance import junk, listing, options, policies, scenes
from ace.environments.conformance.report import Check, ConformanceReport, amount
from ace.environments.conformance.stage import CheckedCase, CheckStage
from ace.environments.contract import Environment
from ace.environments.watch import Caller
from ace.errors import BadSetting

__all__ = ["NAMES", "Check", "ConformanceReport", "check"]

NAMES = (
    *("tasks", "splits", "order", "ids", "text", "kinds", "origins", "keys", "disjoint"),
    *("limits", "oracle", "seeds", "random", "nothing"),
    *("options", "answers", "listed", "positions"),
    *("repeat", "alone", "together", "threads", "close", "after-end"),
    *("junk", "junk-answered", "values", "faults", "time"),
)
"""Every check, in the order of the report."""


def check(
    environment: Environment, n: int = 30, seed: int = 0, *, doing: Callable[[str], None] | None = None
) -> ConformanceReport:
    """Try the first `n` tasks of each split; `seed` fixes what is drawn by chance. Exceptions from listing or playing them are
    in the report. `doing` is told, now and then, what is being checked. `BadSetting` unless `n` is at least 1.

    Cost: 30 to 50 scenes a task; after three calls that take longer than `limits.seconds` the rest is given up."""
    if n < 1:
        raise BadSetting(f"n={n} tasks of each split cannot be tried; it must be at least 1")
    tell = doing or _untold
    stage = CheckStage(environment, n, seed)
    policies.limits(stage)
    tell("listing tasks")
    listing.listing(stage)
    _play(stage, tell)
    _judge_calls(stage)
    unsaid = "not checked, because calls did not return: see time" if stage.given_up else "not checked: nothing could be played"
    return stage.findings.report(NAMES, unsaid)


def _untold(_doing: str) -> None:
    """Where what is being checked is not shown."""


def _play(stage: CheckStage, tell: Callable[[str], None]) -> None:
    after: Counter[str] = Counter()

    def after_end(stage: CheckStage, call: Caller, case: CheckedCase) -> None:
        scenes.after_end(stage, call, case, after)

    tasks = amount(len(stage.cases), "task")
    tell(f"playing {tasks} by the oracle")
    stage.each(stage.cases, policies.oracle)
    tell(f"playing {tasks} blindly")
    stage.each(stage.cases, policies.blind)
    tell(f"playing {amount(len(stage.few), 'task')} again, alone and beside others")
    stage.each(stage.few, scenes.repeat)
    policies.judge_oracle(stage)
    stage.each(stage.few, scenes.close)
    if stage.findings.failed("repeat"):
        stage.findings.withdraw("alone")
    else:
        for work in (scenes.alone, scenes.together, after_end, *(() if stage.environment.instant else (scenes.threads,))):
            stage.each(stage.few, work)
    scenes.judge_scenes(stage, after)
    tell(f"giving all answers, nothing, and junk in {tasks}")
    stage.each(stage.cases, options.answers)
    options.judge_options(stage)
    stage.each(stage.cases, policies.idle)
    stage.each(stage.cases, junk.junk)
    policies.judge_floors(stage)
    junk.judge_junk(stage)


def _judge_calls(stage: CheckStage) -> None:
    if stage.plays:
        stage.remark("values", "observations and outcomes are as the contract has them")
        stage.remark("faults", f"{amount(stage.plays, 'play')} of listed actions raised nothing, and none came out invalid")
    stage.remark("time", f"every call returned within {stage.limits.seconds:g} seconds")
