"""`ace playbook export`: a playbook in a file that a user named, or on standard output."""

from __future__ import annotations

from ace.commands.terminal.common import console, count, opened
from ace.commands.terminal.streams import work_is_kept, write_stdout
from ace.editing.exporting import Outgoing, export
from ace.playbooks.bullet import State, clean

STATELESS = frozenset(("agents", "ace", "skillbook", "skillbook-0.9", "plain"))
"""Shipped formats in which a guess reads like a lesson."""


def write_out(wanted: Outgoing, store: str) -> None:
    """Export as `wanted`, and say what was written. Raises the user's mistakes; then nothing is written."""
    with opened(store) as db:
        done = export(db, wanted)
    if done.copy.left_out and not wanted.history:
        name, n = done.copy.playbook, done.copy.left_out
        said = f"{count(n, 'distrusted bullet')} {'is' if n == 1 else 'are'} left out; ace playbook trust {name} says why"
        console(stderr=True).print(said)
    guesses = sum(b.state is State.CANDIDATE for b in done.copy.bullets)
    if guesses and done.form.name in STATELESS:
        said = f"{guesses:,} {'guess' if guesses == 1 else 'guesses'} {'is' if guesses == 1 else 'are'} written as a lesson is"
        console(stderr=True).print(f"{said}: the format {done.form.name} has no states; markdown and json have")
    if not wanted.to_file:
        write_stdout(done.text)
        return
    work_is_kept()
    copy = done.copy
    what = f"{'the history of ' if wanted.history else ''}{copy.playbook}@{copy.revision}"
    console().print(f"{clean(wanted.out)}: {what}, {count(len(copy.bullets), 'bullet')}, as {done.form.name}")
    if not copy.bullets and not wanted.history:
        console(stderr=True).print(f"{copy.playbook}@{copy.revision} has no bullets, so {clean(wanted.out)} gets none")
    if done.kept:
        console().print(f"the file as it was is kept as {clean(str(done.kept))}")
