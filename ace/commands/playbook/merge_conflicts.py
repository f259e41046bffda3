"""Showing a person what a merge cannot decide, and asking.

A conflict is shown as the bullet was and as each side has it. Every question can be left, and then nothing was written,
because all of them come before the merge.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from ace.commands.terminal.common import console, count
from ace.commands.terminal.prose import coloured, line, marked, say
from ace.memory.branches.merge import MergePlan
from ace.memory.values import Revision
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.merge.order import SIDES, Side
from ace.playbooks.merge.three_way import PLACE, MergeConflict
from ace.playbooks.merge.unions import Alike
from ace.playbooks.operations import Operation
from ace.playbooks.similarity.compare import Kind

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


def print_conflict(screen: Console, plan: MergePlan, x: MergeConflict) -> None:
    """A conflict: what it is over, and the bullet as it was and as each side has it."""
    say(screen, f"{x.bullet}  conflict over {_parts(x)}", style="bold")
    rows = [
        (f"base {named(plan.base)}", x.base),
        (f"ours {named(plan.ours)}", x.ours),
        (f"theirs {named(plan.theirs)}", x.theirs),
    ]
    wide = max(len(title) for title, _ in rows)
    for (title, b), follows in zip(rows, x.follows or ("", "", ""), strict=True):
        say(screen, _as_it_is(screen, b, x, follows), 2, first=f"{title:<{wide}}  ")


def print_decided(screen: Console, decided: Sequence[MergeConflict], side: Side) -> None:
    """The conflicts that the flag for one side decided, each with what came of it."""
    if decided:
        say(screen, f"--{side} decided {count(len(decided), 'conflict')}:", style="bold")
    for x in decided:
        _, ours, theirs = x.follows or ("", "", "")
        taken, follows = (x.ours, ours) if side == "ours" else (x.theirs, theirs)
        say(screen, _as_it_is(screen, taken, x, follows), 2, first=f"{x.bullet}  {_parts(x)}: ")


def _parts(x: MergeConflict) -> str:
    return ", ".join("place" if part == PLACE else "pin" if part == "pinned" else part for part in x.parts)


def _as_it_is(screen: Console, b: Bullet | None, x: MergeConflict, follows: str) -> Text:
    """A bullet as a side has it, with what else than its text is contested."""
    from rich.text import Text

    if b is None:
        return Text("(not there)", style="dim")
    marks = [b.section] if "section" in x.parts else []
    marks += [b.state.value] if b.state is not State.ACTIVE else []
    marks += ["pinned"] if b.pinned else []
    marks += ["escalated"] if b.escalated else []
    marks += [f"after {follows}" if follows else "first"] if PLACE in x.parts else []
    changed = x.base is not None and x.base.text != b.text and coloured(screen)
    text = marked(line(x.base.text), line(b.text), screen) if x.base and changed else Text(line(b.text))
    return text.append(f"  ({line(', '.join(marks))})" if marks else "", style="yellow")


def ask_sides(plan: MergePlan) -> dict[str, Side]:
    """What a person decides of each conflict. Leaving is `typer.Abort`: nothing was written yet."""
    answers: dict[str, Side] = {}
    for conflict in plan.merged.conflicts:
        print_conflict(console(stderr=True), plan, conflict)
        answer = _asked("Take [o]urs or [t]heirs", SIDES)
        answers[conflict.bullet] = next(side for side in SIDES if side == answer)
    return answers


def ask_union(found: Alike, operation: Operation) -> bool:
    """Whether a person wants two bullets made one by `operation`. Leaving is `typer.Abort`."""
    screen = console(stderr=True)
    print_alike(screen, found)
    say(screen, line(operation.text), 2, first="together  ")
    return _asked("Make them one? [y]es or [n]o", ("yes", "no")) == "yes"


def _asked(question: str, answers: Sequence[str]) -> str:
    """Which of `answers` is given, whole or by its first letter."""
    while True:
        given = typer.prompt(f"{question} ([q] leaves)", err=True).strip().lower()
        if given in ("q", "quit"):
            raise typer.Abort
        for answer in answers:
            if given in (answer, answer[0]):
                return answer


def print_alike(screen: Console, found: Alike) -> None:
    """Print two bullets to review, and why."""
    how = "contradict each other" if found.likeness.kind is Kind.CONTRADICTS else "are alike"
    say(screen, f"These two {how} ({found.likeness.why}):", style="bold")
    for b in found.pair:
        say(screen, line(b.text), 2, first=f"{b.id}  ")


def named(r: Revision) -> str:
    """A revision as `NAME@NUMBER`."""
    return f"{r.playbook}@{r.number}"
