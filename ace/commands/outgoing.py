"""Writing a playbook to a file that a user named, or to standard output."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ace.commands.common import console, count, opened
from ace.commands.streams import write_stdout
from ace.editing.replacing import Existing
from ace.errors import BadSetting
from ace.memory.copying import copy_of
from ace.playbooks.bullet import clean
from ace.playbooks.formats import FORMATS, Format, format_for, format_of
from ace.playbooks.formats.history import render_history
from ace.playbooks.formats.seal import seal


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What to write: the revision, the format (empty: by the file's name), whether the whole history, the file (empty or `-`:
    standard output), and whether to replace a file that is something else."""

    ref: str
    format: str = ""
    history: bool = False
    out: str = ""
    force: bool = False


def write_out(wanted: Outgoing, store: str) -> None:
    """Export as `wanted`. Raises the user's mistakes; then nothing is written."""
    form = _format(wanted)
    with opened(store) as db:
        past = db.histories.of(wanted.ref) if wanted.history else []
        copy = copy_of(db, wanted.ref, counts=form.counts)
        text = render_history(past) if wanted.history else form.render(copy)
        if wanted.out in ("", "-"):
            write_stdout(seal(text, form.name) if form.json else text)
            return
        file = Existing(Path(wanted.out), wanted.force)
        if file.keeps_the_rest(form, asked=bool(wanted.format)):
            form, kept = FORMATS["agents"], file.place(copy, db)
        else:
            kept = file.replace(seal(text, form.name), form)
    what = f"{'the history of ' if wanted.history else ''}{copy.playbook}@{copy.revision}"
    console().print(f"{clean(wanted.out)}: {what}, {count(len(copy.bullets), 'bullet')}, as {form.name}")
    if kept:
        console().print(f"the file as it was is kept as {clean(str(kept))}")


def _format(wanted: Outgoing) -> Format:
    if wanted.format:
        form = format_of(wanted.format)
    elif wanted.out not in ("", "-"):
        form = format_for(wanted.out)
    else:
        form = format_of("json" if wanted.history else "markdown")
    if wanted.history and form.name != "json":
        raise BadSetting(f"--history is for the json format, and the format is {form.name}")
    return form
