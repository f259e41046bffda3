"""The options of `ace playbook counterfactual`."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ace.commands.run.options import settings_from, takes_options, without
from ace.commands.terminal.common import AnewOption, JsonOption, StudyDryRunOption
from ace.commands.terminal.completion import environments, playbooks
from ace.flags import Door

if TYPE_CHECKING:
    from ace.settings import RunSettings

_Name = Annotated[str, typer.Argument(metavar="NAME", help="The playbook: NAME or NAME@REVISION.", autocompletion=playbooks)]
_Env = Annotated[
    str,
    typer.Argument(
        metavar="ENV",
        help="Environment; that of the last run that changed the playbook, with its settings and model, if not given.",
        autocompletion=environments,
    ),
]
_By = Annotated[str, typer.Option("--by", metavar="WAY", help="Tell bullets apart: none, leave-one-out, inclusion or both.")]
_Plays = Annotated[
    int, typer.Option("--plays", min=1, max=10_000, help="Attempts at each task with bullets drawn by chance (--by inclusion).")
]
_SET = ("environment", "playbook", "attempts", "strategy")
"""Options of an evaluation that this command states itself."""
_FROM_RUN = {"model": "novice", "seed": "0"}
"""Options that are those of the last run where they are not given and no environment is named, with what they are otherwise."""


@without(*_SET, first=("name", "env"))
@takes_options(Door.EVAL, model="", seed="")
def counterfactual(
    *,
    name: _Name,
    env: _Env = "",
    by: _By = "none",
    plays: _Plays = 8,
    anew: AnewOption = False,
    dry_run: StudyDryRunOption = False,
    json: JsonOption = False,
    **options: Any,
) -> None:
    """What the playbook does to each held-out task (won with and without it, gained, harmed, neither), and each bullet.

    Every task is played once with the playbook and once without, from the same seed. --by leave-one-out plays it once more
    without each bullet, --by inclusion --plays times with each bullet drawn by chance. Nothing is learned from these attempts.
    Attempts already in the store are not played again, so the same command continues where it stopped. Limits apply to all
    attempts together."""
    from ace.commands.playbook.counterfactual import measure, preview

    stated = {"environment": env or "desk", "playbook": name, "attempts": 1, "strategy": "frozen"}
    given = {name for name in _FROM_RUN if options[name]}
    settings = settings_from(Door.EVAL, {**options, **stated, **{n: options[n] or v for n, v in _FROM_RUN.items()}})
    found = settings if env else _as_last_run(settings, given)
    work = preview if dry_run else measure
    work(found, by, plays, anew=anew, as_json=json)


def _as_last_run(settings: RunSettings, given: Set[str]) -> RunSettings:
    """`settings` in the environment of the last run of this person that changed their playbook (where none did, of the last
    run on it), which also has what was not stated; what is `given` was, also where it is the default. Raises `BadSetting`
    where there is none."""
    from ace.commands.terminal.common import opened
    from ace.commands.terminal.outside import tell
    from ace.errors import BadSetting
    from ace.runs.stored import changed_by, settings_of_run
    from ace.runs.trust import doubt

    with opened(settings.store) as store:
        name = store.resolve(settings.playbook).playbook
        mine = [r for r in store.runs() if r.result.get("playbook") == name and not r.config.get("given") and doubt(r) is None]
        if not mine:
            raise BadSetting(
                f"no run of yours is on playbook {name}; name the environment: ace playbook counterfactual {name} ENV"
            )
        changed = {r.id for r in changed_by(store, name)}
        run = ([r for r in mine if r.id in changed] or mine)[-1]
        last = settings_of_run(run)
    stock = {f.name: f.default for f in fields(settings)}
    taken = ("settings", "model", "api_base", "seed", "sampling", "prompts", "context", "timeout", "mask")
    unstated = {n: getattr(last, n) for n in taken if n not in given and getattr(settings, n) in (stock[n], {})}
    made = replace(settings, environment=last.environment, **unstated)
    tell(f"as in run {run.id}: {made.environment}, {made.model}")
    return made
