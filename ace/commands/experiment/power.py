"""`ace power`: what a design can find, and how many tasks and seeds a change needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ace.commands.terminal.common import JsonOption
from ace.errors import BadSetting
from ace.options import require_once

if TYPE_CHECKING:
    from rich.console import Console

_MOST_TASKS, _MOST_SEEDS = 5000, 1000
_DIFFERENCES = "0.02,0.05,0.1,0.15,0.2"
_Tasks = Annotated[str, typer.Option("--n", metavar="N,...", help="Held-out tasks; several separated by commas.")]
_Discordance = Annotated[
    str,
    typer.Option("--discordance", metavar="SHARE,...", help="Share of tasks that one arm wins and the other loses."),
]
_Difference = Annotated[
    str,
    typer.Option(
        "--difference", metavar="SHARE,...", help="Changes in success for which to compute the power and the number of tasks."
    ),
]
_Seeds = Annotated[str, typer.Option("--seeds", metavar="N,...", help="Seeds, each a run of its own on the same tasks.")]
_Between = Annotated[
    float, typer.Option("--seed-spread", help="Standard deviation of the change from seed to seed, as a share of success.")
]
_Repeated = Annotated[
    float, typer.Option("--repeated", help="Share of the variance between tasks in the change that is the same at every seed.")
]
_Power = Annotated[float, typer.Option("--power", help="Probability of finding a change that is there.")]


@dataclass(frozen=True, slots=True)
class PowerQuestion:
    """What is asked: numbers of tasks, shares of discordance, changes, numbers of seeds, and the power that is wanted."""

    tasks: Sequence[int]
    discordance: Sequence[float]
    differences: Sequence[float]
    seeds: Sequence[int]
    between: float
    repeated: float
    wanted: float


def _power(
    *,
    n: _Tasks = "50,100,200,400",
    discordance: _Discordance = "0.1,0.2,0.3,0.5",
    difference: _Difference = _DIFFERENCES,
    seeds: _Seeds = "2,3,5,10",
    seed_spread: _Between = 0.05,
    repeated: _Repeated = 0.5,
    power: _Power = 0.8,
    json: JsonOption = False,
) -> None:
    """What differences a comparison of two arms can detect, before you pay for it.

    One seed: the smallest change that can be detected with that many paired tasks (exact McNemar test at 0.05, two-sided), and
    the number of tasks that a change needs. Several seeds: approximately the smallest change that the interval over seeds and
    tasks detects. The discordance is the share of tasks won by one of two arms and lost by the other."""
    asked = PowerQuestion(
        _listed(n, "n", int, lambda x: 2 <= x <= _MOST_TASKS, f"whole numbers from 2 to {_MOST_TASKS}"),
        _listed(discordance, "discordance", float, lambda x: 0 < x <= 1, "shares above 0 and at most 1, as in 0.3"),
        _listed(difference, "difference", float, lambda x: 0 < x <= 1, "shares above 0 and at most 1, as in 0.1"),
        _listed(seeds, "seeds", int, lambda x: 2 <= x <= _MOST_SEEDS, f"whole numbers from 2 to {_MOST_SEEDS}"),
        _checked("seed-spread", seed_spread, 0 <= seed_spread <= 1, "from 0 to 1"),
        _checked("repeated", repeated, 0 <= repeated <= 1, "from 0 to 1"),
        _checked("power", power, 0 < power < 1, "above 0 and below 1"),
    )
    if json:
        from ace.commands.terminal.common import print_json

        print_json(answered(asked))
    else:
        _print(answered(asked))


def _listed(text: str, name: str, kind: Callable[[str], Any], fits: Callable[[Any], bool], accepted: str) -> list[Any]:
    """The numbers in `text`, smallest first."""
    found: list[Any] = []
    for word in text.split(","):
        try:
            value = kind(word)
        except ValueError:
            value = None
        if value is None or not fits(value):
            raise BadSetting(f"--{name} is {text!r}; it must be {accepted}, separated by commas")
        found.append(value)
    require_once(f"--{name} {text!r}", found)
    return sorted(found)


def _checked(name: str, value: float, fits: bool, accepted: str) -> float:
    if not fits:
        raise BadSetting(f"--{name} is {value:g}; it must be {accepted}")
    return value


def answered(asked: PowerQuestion) -> dict[str, Any]:
    """What each design finds and each change needs."""
    from ace.statistics.power import Layout, cases_needed, power, smallest

    if not any(x <= d for x in asked.differences for d in asked.discordance):
        least, most = min(asked.differences), max(asked.discordance)
        raise BadSetting(
            f"no change of {least:g} can come of {most:g} of the tasks; name a smaller difference, or more discordance"
        )
    designs = [(d, n) for d in asked.discordance for n in asked.tasks]
    changes = [(d, x) for d in asked.discordance for x in asked.differences if x <= d]
    one = [{"discordance": d, "tasks": n, "smallest": smallest(n, d, asked.wanted)} for d, n in designs]
    needed = [
        {
            "discordance": d,
            "difference": x,
            "tasks": cases_needed(x, d, asked.wanted),
            "power": [{"tasks": n, "power": round(power(n, d, x), 4)} for n in asked.tasks],
        }
        for d, x in changes
    ]
    layouts = [Layout(s, n, d, asked.between, asked.repeated) for d, n in designs for s in asked.seeds]
    several = [
        {"discordance": x.discordance, "tasks": x.tasks, "seeds": x.seeds, "smallest": _rounded(x.detectable(asked.wanted))}
        for x in layouts
    ]
    head = {"power": asked.wanted, "seed_spread": asked.between, "repeated": asked.repeated}
    return {**head, "one_seed": one, "needed": needed, "seeds": several}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _print(found: dict[str, Any]) -> None:
    from ace.commands.terminal.common import console
    from ace.commands.terminal.prose import say

    screen = console()
    wanted = f"{100 * found['power']:g} %"
    _grid(screen, f"One seed: smallest detectable change at a power of {wanted}, points", found["one_seed"], "tasks", "tasks")
    screen.print()
    rows = {(r["discordance"], r["difference"]): f"{r['tasks']:,}" for r in found["needed"]}
    heads = dict.fromkeys(r["difference"] for r in found["needed"])
    _matrix(screen, "One seed: number of tasks that a change needs", rows, heads, lambda x: f"{100 * x:g} points")
    for tasks in dict.fromkeys(r["tasks"] for r in found["seeds"]):
        screen.print()
        mine = [r for r in found["seeds"] if r["tasks"] == tasks]
        _grid(screen, f"Several seeds, {tasks:,} tasks: smallest detectable change, points", mine, "seeds", "seeds")
    screen.print()
    between, repeated = 100 * found["seed_spread"], 100 * found["repeated"]
    spread = f"by {between:g} points from seed to seed (--seed-spread)"
    lines = (
        "discordance: share of tasks that one arm wins and the other loses; –: no change can be detected. One seed says",
        f"nothing of chance in learning. Over seeds the change is taken to vary {spread}, and",
        f"{repeated:g} % of its variance between tasks to be the same at every seed (--repeated).",
    )
    say(screen, " ".join(lines), style="dim")


def _grid(screen: Console, title: str, rows: Iterable[dict[str, Any]], across: str, unit: str) -> None:
    cells = {(r["discordance"], r[across]): "–" if r["smallest"] is None else f"{100 * r['smallest']:.1f}" for r in rows}
    _matrix(screen, title, cells, dict.fromkeys(column for _, column in cells), lambda x: f"{x:,} {unit}")


def _matrix(
    screen: Console,
    title: str,
    cells: dict[tuple[float, Any], str],
    heads: Iterable[Any],
    named: Callable[[Any], str],
) -> None:
    from ace.commands.terminal.tables import Column, print_table

    columns = list(heads)
    rows = [[f"{100 * d:g} %", *(cells.get((d, c), "–") for c in columns)] for d in dict.fromkeys(d for d, _ in cells)]
    print_table(
        screen, [Column("discordance", right=True), *(Column(named(c), right=True) for c in columns)], rows, title=title
    )


def power(app: typer.Typer) -> None:
    """Make it a command of `app`."""
    app.command("power")(_power)
