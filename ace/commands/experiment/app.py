"""The nouns of measuring what changed, and why: their options and arguments."""

from __future__ import annotations

from typing import Annotated

import typer

from ace.commands.terminal.common import JsonOption, StoreOption
from ace.commands.terminal.completion import runs

_Subject = Annotated[
    str, typer.Argument(metavar="RUN|NAME", help="A run's id, or its beginning, or a playbook.", autocompletion=runs)
]


def _show_diversity(subject: _Subject, store: StoreOption = "", json: JsonOption = False) -> None:
    """How varied the agent's replies and choices are, revision by revision, and an alarm where they narrow and success falls.

    A run is looked at by itself; a playbook with all the attempts that were shown one of its revisions. Nothing is asked of a
    model. Attempts that measured stand apart from those that were learned from, because only the latter explore.
    """
    from ace.commands.experiment.diversity import show

    show(subject, store, json)


def diversity(app: typer.Typer) -> None:
    """Make it a command of `app`."""
    app.command("diversity")(_show_diversity)
