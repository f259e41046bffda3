"""`report`: a page in a file that a person named, or on standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ace.commands.terminal.common import console, opened
from ace.errors import BadSetting

if TYPE_CHECKING:
    from ace.memory.store import Store
    from ace.pages.document import Report

PageOption = Annotated[str, typer.Option("--out", "-o", metavar="FILE.html", help="The file to write; else standard output.")]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Replace FILE even if ace did not write it, or it was changed since; a copy is kept.")
]


def write_page(made: Callable[[Store], Report], store: str, out: str, force: bool) -> None:
    """Make a page from the store at `store` and write it to `out`. Raises the user's mistakes; then nothing is written."""
    from ace.commands.terminal.streams import work_is_kept, write_stdout
    from ace.editing.files import existing
    from ace.pages.document import rendered
    from ace.pages.writing import write
    from ace.playbooks.bullet import clean

    to_file = out not in ("", "-")
    if to_file:
        existing(Path(out))
    elif sys.stdout.isatty():
        raise BadSetting("a page is for a browser and not for a terminal; name a file: -o FILE.html")
    with opened(store) as db:
        page = made(db)
    if not to_file:
        write_stdout(rendered(page))
        return
    done = write(page, Path(out), force=force)
    work_is_kept()
    console().print(f"{clean(out)}: {page.title}, {done.size / 1000:,.0f} kB")
    if done.kept:
        console().print(f"the file as it was is kept as {clean(str(done.kept))}")
