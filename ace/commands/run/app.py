"""`ace run`: the main job, and `list`, `show`, `export` and `resume` for runs that are stored."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ace.commands.run.preview import Showing, preview
from ace.commands.terminal.common import (
    ContextOption,
    DryRunOption,
    FormatOption,
    JsonOption,
    LimitOption,
    MaxCalls,
    MaxSeconds,
    MaxTokens,
    MaxUsd,
    OutOption,
    PromptsOption,
    RecordOption,
    ShowPromptOption,
    StoreOption,
    pairs,
)
from ace.commands.terminal.completion import environments, gates, playbooks, runs, strategies

START = "start"


class RunGroup(TyperGroup):
    """`ace run ENV` is `ace run start ENV`: whatever is no subcommand is an environment or an option of `start`."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        known = args and args[0] in self.commands
        return super().parse_args(ctx, args if known else [START, *args])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        # So that the help's usage reads `ace run ENV`.
        return None if name == START else name, command, rest


app = typer.Typer(
    rich_markup_mode=None, cls=RunGroup, help="Run an agent: measure, learn, measure again. Also: list, show, export, resume."
)

_Env = Annotated[
    str,
    typer.Argument(
        metavar="ENV", help="Environment: a name, package.module:attribute or file.py:attribute.", autocompletion=environments
    ),
]
_Model = Annotated[str, typer.Option("--model", "-m", help="The model: novice, provider/name, manual:DIR, replay:FILE.")]
_Set = Annotated[list[str], typer.Option("--set", metavar="KEY=VALUE", help="A setting of the environment; may be repeated.")]
_AGAIN = "For a run that another person began: its"
_Concurrency = Annotated[int, typer.Option("--concurrency", help="Cases played at the same time.")]


