"""`ace diversity`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from ace.commands.experiment.subject import subject
from ace.commands.terminal.common import console, opened, print_json, share
from ace.commands.terminal.prose import line, say
from ace.commands.terminal.tables import Column, print_table
from ace.results.diversity import LEAST_ATTEMPTS, LEVEL, Diversity, Segment, Variety, diversity

if TYPE_CHECKING:
    from rich.console import Console

_COLUMNS = (
    Column("revisions"),
    *(Column(name, right=True) for name in ("attempts", "success", "p", "formats", "p", "choices", "p", "shift")),
    Column("commonest choice"),
)
_LONGEST = 40


def show(text: str, store: str, as_json: bool) -> None:
    """The diversity of what `text` names."""
    with opened(store) as db:
        what = subject(db, text)
        numbers = {r.hash: r.number for r in db.revisions(what.playbook)}
        found = diversity(what.episodes(db), numbers)
    if as_json:
        named = {"playbook": what.playbook, "run": what.run.id if what.run else None}
        print_json({**named, **found.as_json()})
        return
    screen = console()
    screen.print(what.title, style="bold")
    if not found.segments:
        say(screen, "No valid attempt was shown a revision of this playbook, so there is nothing to compare.")
        return
    _tables(screen, found)
    _conclusion(screen, found)


def _tables(screen: Console, found: Diversity) -> None:
    for when in dict.fromkeys(s.when for s in found.segments):
        rows = [_row(s) for s in found.segments if s.when == when]
        screen.print()
        print_table(screen, _COLUMNS, rows, title=f"Attempts {when}")


def _row(s: Segment) -> list[str | Text]:
    style = "bold yellow" if s.narrowed else ""
    shift = "" if s.choices.divergence is None else f"{s.choices.divergence:.2f}"
    varied = (f"{s.formats.effective:.1f}", _p(s.formats.p), f"{s.choices.effective:.1f}", _p(s.choices.p))
    cells = (s.revisions, f"{s.n:,}", share(s.success.success), _p(s.p), *varied, shift, _top(s.choices))
    return [Text(c, style=style) for c in cells]


def _top(choices: Variety) -> str:
    # Attempts tend to begin alike: the end of a long one tells more.
    end = choices.top if len(choices.top) <= _LONGEST else f"… > {choices.top.rpartition(' > ')[2]}"
    return f"{line(end, _LONGEST)} ({100 * choices.share:.0f} %)"


def _p(p: float | None) -> str:
    return "" if p is None else "<0.001" if p < 0.001 else f"{p:.3f}"


def _conclusion(screen: Console, found: Diversity) -> None:
    screen.print()
    for told in found.alarms:
        say(screen, told, style="bold yellow")
    if all(s.p is None for s in found.segments):
        few = f"a part needs {LEAST_ATTEMPTS} attempts, and a revision is not divided"
        say(screen, f"There is one part only, so nothing can be compared: {few}.")
    elif not found.alarms:
        say(screen, "No alarm: nowhere did replies or choices become less varied while success fell.")
    told = "formats and choices are effective numbers (exp of the entropy): how many equally frequent ones would be as varied"
    tested = "p: for no fall since the first line; shift: of choices since then, in bits (Jensen-Shannon)"
    say(screen, f"{told}. {tested}; alarm level: {LEVEL:g} a run.", style="dim")
