"""The options of `ace ceiling`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ace.commands.run.options import settings_from, takes_options
from ace.commands.terminal.common import JsonOption
from ace.flags import Door

_DryRun = Annotated[bool, typer.Option("--dry-run", help="Report what this would do and cost; send and store nothing.")]
_Anew = Annotated[bool, typer.Option("--anew", help="Play all attempts again, even those already in the store.")]


@takes_options(Door.EVAL, playbook="", attempts=16)
def _ceiling(*, anew: _Anew = False, dry_run: _DryRun = False, json: JsonOption = False, **options: Any) -> None:
    """How far the agent gets with many independent attempts at each task, without a playbook and with --playbook.

    Prints pass@k, the share of tasks won reliably, the tasks on which the playbook raised success, what the base would still
    reach, and which claims the data support and which they do not. Attempts already in the store are not played again, so the
    same command continues where it stopped. Limits apply to each of the two agents."""
    from ace.commands.experiment.ceiling import measure, preview

    settings = settings_from(Door.EVAL, options)
    work = preview if dry_run else measure
    work(settings, anew=anew, as_json=json)


def ceiling(app: typer.Typer) -> None:
    """Make it a command of `app`."""
    app.command("ceiling")(_ceiling)
