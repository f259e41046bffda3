"""Printing what a playbook does to each task, and what each of its bullets does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ace.commands.run.evaluations import (
    all_done,
    book_in_words,
    cost_in_words,
    opened_evaluation,
    plan_in_words,
    plan_of,
    say_warnings,
)
from ace.commands.terminal.common import console, count, interval, opened, p_value, points, print_json, where
from ace.commands.terminal.outside import tell
from ace.commands.terminal.palette import coloured
from ace.commands.terminal.prose import cut, line, say
from ace.commands.terminal.tables import Column, print_table
from ace.errors import WorldError
from ace.experiments.counterfactual.credit import (
    Counterfactual,
    Counts,
    Credit,
    TaskPair,
    counterfactual,
    inclusion,
    one_out,
    with_inclusion,
)
from ace.experiments.counterfactual.plan import Sides, by_bullet, in_words, sides
from ace.experiments.evaluation import Evaluation, attempts_in, require_adapted
from ace.memory.database.sqlite import kept_location
from ace.memory.store import Store
from ace.memory.values import Run
from ace.runs.stored import elsewhere
from ace.settings import RunSettings

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_SHOWN = 10
"""Tasks of a kind that are listed on the screen; `--json` has all."""
_COUNTS = (
    *(Column(name, right=True) for name in ("both", "gained", "harmed", "neither", "change")),
    Column("95 %"),
    Column("p"),
)
_BULLETS = (
    Column("left out", right=True),
    Column("95 %", right=True),
    Column("p", right=True),
    Column("by chance", right=True),
    Column("95 %", right=True),
    Column("bullet", style="dim"),
    Column(),
)
_LEGEND = (
    "In points of success. Left out: all bullets against all but this one, with its p value after Holm; it does not see a "
    "bullet whose words another one repeats. By chance: attempts that were shown it against attempts that were not, where "
    "chance decided for each bullet by itself; pulled towards 0 where attempts are few."
)


def measure(settings: RunSettings, by: str, plays: int, *, anew: bool, as_json: bool) -> None:
    """Play what is owed, and print what it says."""
    way = by_bullet(by)
    location = kept_location(settings.store)
    with Store.open(location, create=False) as store:
        asked, found = _evaluations(store, settings, by, plays, anew=anew)
        runs = all_done(found, store, quiet=as_json)
        told = _told(store, asked, runs)
    if told is None:
        raise WorldError("no task is valid with the playbook and without it; see: ace episode list --verdict invalid")
    ids = [run.id for run in runs]
    if as_json:
        about = {"playbook": asked.whole.playbook, "environment": settings.environment, "split": settings.split}
        print_json({**about, "model": settings.model, "by": way.value, **told.as_json(), "runs": ids})
        return
    _report(console(), settings, asked, told, [f"{id}{where(location)}" for id in ids[:2]])


def preview(settings: RunSettings, by: str, plays: int, *, anew: bool, as_json: bool) -> None:
    """Say what would be played and what it would cost."""
    with opened(settings.store) as store:
        asked, found = _evaluations(store, settings, by, plays, anew=anew, sending=False)
        plans = [
            {"what": in_words(asked, n), "attempts": e.prepared.settings.attempts, **plan_of(e)} for n, e in enumerate(found)
        ]
    if as_json:
        print_json({"plan": {"store": kept_location(settings.store), "evaluations": plans}})
        return
    say_warnings(found)
    screen = console()
    screen.print("What this would do", style="bold")
    for plan in plans[:2]:
        say(screen, plan_in_words(plan, f"{book_in_words(plan['playbook'])}: {count(plan['tasks'], 'task')}"), 2)
    one_each = plans[2 : 2 + len(asked.one_out)]
    if one_each:
        say(screen, f"without each of {count(len(one_each), 'bullet')} in turn: {cost_in_words(one_each)}", 2)
    for plan in plans[2 + len(one_each) :]:
        say(
            screen,
            plan_in_words(plan, f"{plan['what']}: {plan['attempts']} attempts at each of {count(plan['tasks'], 'task')}"),
            2,
        )
    say(screen, f"All of it: {cost_in_words(plans)}.")
    screen.print("Nothing was sent, and nothing was stored.", style="bold")


def _plan(what: str, one: Evaluation) -> dict[str, Any]:
    return {"what": what, "attempts": one.prepared.settings.attempts, **plan_of(one)}


def _evaluations(
    store: Store, settings: RunSettings, by: str, plays: int, *, anew: bool, sending: bool = True
) -> tuple[Sides, list[Evaluation]]:
    require_adapted(store, settings.playbook, "; with and without it are the same")
    for text in elsewhere(store, settings):
        tell(text)
    asked = sides(store, settings, by_bullet(by), plays)
    first = opened_evaluation(asked.without, store, anew=anew, sending=sending)
    environment = first.prepared.environment
    rest = [opened_evaluation(s, store, anew=anew, sending=sending, environment=environment) for s in asked.all[1:]]
    return asked, [first, *rest]


def _told(store: Store, asked: Sides, runs: Sequence[Run]) -> Counterfactual | None:
    played = [attempts_in(store, run) for run in runs]
    found = counterfactual(played[0], played[1])
    if found is None:
        return None
    credits = [Credit(b) for b in asked.bullets] if len(played) > 2 else []
    if asked.one_out:
        credits = one_out(asked.bullets, played[1], played[2 : 2 + len(asked.one_out)])
    if asked.drawn is not None:
        credits = with_inclusion(credits, inclusion(played[-1]))
    return Counterfactual(found.counts, found.tasks, found.left_out, tuple(credits))


def _report(screen: Console, s: RunSettings, asked: Sides, told: Counterfactual, runs: Sequence[str]) -> None:
    title = f"{asked.whole.playbook}, {s.model} on {s.environment} ({s.split}), {count(told.counts.n, 'task')}"
    print_table(screen, _COUNTS, [_counts_row(told.counts)], title=title)
    if told.left_out:
        say(screen, f"{count(told.left_out, 'task')} left out, because an attempt was invalid.", style="yellow")
    for word, found in (("Gained", told.gained), ("Harmed", told.harmed)):
        if found:
            say(screen, f"{word}: {_listed(found)}")
    if told.credits:
        screen.print()
        print_table(screen, _BULLETS, [_bullet_row(c) for c in told.credits])
        say(screen, _LEGEND, style="dim")
    else:
        n, tasks = len(asked.bullets), told.counts.n
        by = f"--by leave-one-out ({n} more attempts a task, {n * tasks:,} in all), --by inclusion (--plays of them) or both"
        say(screen, f"What each bullet does: {by}; --dry-run says what that costs.")
    screen.print("\nThe attempts:")
    for run in runs:
        say(screen, f"ace run show {run}", 2)


def _listed(tasks: Sequence[TaskPair]) -> str:
    named = [f"{cut(t.task, 30)} ({line(t.kind, 20)})" if t.kind else cut(t.task, 30) for t in tasks[:_SHOWN]]
    return ", ".join(named) + (f" and {len(tasks) - _SHOWN} more" if len(tasks) > _SHOWN else "")


def _counts_row(c: Counts) -> list[str | Text]:
    counts = [f"{n:,}" for n in (c.both, c.gained, c.harmed, c.neither)]
    return [*counts, *_change(c.difference, c.interval), p_value(c.p)]


def _bullet_row(c: Credit) -> list[str | Text]:
    left: list[str | Text] = ["–", "", ""]
    if c.one_out is not None and c.adjusted is not None:
        left = [*_change(c.one_out.difference, c.one_out.interval), p_value(c.adjusted)]
    chance: list[str | Text] = ["–", ""]
    if c.inclusion is not None and c.inclusion.raw is not None:
        chance = _change(c.inclusion.mean, c.inclusion.interval)
    return [*left, *chance, c.bullet.id, line(c.bullet.text)]


def _change(difference: float, bounds: tuple[float, float]) -> list[str | Text]:
    return [coloured(points(difference), bounds), interval(bounds, "+.1f")]
