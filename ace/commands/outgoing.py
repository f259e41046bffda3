"""Writing a playbook to a file that a user named, or to standard output."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ace.commands.common import console, count, opened
from ace.commands.files import existing_text, named, write_text
from ace.commands.streams import write_stdout
from ace.errors import BadInput, BadSetting
from ace.memory.store import Store
from ace.playbooks.bullet import clean
from ace.playbooks.formats import Format, format_for, format_of, read
from ace.playbooks.formats.agents import place_agents
from ace.playbooks.formats.history import render_history
from ace.playbooks.formats.line import Copy


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
    if wanted.out not in ("", "-") and form.name == "agents":
        _place(Path(wanted.out), copy)
    else:
        text = render_history(past) if wanted.history else form.render(copy)
        if wanted.out in ("", "-"):
            write_stdout(text)
            return
        _write(Path(wanted.out), text, form, wanted.force)
    what = f"{'the history of ' if wanted.history else ''}{copy.playbook}@{copy.revision}"
    console().print(f"{clean(wanted.out)}: {what}, {count(len(copy.bullets), 'bullet')}, as {form.name}")


def copy_of(db: Store, ref: str, *, counts: bool = False) -> Copy:
    """The live bullets of a playbook at a revision, to be written; with `counts` what is known of them."""
    view = db.view(ref)
    bullets, r = view.bullets(), view.revision
    records = view.records([b.id for b in bullets]) if counts else {}
    return Copy(r.playbook, r.number, r.hash, r.digest, bullets, records)


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


def _write(path: Path, text: str, form: Format, force: bool) -> None:
    if not force:
        there = existing_text(path) or ""
        try:
            _ = read(there, form.name) if there.strip() else None
        except BadInput as error:
            is_none = f"{path} is there and is no playbook in the format {form.name} ({error})"
            raise BadInput(f"{is_none}; name another file, or give --force") from None
    write_text(path, text)


def _place(path: Path, copy: Copy) -> None:
    there = existing_text(path)
    skill = path.absolute().parent.name if path.name.lower() == "skill.md" else None
    with named(path):
        text = place_agents(copy, there or "", skill=skill)
    if text != there:
        write_text(path, text)
