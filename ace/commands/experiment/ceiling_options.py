"""The options of `ace ceiling`."""

from __future__ import annotations

from typing import Any

import typer

from ace.commands.run.options import settings_from, takes_options
from ace.commands.terminal.common import AnewOption, JsonOption, StudyDryRunOption
from ace.flags import Door


@takes_options(Door.EVAL, playbook="", attempts=16)
def _ceiling(*, anew: AnewOption = False, dry_run: StudyDryRunOption = False, json: JsonOption = False, **options: Any) -> None:
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
