"""The options of `ace attribute`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ace.commands.run.options import settings_from, takes_options, without
from ace.commands.terminal.common import AnewOption, JsonOption, StudyDryRunOption
from ace.flags import Door

_Base = Annotated[str, typer.Option("--base", metavar="MODEL", help="The model before training.")]
_Tuned = Annotated[str, typer.Option("--tuned", metavar="MODEL", help="The model after training.")]
_BaseAt = Annotated[
    str, typer.Option("--base-api-base", metavar="URL", help="Address of the base model's server; else --api-base.")
]
_TunedAt = Annotated[
    str, typer.Option("--tuned-api-base", metavar="URL", help="Address of the tuned model's server; else --api-base.")
]
_Start = Annotated[int, typer.Option("--start", min=0, metavar="REVISION", help="The revision at which the playbook started.")]


@without("model")
@takes_options(Door.EVAL)
def _attribute(
    *,
    base: _Base,
    tuned: _Tuned,
    base_api_base: _BaseAt = "",
    tuned_api_base: _TunedAt = "",
    start: _Start = 0,
    anew: AnewOption = False,
    dry_run: StudyDryRunOption = False,
    json: JsonOption = False,
    **options: Any,
) -> None:
    """The effect of the trained weights, of the playbook, and of both: two models, each with the playbook as it began and as it
    is.

    The four cells are played on the same held-out tasks from the same seeds. Attempts already in the store are not played
    again, so the same command continues where it stopped. Nothing is learned from them. Limits apply to all four cells
    together."""
    from ace.commands.experiment.attribute import measure, preview
    from ace.experiments.attribution import ModelPair

    settings = settings_from(Door.EVAL, {**options, "model": base})
    work = preview if dry_run else measure
    work(settings, ModelPair(base, tuned, base_api_base, tuned_api_base), start, anew=anew, as_json=json)


def attribute(app: typer.Typer) -> None:
    """Make it a command of `app`."""
    app.command("attribute")(_attribute)
