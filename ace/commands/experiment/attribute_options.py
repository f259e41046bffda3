"""The options of `ace attribute`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ace.commands.run.options import settings_from, takes_options, without
from ace.commands.terminal.common import JsonOption
from ace.flags import Door

_Base = Annotated[str, typer.Option("--base", metavar="MODEL", help="The model before its weights were changed.")]
_Tuned = Annotated[str, typer.Option("--tuned", metavar="MODEL", help="The model after it.")]
_BaseAt = Annotated[str, typer.Option("--base-api-base", metavar="URL", help="Address of the base's server; else --api-base.")]
_TunedAt = Annotated[
    str, typer.Option("--tuned-api-base", metavar="URL", help="Address of the tuned model's; else --api-base.")
]
_Start = Annotated[int, typer.Option("--start", min=0, metavar="REVISION", help="The playbook as it began: its revision.")]
_Anew = Annotated[bool, typer.Option("--anew", help="Play all attempts again, also those that the store has.")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what this would do and cost; send and store nothing.")]


@without("model")
@takes_options(Door.EVAL)
def _attribute(
    *,
    base: _Base,
    tuned: _Tuned,
    base_api_base: _BaseAt = "",
    tuned_api_base: _TunedAt = "",
    start: _Start = 0,
    anew: _Anew = False,
    dry_run: _DryRun = False,
    json: JsonOption = False,
    **options: Any,
) -> None:
    """What weights did, what the playbook did, and both: two models, each with the playbook as it began and as it became.

    The four cells are played on the same held-out tasks from the same seeds. Attempts that the store has are not played again,
    so that the same command goes on where it was stopped. Nothing is learned from them. A limit holds for all four together.
    """
    from ace.commands.experiment.attribute import measure, preview
    from ace.experiments.attribution import ModelPair

    settings = settings_from(Door.EVAL, {**options, "model": base})
    work = preview if dry_run else measure
    work(settings, ModelPair(base, tuned, base_api_base, tuned_api_base), start, anew=anew, as_json=json)


def attribute(app: typer.Typer) -> None:
    """Make it a command of `app`."""
    app.command("attribute")(_attribute)