@app.command(
    START,
    cls=Showing,
    epilog="Also: ace run list, ace run show RUN, ace run export RUN, ace run resume [RUN]. Exit status: 0 done, 1 failed, "
    "2 bad input, 3 budget, 130 interrupted.",
)
def start(
    environment: _Env = "desk",
    *,
    model: _Model = "novice",
    reflector_model: Annotated[str, typer.Option(help="Another model for the reflector.")] = "",
    curator_model: Annotated[str, typer.Option(help="Another model for the curator.")] = "",
    strategy: Annotated[
        str,
        typer.Option("--strategy", "-s", help="What is shown and learned: ace, reflexion, frozen.", autocompletion=strategies),
    ] = "ace",
    strategy_set: Annotated[
        list[str], typer.Option("--strategy-set", metavar="KEY=VALUE", help="A setting of the strategy; may be repeated.")
    ] = [],  # noqa: B006
    gate: Annotated[
        list[str],
        typer.Option(
            "--gate",
            metavar="NAME",
            help="Judge each delta, after the guards: a name, package.module:attribute or file.py:attribute; may be repeated.",
            autocompletion=gates,
        ),
    ] = [],  # noqa: B006
    gate_set: Annotated[
        list[str],
        typer.Option("--gate-set", metavar="KEY=VALUE", help="A setting of the gates that have it; may be repeated."),
    ] = [],  # noqa: B006
    set_: _Set = [],  # noqa: B006
    playbook: Annotated[
        str, typer.Option(help="Go on with this playbook (made if there is none); else a new one.", autocompletion=playbooks)
    ] = "",
    store: StoreOption = "",
    episodes: Annotated[int | None, typer.Option(help="Training cases; all of a finite split, else 300.")] = None,
    epochs: Annotated[int, typer.Option(help="Times to go through the training cases.")] = 1,
    batch: Annotated[int, typer.Option(help="Cases between two changes of the playbook; 1 is online.")] = 10,
    eval_: Annotated[int | None, typer.Option("--eval", help="Held-out cases; all of a finite split, else 200.")] = None,
    learn_only: Annotated[bool, typer.Option("--learn-only", help="Learn and measure nothing.")] = False,
    retries: Annotated[int, typer.Option(help="Further attempts at a lost training case, with its reflections.")] = 0,
    seed: Annotated[str, typer.Option(help="The seed of everything drawn by chance: a whole number.")] = "0",
    concurrency: _Concurrency = 16,
    temperature: Annotated[
        float | None, typer.Option(help="Sampling temperature; the provider's default if not given.")
    ] = None,
    top_p: Annotated[float | None, typer.Option(help="Nucleus sampling; the provider's default if not given.")] = None,
    max_tokens: Annotated[int | None, typer.Option(help="Longest reply, in tokens.")] = None,
    reasoning_effort: Annotated[str, typer.Option(help="Reasoning effort, for models that have it.")] = "",
    model_set: Annotated[
        list[str],
        typer.Option(metavar="KEY=VALUE", help="A parameter for the provider, passed as it is; JSON where it parses."),
    ] = [],  # noqa: B006
    timeout: Annotated[float, typer.Option(help="Bound on one request, in seconds.")] = 120.0,
    api_base: Annotated[str, typer.Option(help="Address of an OpenAI-compatible server.")] = "",
    context: ContextOption = [],  # noqa: B006
    max_usd: MaxUsd = None,
    max_tokens_total: MaxTokens = None,
    max_calls: MaxCalls = None,
    max_seconds: MaxSeconds = None,
    prompts: PromptsOption = "",
    dry_run: DryRunOption = False,
    show_prompt: ShowPromptOption = "",
    record: RecordOption = "",
    json: JsonOption = False,
) -> None:
    """Measure an agent on held-out cases, let it learn from others, and measure it again on the same cases.

    Nothing but the playbook changes in between. Without arguments: the support desk, the novice, no key, no network.
    """
    from ace.budget import Budget
    from ace.commands.run.running import Chosen, run_new
    from ace.errors import BadSetting
    from ace.roles.prompt_files import load_prompts
    from ace.settings import RunSettings, context_of

    try:
        seed_number = int(seed)
    except ValueError:
        raise BadSetting(f"seed is {seed!r}; it must be a whole number") from None
    sampling = {
        "temperature": temperature,
        "top_p": top_p,
        "max_tokens": max_tokens,
        "reasoning_effort": reasoning_effort or None,
        "extra": {k: _json_or_text(v) for k, v in pairs(model_set).items()} or None,
    }
    settings = RunSettings(
        environment=environment,
        settings=pairs(set_),
        model=model,
        reflector_model=reflector_model,
        curator_model=curator_model,
        strategy=strategy,
        strategy_settings=pairs(strategy_set),
        gates=tuple(gate),
        gate_settings=pairs(gate_set),
        playbook=playbook,
        episodes=episodes,
        epochs=epochs,
        batch=batch,
        eval=eval_,
        retries=retries,
        seed=seed_number,
        sampling={k: v for k, v in sampling.items() if v is not None},
        timeout=timeout,
        api_base=api_base,
        learn_only=learn_only,
        context=context_of(context),
        prompts=load_prompts(prompts).own,
    )
    budget = Budget(usd=max_usd, tokens=max_tokens_total, calls=max_calls, seconds=max_seconds)
    chosen = Chosen(store, concurrency, budget, json, record)
    if dry_run or show_prompt:
        preview(settings, chosen, show_prompt, plan=dry_run)
    else:
        run_new(settings, chosen)


def _json_or_text(text: str) -> Any:
    from json import JSONDecodeError, loads

    try:
        return loads(text)
    except JSONDecodeError:
        return text


