"""The nouns of measuring what changed, and why: their options and arguments."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ace.commands.run.options import execution_from, takes_way
from ace.commands.terminal.common import JsonOption, StoreOption
from ace.commands.terminal.completion import runs

_Subject = Annotated[
    str, typer.Argument(metavar="RUN|NAME", help="A run's id, or its beginning, or a playbook.", autocompletion=runs)
]


def _show_diversity(subject: _Subject, store: StoreOption = "", json: JsonOption = False) -> None:
    """How varied the agent's replies and choices are, revision by revision, and an alarm where they narrow and success falls.

    A run is analysed by itself, a playbook with all attempts that were shown one of its revisions. No model is called.
    Measuring attempts are listed apart from training attempts, because only the latter explore."""
    from ace.commands.experiment.diversity import show

    show(subject, store, json)


@takes_way
def _show_faithfulness(
    *,
    subject: _Subject,
    cases: Annotated[int, typer.Option(min=1, max=10_000, help="Decisions to probe.")] = 20,
    model: Annotated[str, typer.Option("--model", "-m", help="The model to ask; the run's own if not given.")] = "",
    api_base: Annotated[str, typer.Option(help="Address of an OpenAI-compatible server.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report what this would cost; send nothing.")] = False,
    json: JsonOption = False,
    **options: Any,
) -> None:
    """Whether the answers of stored attempts rest on the reasoning that precedes them, and on the bullets they cite.

    The last decision of each attempt is asked again: with its reasoning as it was, cut short, replaced by filler, in other
    words, with a mistake in it; and with a cited or an uncited bullet taken out. Asking again with the reasoning as it was
    measures the noise that the other changes are compared with. A decision takes about ten calls.
    """
    from ace.commands.experiment.faithfulness import show
    from ace.experiments.faithfulness.conduct import Probing
    from ace.memory.database.own_files import refuse_store

    how = execution_from(options)
    if how.record:
        refuse_store(how.record, how.store, "--record")
    asked = Probing(model, api_base, how.concurrency, how.budget, how.record)
    show(subject, cases, asked, how.store, dry=dry_run, as_json=json)


def diversity(app: typer.Typer) -> None:
    """Make it a command of `app`."""
    app.command("diversity")(_show_diversity)


def faithfulness(app: typer.Typer) -> None:
    """Make it a command of `app`."""
    app.command("faithfulness")(_show_faithfulness)
