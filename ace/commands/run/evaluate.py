"""`ace eval`: a playbook, at any revision, frozen, on a split."""

from __future__ import annotations

from typing import Any

import typer

from ace.commands.run import HELP
from ace.commands.run.options import settings_from, takes_options
from ace.commands.run.preview import PreviewCommand, preview
from ace.commands.terminal.common import DryRunOption, JsonOption, ShowPromptOption
from ace.flags import Door


@takes_options(Door.EVAL)
def evaluate(
    *, dry_run: DryRunOption = False, show_prompt: ShowPromptOption = "", json: JsonOption = False, **options: Any
) -> None:
    """Measure a playbook on cases without learning from them. Nothing in the playbook can change."""
    from ace.commands.run.running import run_evaluation

    settings = settings_from(Door.EVAL, options)
    if dry_run or show_prompt:
        preview(settings, show_prompt, plan=dry_run, as_json=json)
    else:
        run_evaluation(settings, as_json=json)


def mount(app: typer.Typer) -> None:
    """Make it a command of `app`, `eval`."""
    app.command("eval", cls=PreviewCommand, help=HELP["eval"])(evaluate)