@app.command("resume")
def resume(
    run: Annotated[
        str, typer.Argument(metavar="[RUN]", help="The run; the last one that is not done if not given.", autocompletion=runs)
    ] = "",
    *,
    store: StoreOption = "",
    concurrency: _Concurrency = 16,
    max_usd: MaxUsd = None,
    max_tokens_total: MaxTokens = None,
    max_calls: MaxCalls = None,
    max_seconds: MaxSeconds = None,
    env: Annotated[str, typer.Option(metavar="ENV", help=f"{_AGAIN} environment.")] = "",
    set_: Annotated[list[str], typer.Option("--set", metavar="KEY=VALUE", help=f"{_AGAIN} environment's settings.")] = [],  # noqa: B006
    strategy: Annotated[str, typer.Option("--strategy", "-s", help=f"{_AGAIN} strategy.")] = "",
    strategy_set: Annotated[list[str], typer.Option(metavar="KEY=VALUE", help=f"{_AGAIN} strategy's settings.")] = [],  # noqa: B006
    gate: Annotated[list[str], typer.Option("--gate", metavar="NAME", help=f"{_AGAIN} gates.")] = [],  # noqa: B006
    gate_set: Annotated[list[str], typer.Option(metavar="KEY=VALUE", help=f"{_AGAIN} gates' settings.")] = [],  # noqa: B006
    model: Annotated[str, typer.Option("--model", "-m", help=f"{_AGAIN} model.")] = "",
    reflector_model: Annotated[str, typer.Option(help=f"{_AGAIN} reflector's model.")] = "",
    curator_model: Annotated[str, typer.Option(help=f"{_AGAIN} curator's model.")] = "",
    api_base: Annotated[str, typer.Option(help=f"{_AGAIN} address of the server.")] = "",
    model_set: Annotated[list[str], typer.Option(metavar="KEY=VALUE", help=f"{_AGAIN} parameters for the provider.")] = [],  # noqa: B006
    record: RecordOption = "",
    json: JsonOption = False,
) -> None:
    """Go on with a run that was killed, interrupted, or stopped by a budget or a fault.

    Replies that were already paid for are used; only calls that were in flight are sent again. The limits that the run was
    given still hold, unless they are stated anew: those on dollars, tokens and calls for the run as a whole, the one on seconds
    from now on.

    A run that another person began, as in a store that was sent to you, may name code to run and an address to send your key
    to. What it names is then printed, and has to be named again here.
    """
    from ace.budget import Budget
    from ace.commands.run.running import Chosen, run_again

    named = {
        "environment": env,
        "settings": pairs(set_),
        "strategy": strategy,
        "strategy_settings": pairs(strategy_set),
        "gates": list(gate),
        "gate_settings": pairs(gate_set),
        "model": model,
        "reflector_model": reflector_model,
        "curator_model": curator_model,
        "api_base": api_base,
        "extra": {k: _json_or_text(v) for k, v in pairs(model_set).items()},
    }
    budget = Budget(usd=max_usd, tokens=max_tokens_total, calls=max_calls, seconds=max_seconds)
    run_again(run, Chosen(store, concurrency, budget, json, record), named)


@app.command("list")
def list_runs(store: StoreOption = "", limit: LimitOption = 50, json: JsonOption = False) -> None:
    """The runs in the store, the last one first."""
    from ace.commands.run.stored import show_list

    show_list(store, limit, json)


@app.command("show")
def show(
    run: Annotated[str, typer.Argument(help="The run's id.", autocompletion=runs)],
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """One run: what it was asked, what came out, what it cost."""
    from ace.commands.run.stored import show_one

    show_one(run, store, json)


@app.command("export")
def export(
    run: Annotated[str, typer.Argument(help="The run's id, or its beginning.", autocompletion=runs)],
    format: FormatOption = "jsonl",
    out: OutOption = "",
    store: StoreOption = "",
) -> None:
    """The episodes of a run as JSON Lines or CSV, a flat row for each, in the order they were stored.

    The columns are described in docs/json.md. `ace episode export --run RUN` gives whole episodes instead.
    """
    from ace.commands.run.stored import export_one

    export_one(run, format, out, store)
