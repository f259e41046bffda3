"""`ace ceiling`: how far an agent gets with many attempts, without a playbook and with one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ace.commands.run.evaluations import book_in_words, done, opened_evaluation, plan_in_words, plan_of, say_warnings
from ace.commands.terminal.common import console, count, interval, p_value, print_json, share, where
from ace.commands.terminal.outside import tell
from ace.commands.terminal.prose import cut, say
from ace.commands.terminal.tables import Column, print_table
from ace.errors import WorldError
from ace.experiments.ceiling.plan import EMPTY, reached, sides
from ace.experiments.ceiling.reach import Against, Ceiling, Changed, Reach
from ace.experiments.ceiling.sentences import Measured, forbidden, quotable, warnings
from ace.experiments.evaluation import require_adapted
from ace.memory.database.sqlite import check_place, kept_location, place
from ace.memory.store import Store
from ace.memory.values import Run
from ace.models.registry import NOVICE
from ace.settings import RunSettings

if TYPE_CHECKING:
    from rich.console import Console

_SHOWN = 20
"""Tasks that are listed on the screen; `--json` has all."""
_TASKS = (
    Column("task"),
    Column("base", right=True),
    Column("with the playbook", right=True),
    Column("p", right=True),
    Column(),
)


def measure(settings: RunSettings, *, anew: bool, as_json: bool) -> None:
    """Play what is owed of both agents' attempts, and print what they say."""
    asked = sides(settings)
    location = kept_location(settings.store)
    there = settings.playbook or _is_there(location)
    # Nothing can be found in a store that is made now, and it is made once nothing is wrong.
    began = [] if there else [opened_evaluation(s, None, anew=anew) for s in asked]
    with Store.open(location, create=not there) as store:
        if settings.playbook:
            require_adapted(store, settings.playbook)
        found = began or [opened_evaluation(s, store, anew=anew) for s in asked]
        if not (settings.playbook or as_json):
            tell(f"The agent plays with an empty playbook; the store keeps it under the name {EMPTY!r}.")
        runs: list[Run] = []
        for one in found:
            shown = replace(one.prepared, warnings=()) if runs else one.prepared
            runs.append(done(replace(one, prepared=shown), store, quiet=as_json))
        result = reached(store, settings.attempts, runs)
    if result is None:
        raise WorldError("no task has enough valid attempts to say anything; see: ace episode list --verdict invalid")
    report(result, _measured(settings), as_json=as_json, location=location)


def _is_there(location: str) -> bool:
    """Whether there is a store already."""
    path = place(location).path
    return path is not None and path.is_file() and path.stat().st_size > 0


def preview(settings: RunSettings, *, anew: bool, as_json: bool) -> None:
    """Say what would be played and what it would cost."""
    asked = sides(settings)
    location = kept_location(settings.store)
    if not _is_there(location) and not settings.playbook:
        check_place(place(location), create=True, reading=False)
        found = [opened_evaluation(s, None, anew=anew, sending=False) for s in asked]
    else:
        with Store.open(location, create=False, read_only=True) as store:
            if settings.playbook:
                require_adapted(store, settings.playbook)
            found = [opened_evaluation(s, store, anew=anew, sending=False) for s in asked]
    plans = [plan_of(one) for one in found]
    if as_json:
        print_json({"plan": {"store": location, "attempts": settings.attempts, "agents": plans}})
        return
    say_warnings(found)
    screen = console()
    screen.print("What this would do", style="bold")
    for plan in plans:
        say(screen, _in_words(plan, settings.attempts), 2)
    screen.print("Nothing was sent, and nothing was stored.", style="bold")


def _in_words(plan: dict[str, Any], attempts: int) -> str:
    book, each = book_in_words(plan["playbook"]), f"{count(attempts, 'attempt')} at each of {count(plan['tasks'], 'task')}"
    return plan_in_words(plan, f"{book}: {each}")


def _measured(s: RunSettings) -> Measured:
    temperature = None if s.model == NOVICE else s.sampling.get("temperature")
    return Measured(s.environment, s.split, s.model, None if temperature is None else float(temperature))


def report(found: Ceiling, on: Measured, *, as_json: bool, location: str) -> None:
    """Print what was found: a table, the claims that the data support, and those that they do not."""
    quotes, never, told = quotable(found, on), forbidden(found, on), warnings(found, on)
    if as_json:
        head = {"environment": on.environment, "split": on.split, "model": on.model}
        words = {"quotable": quotes, "forbidden": [f.as_json() for f in never], "warnings": told}
        print_json({**head, **found.as_json(), **words})
        return
    screen = console()
    _reaches(screen, found, on)
    if found.against is not None:
        _changes(screen, found.against)
    screen.print("\nSupported by the data", style="bold")
    for sentence in quotes:
        say(screen, sentence, 2)
    screen.print("\nNot supported by the data", style="bold")
    for why, sentences in groupby(never, key=lambda f: f.why):
        say(screen, f"{' '.join(f'“{f.sentence}”' for f in sentences)} Reason: {why}.", 2)
    if told:
        screen.print()
        for line in told:
            say(screen, f"{line}.", style="yellow")
    runs = [found.base.run] if found.against is None else [found.base.run, found.against.adapted.run]
    screen.print("\nThe attempts:")
    for run in runs:
        say(screen, f"ace run show {run}{where(location)}", 2)


def _reaches(screen: Console, found: Ceiling, on: Measured) -> None:
    agents = [found.base] if found.against is None else [found.base, found.against.adapted]
    headings = ["base", *(a.playbook for a in agents[1:])]
    columns = (Column(), *(c for h in headings for c in (Column(h, right=True), Column("95 % interval"))))
    tasks = f"{count(found.base.tasks, 'task')}, {count(found.base.attempts, 'attempt')} at each"
    print_table(screen, columns, _rows(agents), title=f"{on.model} on {on.environment} ({on.split}), {tasks}")


def _rows(agents: Sequence[Reach]) -> list[list[str]]:
    rows = []
    for i, p in enumerate(agents[0].pass_at):
        each = [a.pass_at[i] for a in agents]
        rows.append([f"pass@{p.k}", *(cell for e in each for cell in (share(e.success), interval(e.interval)))])
    for tau in agents[0].cover:
        rows.append([f"cover@{tau:g}", *(cell for a in agents for cell in (share(a.cover[tau]), ""))])
    rows.append(["never won", *(cell for a in agents for cell in (f"{a.never:,}", ""))])
    rows.append(
        ["of these, won with more attempts", *(cell for a in agents for cell in (f"at least {a.unseen:.1f}", "estimated"))]
    )
    return rows


def _changes(screen: Console, against: Against) -> None:
    for title, found in (("gained", against.gained), ("lost", against.lost)):
        if found:
            screen.print()
            rest = f", the {_SHOWN} clearest" if len(found) > _SHOWN else ""
            print_table(screen, _TASKS, [_row(c) for c in found[:_SHOWN]], title=f"{count(len(found), 'task')} {title}{rest}")


def _row(c: Changed) -> list[str]:
    never = "not seen from the base" if c.base_won == 0 and c.won else ""
    p = p_value(c.p)
    return [cut(c.task, 40), f"{c.base_won} of {c.base_n}", f"{c.won} of {c.n}", p, never]
