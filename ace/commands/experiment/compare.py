"""`ace compare`: arms over seeds; and what is done with stored experiments."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ace.commands.experiment import HELP
from ace.commands.run.app import START, RunGroup
from ace.commands.run.options import execution_from, named_from, settings_from, takes_execution, takes_options
from ace.commands.run.preview import NamelessCommand
from ace.commands.terminal.common import JsonOption, LimitOption, OutOption, StoreOption
from ace.commands.terminal.page_file import ForceOption, PageOption, write_page
from ace.flags import Door

ARMS, SEEDS = "empty,reflexion,ace", 3
"""What is compared, and over how many seeds, where nothing is said."""

app = typer.Typer(rich_markup_mode=None, cls=RunGroup, help=HELP["compare"])

_Experiment = Annotated[str, typer.Argument(metavar="EXPERIMENT", help="The experiment, or the beginning of its id.")]
_Baseline = Annotated[
    str, typer.Option("--baseline", metavar="ARM", help="Compare with this arm instead of the experiment's own baseline.")
]
_Last = Annotated[str, typer.Argument(metavar="EXPERIMENT", help="The experiment; the newest one if not given.")]
_Unfinished = Annotated[
    str, typer.Argument(metavar="EXPERIMENT", help="The experiment; the newest unfinished one if not given.")
]
_Arms = Annotated[
    str,
    typer.Option(
        metavar="A,B,...",
        help="Arms, separated by commas: empty, or a strategy's name. Ax2: the arm twice, to measure the noise.",
    ),
]
_Arm = Annotated[
    list[str],
    typer.Option(
        "--arm",
        metavar="NAME=STRATEGY:KEY=VALUE,...",
        help="An arm of your own: a strategy with settings, or with gates or masks of its own, as in a=ace:gate=trial; may be "
        "repeated.",
    ),
]
_Shots = Annotated[
    str, typer.Option("--shots", metavar="K,K,...", help="Also the arm fewshot with each of these numbers of demonstrations.")
]
_SeedCount = Annotated[
    int | None, typer.Option("--seeds", metavar="N", min=1, max=1000, help="How many seeds: 0 to N-1; 3 if not given.")
]
_SeedList = Annotated[
    str, typer.Option("--seed", metavar="LIST", help="The seeds themselves, separated by commas, as in 3,7,11.")
]


@app.command(
    START,
    cls=NamelessCommand,
    epilog="Also: ace compare list, show, report, export, experts, routes, resume, extend. Exit status: 0 done, 1 failed, "
    "2 bad input, 3 budget, 130 interrupted.",
)
@takes_options(Door.COMPARE)
def start(
    *,
    arms: _Arms = ARMS,
    arm: _Arm = [],  # noqa: B006
    shots: _Shots = "",
    seeds: _SeedCount = None,
    seed: _SeedList = "",
    baseline: Annotated[
        str, typer.Option(metavar="ARM", help="The arm that the others are compared with; empty, else the first.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Report what this would do, with calls, tokens and cost per arm; store nothing.")
    ] = False,
    json: JsonOption = False,
    **options: Any,
) -> None:
    """Run every arm over the same seeds and tasks, and say which differences can be told from chance.

    Each arm learns from the same training cases, in an order that the seed draws, and is then measured on the same held-out
    cases. Each arm and seed is a run that `ace run show` knows.
    """
    from ace.commands.experiment.running import compare, preview
    from ace.experiments.arms import arms_of, fewshot_arms
    from ace.experiments.design import designed, seeds_of

    settings = settings_from(Door.COMPARE, options)
    design = designed(
        settings, arms_of(arms, [*arm, *fewshot_arms(shots)]), seeds_of(seeds, seed) or tuple(range(SEEDS)), baseline
    )
    if dry_run:
        preview(design, as_json=json)
    else:
        compare(design, as_json=json)


@app.command("resume")
@takes_execution
def resume(*, experiment: _Unfinished = "", json: JsonOption = False, **options: Any) -> None:
    """Resume an experiment that was killed, interrupted, or stopped by a budget or a fault.

    Finished runs are not repeated, and a stopped run continues where it was, so the figures are those of an experiment that was
    never stopped. The limits given before still apply unless they are given again."""
    from ace.commands.experiment.running import go_on

    go_on(experiment, execution_from(options), named_from(options), as_json=json)


@app.command("extend")
@takes_execution
def extend(
    *,
    experiment: _Experiment,
    arms: Annotated[str, typer.Option(metavar="A,B,...", help="Arms to add, as in ace compare.")] = "",
    arm: _Arm = [],  # noqa: B006
    shots: _Shots = "",
    seeds: Annotated[
        int | None, typer.Option("--seeds", metavar="N", min=1, max=1000, help="Seeds 0 to N-1: missing ones are added.")
    ] = None,
    seed: Annotated[str, typer.Option("--seed", metavar="LIST", help="Seeds to add, separated by commas.")] = "",
    json: JsonOption = False,
    **options: Any,
) -> None:
    """Add arms or seeds to an experiment, and run what is new. Finished runs are not repeated.

    The environment, the model and all other settings stay as they are; with others it would be another experiment.
    """
    from ace.commands.experiment.running import go_on
    from ace.experiments.arms import arms_of, fewshot_arms
    from ace.experiments.design import seeds_of

    added = arms_of(arms, [*arm, *fewshot_arms(shots)]), seeds_of(seeds, seed)
    go_on(experiment, execution_from(options), named_from(options), added, as_json=json)


@app.command("list")
def list_experiments(store: StoreOption = "", limit: LimitOption = 50, json: JsonOption = False) -> None:
    """The experiments in the store, newest first."""
    from ace.commands.experiment.stored import show_list

    show_list(store, limit, json)


@app.command("show")
def show(experiment: _Last = "", baseline: _Baseline = "", store: StoreOption = "", json: JsonOption = False) -> None:
    """The table of an experiment, as far as it has come, and what can be concluded."""
    from ace.commands.experiment.stored import show_one

    show_one(experiment, store, json, baseline)


@app.command("experts")
def experts(experiment: _Last = "", store: StoreOption = "", json: JsonOption = False) -> None:
    """For arms of the strategy experts: where cases were dispatched, regret, cost of the first pass, interference."""
    from ace.commands.experiment.strategy_tables import show_experts

    show_experts(experiment, store, json)


@app.command("routes")
def routes(experiment: _Last = "", store: StoreOption = "", json: JsonOption = False) -> None:
    """For arms of the strategy route: the steps that the stronger model took, and how much of the gap they recovered."""
    from ace.commands.experiment.strategy_tables import show_routes

    show_routes(experiment, store, json)


@app.command("export")
def export(
    *,
    experiment: _Last = "",
    baseline: _Baseline = "",
    csv: Annotated[bool, typer.Option("--csv", help="A flat row for each arm, seed and task; the default.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON value with every figure and every outcome.")] = False,
    out: OutOption = "",
    store: StoreOption = "",
) -> None:
    """Every outcome of an experiment, for programs and spreadsheets."""
    from ace.commands.experiment.stored import export_one
    from ace.errors import BadSetting

    if csv and json:
        raise BadSetting("--csv and --json are two formats; give one of them")
    export_one(experiment, store, out, baseline, as_json=json)


@app.command("report")
def report(
    *,
    experiment: _Last = "",
    baseline: _Baseline = "",
    out: PageOption = "",
    force: ForceOption = False,
    store: StoreOption = "",
) -> None:
    """An experiment as one HTML page: which arms beat the baseline, by how much, with what certainty, and at what cost.

    The page is made from the store alone and is self-contained: it needs no network and no script. A page that ace wrote and
    that was not changed since is replaced; any other file needs --force.
    """
    from ace.pages.compare import compare_page

    write_page(lambda db: compare_page(db, experiment, baseline), store, out, force)
