"""`ace attribute`: what weights did and what the playbook did, of two models with and without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ace.commands.run.evaluations import (
    all_done,
    book_in_words,
    cost_in_words,
    opened_evaluation,
    plan_in_words,
    plan_of,
    say_warnings,
)
from ace.commands.terminal.common import console, count, interval, opened, p_value, points, print_json, share, where
from ace.commands.terminal.palette import coloured
from ace.commands.terminal.prose import say
from ace.commands.terminal.tables import Column, print_table
from ace.errors import WorldError
from ace.experiments.attribution import (
    INTERACTION,
    AttributedEffect,
    Attribution,
    CellName,
    ModelPair,
    attribution,
    cells,
    key_of,
)
from ace.experiments.evaluation import Evaluation, attempts_in
from ace.memory.database.sqlite import kept_location
from ace.memory.store import Store
from ace.settings import RunSettings

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_CELLS = (Column(), Column("success", right=True), Column("95 %"), Column("run", style="dim"))
_EFFECTS = (Column("effect"), Column("points", right=True), Column("95 %"), Column("p", right=True))


def measure(settings: RunSettings, models: ModelPair, start: int, *, anew: bool, as_json: bool) -> None:
    """Play what is owed of the four cells, and print what they say."""
    location = kept_location(settings.store)
    with Store.open(location, create=False) as store:
        found = _evaluations(store, settings, models, start, anew=anew)
        runs = dict(zip(found, all_done(list(found.values()), store, quiet=as_json), strict=True))
        told = attribution({name: attempts_in(store, run) for name, run in runs.items()}, settings.attempts)
    if told is None:
        raise WorldError("no task is valid in all four cells; see: ace episode list --verdict invalid")
    ids = {name: run.id for name, run in runs.items()}
    if as_json:
        about = {"environment": settings.environment, "split": settings.split, "attempts": settings.attempts}
        named = {"base": models.base, "tuned": models.tuned}
        books = {"start": _book(found[CellName.BASE_START]), "evolved": _book(found[CellName.BASE_EVOLVED])}
        print_json({**about, **named, **books, **told.as_json(), "runs": {key_of(name): id for name, id in ids.items()}})
        return
    _report(console(), settings, {name: _in_words(e, models) for name, e in found.items()}, told, ids)
    console().print()
    say(console(), f"The attempts: ace run show RUN{where(location)}")


def preview(settings: RunSettings, models: ModelPair, start: int, *, anew: bool, as_json: bool) -> None:
    """Say what would be played and what it would cost."""
    with opened(settings.store) as store:
        found = _evaluations(store, settings, models, start, anew=anew, sending=False)
    plans = [{"cell": key_of(name), "model": e.prepared.settings.model, **plan_of(e)} for name, e in found.items()]
    if as_json:
        print_json({"plan": {"store": kept_location(settings.store), "attempts": settings.attempts, "cells": plans}})
        return
    say_warnings(list(found.values()))
    screen = console()
    screen.print("What this would do", style="bold")
    for plan in plans:
        tasks = f"{count(settings.attempts, 'attempt')} at each of {count(plan['tasks'], 'task')}"
        say(screen, plan_in_words(plan, f"{plan['model']} with {book_in_words(plan['playbook'])}: {tasks}"), 2)
    say(screen, f"All of it: {cost_in_words(plans)}.")
    screen.print("Nothing was sent, and nothing was stored.", style="bold")


def _evaluations(
    store: Store, settings: RunSettings, models: ModelPair, start: int, *, anew: bool, sending: bool = True
) -> dict[CellName, Evaluation]:
    asked = cells(store, settings, models, start)
    return {name: opened_evaluation(s, store, anew=anew, sending=sending) for name, s in asked.items()}


def _book(one: Evaluation) -> str:
    return one.prepared.settings.playbook


def _in_words(one: Evaluation, models: ModelPair) -> str:
    s = one.prepared.settings
    at = f" at {s.api_base}" if models.base == models.tuned else ""
    return f"{s.model}{at} with {s.playbook}"


def _report(screen: Console, s: RunSettings, names: dict[CellName, str], told: Attribution, runs: dict[CellName, str]) -> None:
    each = f", {s.attempts} attempts at each" if s.attempts > 1 else ""
    rows = [[names[n], share(c.success), interval(c.interval), runs[n]] for n, c in told.cells.items()]
    print_table(screen, _CELLS, rows, title=f"{s.environment} ({s.split}), {count(told.tasks, 'task')}{each}")
    if told.left_out:
        say(screen, f"{count(told.left_out, 'task')} left out: no valid attempt in one of the four.", style="yellow")
    screen.print()
    print_table(screen, _EFFECTS, [_row(name, e) for name, e in told.effects.items()])
    screen.print()
    say(screen, _sentence(told))


def _row(name: str, e: AttributedEffect) -> list[str | Text]:
    p = "" if e.p is None else p_value(e.p)
    bounds = interval(e.interval, "+.1f") or "the same at every task"
    return [name, coloured(points(e.difference), e.interval), bounds, p]


def _sentence(told: Attribution) -> str:
    joint = told.effects[INTERACTION]
    change = {name: points(effect.difference) for name, effect in told.effects.items()}
    alone = f"Weights alone change success by {change['weights']} points, the playbook alone by {change['playbook']}"
    low, high = joint.interval or (0.0, 0.0)
    if low > 0:
        how = "together they give more than the sum"
    elif high < 0:
        how = "together they give less than the sum"
    else:
        how = "no interaction between them was detected"
    return f"{alone}, both by {change['both']}; {how} (interaction {change[INTERACTION]})."
