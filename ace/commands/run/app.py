"""`ace run`: the main job, and `list`, `show`, `export` and `resume` for runs that are stored."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ace.commands.run import HELP
from ace.commands.run.options import execution_from, named_from, settings_from, takes_execution, takes_options
from ace.commands.run.preview import PreviewCommand, preview
from ace.commands.terminal.common import (
    DryRunOption,
    FormatOption,
    JsonOption,
    LimitOption,
    OutOption,
    ShowPromptOption,
    StoreOption,
)
from ace.commands.terminal.completion import runs
from ace.commands.terminal.page_file import ForceOption, PageOption
from ace.flags import Door

START = "start"


class RunGroup(TyperGroup):
    """`ace run ENV` is `ace run start ENV`: a word that is not a subcommand is an environment or an option of `start`."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        known = args and args[0] in self.commands
        return super().parse_args(ctx, args if known else [START, *args])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        # So that the help's usage reads `ace run ENV`.
        return None if name == START else name, command, rest


_Run = Annotated[
    str, typer.Argument(metavar="RUN", help="The run; the newest unfinished one if not given.", autocompletion=runs)
]

app = typer.Typer(rich_markup_mode=None, cls=RunGroup, help=HELP["run"])


@app.command(
    START,
    cls=PreviewCommand,
    epilog="Also: ace run list, ace run show RUN, ace run report RUN, ace run export RUN, ace run resume [RUN]. Exit status: "
    "0 done, 1 failed, 2 bad input, 3 budget, 130 interrupted.",
)
@takes_options(Door.RUN)
def start(
    *, dry_run: DryRunOption = False, show_prompt: ShowPromptOption = "", json: JsonOption = False, **options: Any
) -> None:
    """Measure an agent on held-out cases, let it learn from others, and measure it again on the same cases.

    After each batch of cases a reflector says what the attempts teach, and a curator edits the playbook, a list of lessons
    (bullets); nothing else changes. Without arguments: the support desk, the novice, no key, no network.
    """
    from ace.commands.run.running import run_new

    settings = settings_from(Door.RUN, options)
    if dry_run or show_prompt:
        preview(settings, show_prompt, plan=dry_run, as_json=json)
    else:
        run_new(settings, as_json=json)


@app.command("resume")
@takes_execution
def resume(*, run: _Run = "", json: JsonOption = False, **options: Any) -> None:
    """Resume a run that was killed, interrupted, or stopped by a budget or a fault.

    Replies that were already paid for are used; only calls that were in flight are sent again. The limits given before still
    apply unless they are given again: those on dollars, tokens and calls for the run as a whole, the one on seconds from now
    on.

    A run that another person started, as in a store that was sent to you, may name code to run and an address to send your key
    to. What it names is then printed, and has to be confirmed by naming it again here."""
    from ace.commands.run.running import run_again

    run_again(run, execution_from(options), named_from(options), as_json=json)


@app.command("list")
def list_runs(store: StoreOption = "", limit: LimitOption = 50, json: JsonOption = False) -> None:
    """The runs in the store, newest first."""
    from ace.commands.run.stored import show_list

    show_list(store, limit, json)


@app.command("show")
def show(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run's id.", autocompletion=runs)],
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """One run: its settings, its results and its cost."""
    from ace.commands.run.stored import show_one

    show_one(run, store, json)


@app.command("export")
def export(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run's id, or its beginning.", autocompletion=runs)],
    format: FormatOption = "jsonl",
    out: OutOption = "",
    store: StoreOption = "",
) -> None:
    """The episodes of a run as JSON Lines or CSV, a flat row for each, in the order they were stored.

    The columns are described in docs/json.md. `ace episode export --run RUN` gives whole episodes instead.
    """
    from ace.commands.run.stored import export_one

    export_one(run, format, out, store)


@app.command("report")
def report(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run's id, or its beginning.", autocompletion=runs)],
    out: PageOption = "",
    force: ForceOption = False,
    store: StoreOption = "",
) -> None:
    """A run as one HTML page: whether it helped, by how much and with what certainty, what was learned, and what it cost.

    The page is made from the store alone and is self-contained: it needs no network and no script. A page that ace wrote and
    that was not changed since is replaced; any other file needs --force.
    """
    from ace.commands.run.stored import report_one

    report_one(run, out, force, store)
