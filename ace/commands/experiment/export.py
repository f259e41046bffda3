"""`ace export`: stored attempts as rows that TRL and verl train on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from ace.commands.experiment import HELP
from ace.commands.terminal.common import JsonOption, StoreOption, console, count, opened, print_json
from ace.commands.terminal.completion import runs
from ace.commands.terminal.outside import tell
from ace.commands.terminal.prose import say
from ace.commands.terminal.tables import Column, print_table
from ace.errors import BadSetting
from ace.playbooks.bullet import clean

if TYPE_CHECKING:
    from pathlib import Path

    from ace.exports.choosing import Selection
    from ace.exports.exporting import RowExport, RowForm
    from ace.exports.folder import WrittenFile
    from ace.memory.store import Store

app = typer.Typer(rich_markup_mode=None, help=HELP["export"], no_args_is_help=True)

_Subject = Annotated[
    str, typer.Argument(metavar="RUN|NAME", help="A run's id, or its beginning, or a playbook.", autocompletion=runs)
]
_For = Annotated[str, typer.Option("--for", metavar="KIND", help="The training method: sft, dpo, kto or grpo.")]
_Prompt = Annotated[str, typer.Option("--prompt", help="The playbook in the prompts: with, without or both.")]
_Episode = Annotated[list[str], typer.Option("--episode", metavar="ID", help="Only this attempt; may be repeated.")]
_HeldOut = Annotated[
    bool, typer.Option("--held-out", help="Also export attempts at held-out tasks (val, test), in separate files.")
]
_Untrusted = Annotated[bool, typer.Option("--untrusted", help="Also export attempts whose texts come from unverified senders.")]
_Out = Annotated[
    str, typer.Option("--out", "-o", metavar="DIR", help="A folder, with one file per split; standard output if not given.")
]
_Force = Annotated[
    bool, typer.Option("--force", help="Replace files that ace did not write or that were changed; keeps copies.")
]
_PROMPTS = {
    "with": "prompts with the playbook",
    "without": "prompts without the playbook",
    "both": "prompts with the playbook and without it",
}
_FILES = (Column("file"), Column("rows", right=True), Column("size", right=True))


@app.command("trl")
def trl(
    *,
    subject: _Subject = "",
    kind: _For = "",
    prompt: _Prompt = "with",
    episode: _Episode = [],  # noqa: B006
    held_out: _HeldOut = False,
    untrusted: _Untrusted = False,
    out: _Out = "",
    force: _Force = False,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Rows in the conversational formats of TRL: won replies (sft), pairs of a won and a lost reply to the same prompt (dpo),
    replies labelled won or lost (kto), prompts (grpo).

    Held-out tasks and untrusted, invalid and purged attempts are left out; how many is printed. docs/export.md.
    """
    from ace.exports.exporting import form_of

    _export(form_of("trl", kind), _Asked(subject, episode, prompt, held_out, untrusted), _Place(out, force, store), json)


@app.command("verl")
def verl(
    *,
    subject: _Subject = "",
    prompt: _Prompt = "with",
    episode: _Episode = [],  # noqa: B006
    held_out: _HeldOut = False,
    untrusted: _Untrusted = False,
    out: _Out = "",
    force: _Force = False,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Rows as verl reads them: prompts of tasks, with the answer of an attempt that was won as ground truth.

    Tasks that were never won have no known answer and are left out. Held-out tasks and untrusted, invalid and purged attempts
    are left out; how many is printed. docs/export.md."""
    from ace.exports.exporting import form_of

    _export(form_of("verl"), _Asked(subject, episode, prompt, held_out, untrusted), _Place(out, force, store), json)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to leave."""

    subject: str
    episodes: list[str]
    prompt: str
    held_out: bool
    untrusted: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """From where to where."""

    out: str
    force: bool
    store: str

    @property
    def to_folder(self) -> bool:
        return self.out not in ("", "-")


def _export(form: RowForm, asked: _Asked, place: _Place, as_json: bool) -> None:
    from ace.commands.terminal.streams import work_is_kept, write_stdout
    from ace.exports.exporting import export, one_split, open_folder, shown_of
    from ace.exports.folder import line_of

    shown = shown_of(asked.prompt)
    if as_json and not place.to_folder:
        raise BadSetting("--json tells what was written, and rows go to standard output; name a folder with -o")
    folder = open_folder(place.out, force=place.force) if place.to_folder else None
    with opened(place.store) as db:
        about, choice = _choice(db, asked)
        made = export(db, choice, form, shown, about)
        if folder is not None:
            done = made.to_folder(folder)
            work_is_kept()
            _report(made, done, folder.removed, as_json)
            return
        split, counted = one_split(made), 0

        def lines() -> Iterator[str]:
            nonlocal counted
            for row in made.rows(split):
                counted += 1
                yield line_of(row)

        write_stdout(lines())
        if not counted:
            raise made.nothing()
    left_out = f"; left out: {made.seen.reasons}" if made.seen.reasons else ""
    tell(f"{count(counted, 'row')} of {made.about}{left_out}")


def _choice(db: Store, asked: _Asked) -> tuple[str, Selection]:
    from ace.commands.experiment.subject import subject
    from ace.exports.choosing import Selection
    from ace.memory.database.prefixes import IdKind

    if bool(asked.subject) == bool(asked.episodes):
        raise BadSetting("say what to export: a run or a playbook, or attempts with --episode")
    if asked.episodes:
        ids = tuple(dict.fromkeys(db.whole(IdKind.EPISODE, id) for id in asked.episodes))
        return count(len(ids), "episode"), Selection(ids=ids, held_out=asked.held_out, untrusted=asked.untrusted)
    found = subject(db, asked.subject)
    about = f"run {found.run.id}" if found.run else f"playbook {found.playbook}"
    return about, Selection(found.playbook, found.run, held_out=asked.held_out, untrusted=asked.untrusted)


def _report(made: RowExport, done: list[WrittenFile], removed: list[Path], as_json: bool) -> None:
    if as_json:
        files = [
            {"file": str(w.path), "rows": w.rows, "bytes": w.size, "kept": None if w.kept is None else str(w.kept)}
            for w in done
        ]
        print_json({**made.as_json(), "files": files, "removed": list(map(str, removed))})
        return
    screen = console()
    rows = [[clean(str(w.path)), f"{w.rows:,}", f"{w.size / 1000:,.0f} kB"] for w in done]
    print_table(screen, _FILES, rows, title=f"{made.form.name}, {made.about}, {_PROMPTS[made.shown.value]}")
    for w in done:
        if w.kept is not None:
            say(screen, f"the file as it was is kept as {clean(str(w.kept))}")
    for path in removed:
        say(screen, f"{clean(str(path))} of the export that stood there is removed")
    if made.seen.reasons:
        say(screen, f"Left out: {made.seen.reasons}.")
