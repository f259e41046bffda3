"""`ace playbook export` and `ace playbook import`: playbooks as files, in our formats and in others'."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ace.commands.terminal.common import AuthorOption, JsonOption, StoreOption
from ace.commands.terminal.completion import playbooks


def export(
    ref: Annotated[
        str, typer.Argument(metavar="REF", help="NAME, or NAME@REVISION (a number or a hash).", autocompletion=playbooks)
    ],
    *,
    format: Annotated[
        str,
        typer.Option("--format", "-f", help="markdown, json, agents, ace, skillbook, skillbook-0.9 or plain; else by FILE."),
    ] = "",
    history: Annotated[bool, typer.Option("--history", help="json: every delta since the empty playbook.")] = False,
    out: Annotated[str, typer.Option("--out", "-o", metavar="FILE", help="The file to write; else standard output.")] = "",
    force: Annotated[
        bool,
        typer.Option("--force", help="Replace FILE even if ace did not write it, or it was changed since; a copy is kept."),
    ] = False,
    store: StoreOption = "",
) -> None:
    """Write a playbook to a file. An export that was not changed since is replaced. AGENTS.md, CLAUDE.md, SKILL.md and other
    files of rules get a marked part, and keep what else is in them. Anything else needs --force."""
    from ace.commands.playbook.export_file import write_out
    from ace.editing.exporting import Outgoing

    write_out(Outgoing(ref, format, history, out, force), store)


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to read; - is standard input.", show_default=False)],
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="The playbook; created if it does not exist.", show_default=False, autocompletion=playbooks
        ),
    ],
    *,
    format: Annotated[
        str,
        typer.Option(
            "--format", "-f", help="markdown, json, agents, ace, skillbook or plain; detected from the file if not given."
        ),
    ] = "",
    near: Annotated[
        str, typer.Option("--near", help="Near duplicates: ignore; report them; merge: leave out what says the same.")
    ] = "ignore",
    update: Annotated[bool, typer.Option("--update", help="Give bullets with the ids of FILE its texts and sections.")] = False,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave out bullets that guards refuse.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse a file that holds anything but bullets.")] = False,
    reason: Annotated[str, typer.Option("--reason", "-r", help="The reason, for the log.")] = "",
    author: AuthorOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report what would be done; write nothing.")] = False,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Read a file into a playbook: what the playbook does not say yet is added, in one revision.

    Of a file of rules that a person wrote (AGENTS.md, CLAUDE.md, SKILL.md, rules of Cursor) the items of lists become bullets
    under their headings; prose, code, tables and the rest are listed by line. Where an export has written a part of the file,
    only that part is read."""
    from ace.commands.playbook.import_file import Incoming, read_in
    from ace.memory.exchange.imports import ImportSettings, near_of

    how = ImportSettings(reason, update, near_of(near), dry_run, author)
    read_in(Incoming(file, name, format, skip_bad, how, strict), store, json)
